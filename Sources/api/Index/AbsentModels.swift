import Model
import SQLite
import Store

/// The models of a feed that a snapshot does not have: those that it had within the kept history are `stale`, those
/// that were asked for by themselves and not got are `error`. They have their last known figures, and neither rank nor
/// score nor change: these are of a snapshot.
struct AbsentModels: Sendable {
    /// How far the kept history reaches back.
    private static let reach: Duration = .days(30)

    static let none = AbsentModels([])

    private(set) var columns = ModelColumns()
    private(set) var lastSeen: [Timestamp?] = []
    /// What the upstream answered, by row.
    private(set) var errors: [Int: String] = [:]
    /// All rows by id, bytewise.
    let idOrder: [UInt32]
    /// Names the content: processes may have looked at different moments.
    let digest: String

    var count: Int { columns.count }

    init(_ models: [AbsentModel]) {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        for (row, model) in models.enumerated() {
            columns.append(model.model ?? 0, Self.standing(model.listing))
            lastSeen.append(model.lastSeen)
            errors[row] = model.error
            add(model.listing.id.text.utf8)
            add((model.lastSeen.map { "\($0.milliseconds)" } ?? "never").utf8)
            add((model.error ?? "").utf8)
        }
        idOrder = columns.ids.order()
        columns.placeNames(idOrder: idOrder)
        digest = String(sum, radix: 16)
    }

    /// - Parameter replaced: the cards that have been replaced since, by model.
    static func load(
        _ snapshot: Snapshot, replaced: ReplacedListings, from db: borrowing Connection
    ) throws(SQLiteError) -> AbsentModels {
        let edge = snapshot.observedAt - reach
        let current = try db.run(.absentModels(snapshot: snapshot.key, seenSince: edge))
        let seen = current + replaced.absent(from: snapshot, seenSince: edge)
        let known = Set(seen.map(\.listing.id))
        let unseen = try db.run(.upstreamErrors(beside: snapshot.key)).filter { !known.contains($0.listing.id) }
        return AbsentModels((seen + unseen).sorted { $0.listing.id < $1.listing.id })
    }

    private static func standing(_ listing: Listing) -> Standing {
        let gone = Delta.missing(.notListed)
        return Standing(
            listing: listing, rank: 0,
            scores: Scores(adoption: nil, ecosystem: nil, velocity: nil, total: nil),
            deltas: Deltas(downloads24h: gone, downloads7d: gone, likes24h: gone, likes7d: gone, rankChange: gone),
            family: FamilyPlace(root: listing.id, parentage: nil), anomaly: Anomaly())
    }

    func status(_ row: Int) -> ModelFilter.Status { errors[row] == nil ? .stale : .error }

    func row(of id: String) -> Int? {
        let wanted = Array(id.utf8)
        var (low, high) = (0, idOrder.count)
        while low < high {
            let middle = (low + high) / 2
            let order = columns.ids.compare(Int(idOrder[middle]), wanted)
            if order == 0 { return Int(idOrder[middle]) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The rows that a filter keeps, in order.
    func rows(_ filter: ModelFilter, sort: ModelSort) -> [UInt32] {
        let mask = filter.mask(of: columns)
        let statuses = Set(filter.statuses)
        return sort.order(of: columns, idOrder: idOrder, totals: columns.total)
            .filter { mask[Int($0)] && statuses.contains(status(Int($0))) }
    }
}

extension ModelFilter {
    /// Who says nothing about the status wants what the snapshot has.
    var wantsReady: Bool { statuses.isEmpty || statuses.contains(.ready) }
    var wantsAbsent: Bool { statuses.contains { $0 != .ready } }

    /// The same without a word about the status.
    var ofAnyStatus: ModelFilter {
        var filter = self
        filter.statuses = []
        return filter
    }
}

extension ModelIndex {
    /// Whether a row is one of the snapshot's; those behind them are absent from it.
    func isListed(_ row: Int) -> Bool { row < count }

    /// The row of a model, in the snapshot or absent from it.
    func place(of id: String) -> Int? { row(of: id) ?? absent.row(of: id).map { count + $0 } }

    /// The number of a row's model in the database; 0 for one that was never seen.
    func model(_ row: Int) -> UInt32 { isListed(row) ? columns.models[row] : absent.columns.models[row - count] }

    func status(_ row: Int) -> ModelFilter.Status { isListed(row) ? .ready : absent.status(row - count) }

    /// When the figures of a row were observed; `nil` where they never were.
    func observedAt(_ row: Int) -> Timestamp? {
        isListed(row) ? publication.snapshot.observedAt : absent.lastSeen[row - count]
    }

    /// What a list of the filter's models is named by, beside the publication.
    func tag(_ kind: String, _ filter: ModelFilter) -> String {
        filter.wantsAbsent ? "\(kind)-\(absent.digest)" : kind
    }

    /// Two ordered selections as one.
    func merged(_ listed: [UInt32], _ gone: [UInt32], sort: ModelSort, totals: [Int16]) -> [UInt32] {
        let shift = UInt32(count)
        guard !listed.isEmpty else { return gone.map { $0 + shift } }
        let sign: Int64 = sort.descending ? -1 : 1
        var (rows, next) = ([UInt32](), listed.startIndex)
        rows.reserveCapacity(listed.count + gone.count)
        for row in gone {
            let id = absent.columns.ids[Int(row)]
            let (text, name) = (Array(id.utf8), Array(ModelID(id).name.utf8))
            let own = sort.figure(Int(row), absent.columns, absent.columns.total).map { sign * $0 } ?? .max
            while next < listed.endIndex {
                let other = Int(listed[next])
                // Places among names are those of one table.
                let (key, bound) =
                    sort.key == .name
                    ? (sign * Int64(columns.ids.compareName(other, name)), 0)
                    : (sort.figure(other, columns, totals).map { sign * $0 } ?? .max, own)
                guard key == bound ? columns.ids.compare(other, text) < 0 : key < bound else { break }
                rows.append(listed[next])
                next += 1
            }
            rows.append(row + shift)
        }
        return rows + listed[next...]
    }
}
