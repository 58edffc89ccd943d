import Model
import SQLite
import Store

/// One published snapshot, ready to be answered from: immutable, and swapped whole when a newer one lands.
struct FeedView: Sendable {
    /// The longest trend that is drawn: one point per slot of the kept history.
    private static let trendPoints: Int64 = 30

    let publication: Publication
    /// By rank.
    let standings: [Standing]
    /// Each model as the JSON that v4 answers, by rank.
    let bodies: [[UInt8]]
    /// Downloads over the kept history, oldest first, by rank; `nil` is a gap.
    let trends: [[Int64?]]
    /// From the oldest snapshot of the trend to the newest.
    let trendSpan: Duration
    let epoch: Epoch?

    static func load(_ publication: Publication, from db: borrowing Connection) throws(SQLiteError) -> FeedView {
        let rows = try db.run(.standings(snapshot: publication.snapshot.key))
        let slots = try trendSnapshots(publication, from: db)
        var places: [UInt32: Int] = [:]
        for (place, row) in rows.enumerated() { places[row.model] = place }
        var trends = [[Int64?]](repeating: Array(repeating: nil, count: slots.count), count: rows.count)
        for (slot, snapshot) in slots.enumerated() {
            try db.each(.counters(snapshot: snapshot.key)) { row in
                if let place = places[row.model] { trends[place][slot] = row.downloads }
            }
        }
        let body = ModelBody(
            publication: publication, familySizes: FamilySizes.count(rows.map(\.standing)))
        return FeedView(
            publication: publication, standings: rows.map(\.standing), bodies: rows.map { body.encode($0.standing) },
            trends: trends,
            trendSpan: slots.first.map { publication.snapshot.observedAt - $0.observedAt } ?? .zero,
            epoch: publication.epoch.map {
                Epoch(snapshotKey: 0, snapshot: $0, state: publication.epochState)
            })
    }

    /// The last snapshot of each slot of the kept history; a slot without one is passed over.
    private static func trendSnapshots(
        _ publication: Publication, from db: borrowing Connection
    ) throws(SQLiteError) -> [Snapshot] {
        let newest = publication.snapshot.observedAt
        let kept = try db.run(.scoredSnapshots(feed: publication.snapshot.feed))
            .filter { $0.observedAt <= newest && $0.observedAt >= newest - .days(30) }
        guard let oldest = kept.first?.observedAt else { return [] }
        let slot = max(1, ((newest - oldest).milliseconds + trendPoints) / trendPoints)
        // Oldest first, so the last one written to a slot is its newest.
        var last: [Int64: Snapshot] = [:]
        for snapshot in kept { last[(newest - snapshot.observedAt).milliseconds / slot] = snapshot }
        return last.values.sorted { $0.observedAt < $1.observedAt }
    }
}
