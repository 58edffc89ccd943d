package import Model
package import SQLite

/// The counters of one model in one snapshot.
package struct Counters: Equatable, Sendable {
    /// The model's number.
    package let model: UInt32
    package let downloads: Int64?
    package let likes: Int64?
    package let trendingScore: Double?
}

/// A verdict on the pair of adjacent snapshots that ends with this one.
package struct StoredStep: Equatable, Sendable {
    package let snapshot: Int64
    package let previous: Int64
    package let verdict: String
    package let reason: String?
    package let cohort: Int
    package let changed: Int
    package let median: Double?
    package let deviation: Double?

    package init(
        snapshot: Int64, previous: Int64, verdict: String, reason: String?, cohort: Int, changed: Int,
        median: Double?, deviation: Double?
    ) {
        self.snapshot = snapshot
        self.previous = previous
        self.verdict = verdict
        self.reason = reason
        self.cohort = cohort
        self.changed = changed
        self.median = median
        self.deviation = deviation
    }
}

/// Stores the scores and places of one snapshot's models.
package struct SaveScores: Write {
    private let snapshot: Int64
    private let models: [UInt32]
    private let scores: [Scores]
    private let ranks: [Int32]

    /// - Parameter models: ascending; the others are parallel to them.
    package init(snapshot: Int64, models: [UInt32], scores: [Scores], ranks: [Int32]) {
        precondition(models.count == scores.count && models.count == ranks.count, "each model has a score and a place")
        self.snapshot = snapshot
        self.models = models
        self.scores = scores
        self.ranks = ranks
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let packed = try replacePacked(in: connection)
        for index in packed..<models.count {
            try connection.run(save(index))
        }
    }

    /// Of a snapshot that has been packed meanwhile, the scores stand in its blocks.
    /// - Returns: how many models they have, all before those that stand in rows.
    private func replacePacked(in connection: borrowing Connection) throws(SQLiteError) -> Int {
        var (blocks, next) = ([HistoryBlock](), 0)
        try connection.eachBlock(of: snapshot) { block in
            blocks.append(
                HistoryBlock(
                    block.entries.map { entry in
                        var entry = entry
                        while next < models.count, models[next] < entry.model { next += 1 }
                        guard next < models.count, models[next] == entry.model else { return entry }
                        entry.total = scores[next].storedTotal
                        entry.rank = Int64(ranks[next])
                        next += 1
                        return entry
                    }))
        }
        for block in blocks { try connection.run(Query<Void>.saveBlock(block, of: snapshot)) }
        return next
    }

    private func save(_ index: Int) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO score (key, total, rank) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET total = excluded.total, rank = excluded.rank
            """,
            [
                .integer(snapshot << 32 | Int64(models[index])), .integer(scores[index].storedTotal),
                .integer(Int64(ranks[index])),
            ])
    }
}

extension Query {
    /// The history rows of one snapshot, by rising model number.
    package static func counters(snapshot key: Int64) -> Query<Counters> {
        Query<Counters>(
            """
            SELECT key & 4294967295, downloads, likes, trending FROM listing
             WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32) ORDER BY key
            """, [.integer(key)]
        ) {
            Counters(
                model: UInt32(truncatingIfNeeded: $0.integer(0)), downloads: $0.integerOrNull(1),
                likes: $0.integerOrNull(2), trendingScore: $0.realOrNull(3))
        }
    }

    /// Downloads and likes of some models in one snapshot, by rising model number.
    package static func counters(
        snapshot key: Int64, models: ClosedRange<UInt32>
    ) -> Query<(model: UInt32, downloads: Int64?, likes: Int64?)> {
        Query<(model: UInt32, downloads: Int64?, likes: Int64?)>(
            """
            SELECT key & 4294967295, downloads, likes FROM listing
             WHERE key BETWEEN ((?1 << 32) | ?2) AND ((?1 << 32) | ?3) ORDER BY key
            """, [.integer(key), .integer(Int64(models.lowerBound)), .integer(Int64(models.upperBound))]
        ) { (UInt32(truncatingIfNeeded: $0.integer(0)), $0.integerOrNull(1), $0.integerOrNull(2)) }
    }

    /// The highest number of a model; no row of it need be kept. 0 while there is none.
    package static func highestModel() -> Query<UInt32> {
        Query<UInt32>("SELECT coalesce(max(id), 0) FROM model") { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    /// Model numbers of a snapshot, ordered by id bytewise: what breaks ties.
    /// - Parameter isMost: whether most models that there are belong to it. Then the order comes from the index of all
    ///   ids, in half the time that sorting those of the snapshot takes.
    package static func modelsByName(snapshot key: Int64, isMost: Bool = false) -> Query<UInt32> {
        isMost ? allModelsByName(snapshot: key) : sortedByName(snapshot: key)
    }

    /// All models there are, ordered by id bytewise: for a snapshot that has been packed.
    package static func everyModelByName() -> Query<UInt32> {
        Query<UInt32>("SELECT id FROM model ORDER BY name") { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    private static func allModelsByName(snapshot key: Int64) -> Query<UInt32> {
        Query<UInt32>(
            """
            SELECT model.id FROM model CROSS JOIN listing ON listing.key = ((?1 << 32) | model.id) ORDER BY model.name
            """, [.integer(key)]
        ) { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    private static func sortedByName(snapshot key: Int64) -> Query<UInt32> {
        Query<UInt32>(
            """
            SELECT model.id FROM listing JOIN model ON model.id = (listing.key & 4294967295)
             WHERE listing.key >= (?1 << 32) AND listing.key < ((?1 + 1) << 32) ORDER BY model.name
            """, [.integer(key)]
        ) { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    /// Totals and ranks of a snapshot, by rising model number.
    package static func ranks(snapshot key: Int64) -> Query<(model: UInt32, total: Tenths, rank: Int)> {
        Query<(model: UInt32, total: Tenths, rank: Int)>(
            """
            SELECT key & 4294967295, total, rank FROM score
             WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32) ORDER BY key
            """, [.integer(key)]
        ) { (UInt32(truncatingIfNeeded: $0.integer(0)), Tenths(Int32(truncatingIfNeeded: $0.integer(1))), $0.count(2)) }
    }

    /// Stores a verdict, unless a snapshot has come between the two: then its own job judges both new pairs. One that
    /// has left the history meanwhile needs no verdict.
    package static func saveStep(_ step: StoredStep) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO epoch_step (snapshot_key, previous_key, verdict, reason, cohort, changed, median, mad)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
             WHERE NOT EXISTS (
                   SELECT 1 FROM snapshot AS this
                     JOIN snapshot AS previous ON previous.key = ?2
                     JOIN snapshot AS between_them ON between_them.feed_id = this.feed_id
                      AND between_them.observed_at_ms > previous.observed_at_ms
                      AND between_them.observed_at_ms < this.observed_at_ms
                    WHERE this.key = ?1)
               AND EXISTS (SELECT 1 FROM snapshot WHERE key = ?1) AND EXISTS (SELECT 1 FROM snapshot WHERE key = ?2)
            ON CONFLICT (snapshot_key) DO UPDATE
               SET previous_key = excluded.previous_key, verdict = excluded.verdict, reason = excluded.reason,
                   cohort = excluded.cohort, changed = excluded.changed, median = excluded.median, mad = excluded.mad
            """,
            [
                .integer(step.snapshot), .integer(step.previous), .text(step.verdict), .text(step.reason),
                .integer(step.cohort), .integer(step.changed), .real(step.median), .real(step.deviation),
            ])
    }

    /// The verdicts on a feed, oldest first.
    package static func steps(feed: String) -> Query<StoredStep> {
        Query<StoredStep>(
            """
            SELECT snapshot_key, previous_key, verdict, reason, cohort, changed, median, mad
              FROM epoch_step JOIN snapshot ON snapshot.key = epoch_step.snapshot_key
              JOIN feed ON feed.id = snapshot.feed_id
             WHERE feed.name = ?1 ORDER BY snapshot.observed_at_ms
            """, [.text(feed)]
        ) {
            StoredStep(
                snapshot: $0.integer(0), previous: $0.integer(1), verdict: $0.text(2), reason: $0.textOrNull(3),
                cohort: $0.count(4), changed: $0.count(5), median: $0.realOrNull(6), deviation: $0.realOrNull(7))
        }
    }

    /// When a feed first saw each model of a snapshot, by rising model number.
    package static func firstSeen(snapshot key: Int64) -> Query<(model: UInt32, firstSeen: Int64)> {
        Query<(model: UInt32, firstSeen: Int64)>(
            """
            SELECT listing.key & 4294967295, first_seen_ms
              FROM listing JOIN snapshot ON snapshot.key = (listing.key >> 32)
              JOIN model_card ON model_card.feed_id = snapshot.feed_id
               AND model_card.model_id = (listing.key & 4294967295)
             WHERE listing.key >= (?1 << 32) AND listing.key < ((?1 + 1) << 32) ORDER BY listing.key
            """, [.integer(key)]
        ) { (UInt32(truncatingIfNeeded: $0.integer(0)), $0.integer(1)) }
    }
}

extension Scores {
    /// In the kept history, a model that has no total is stored with 0.
    fileprivate var storedTotal: Int64 { Int64(total?.count ?? 0) }
}
