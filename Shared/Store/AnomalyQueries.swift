package import Model
package import SQLite

/// A model that stood out, from the epoch that opened it to the one that closed it.
package struct AnomalyRecord: Equatable, Sendable {
    /// Rises with every row; with ``openedAt`` the key that lists go on from.
    package let id: Int64
    package let model: ModelID
    package let rule: AnomalyRule
    package let openedEpoch: String
    package let openedAt: Timestamp
    package let closedEpoch: String?
    /// `nil` while it is open.
    package let closedAt: Timestamp?
    package let thresholdsVersion: Int
    /// Of the epoch that opened it.
    package let figures: AnomalyFigures
}

/// A place in a list of anomalies, which goes from the newest to the oldest.
package struct AnomalyKey: Equatable, Sendable {
    package let openedAt: Timestamp
    package let id: Int64

    package init(openedAt: Timestamp, id: Int64) {
        self.openedAt = openedAt
        self.id = id
    }
}

extension Query {
    /// Anomalies of a feed, those opened last first.
    /// - Parameters:
    ///   - onlyOpen: leaves out what has been closed.
    ///   - model: only of this model, if one is given.
    ///   - key: goes on behind this one.
    package static func anomalies(
        feed: String, onlyOpen: Bool = false, rule: AnomalyRule? = nil, model: ModelID? = nil,
        after key: AnomalyKey? = nil, limit: Int
    ) -> Query<AnomalyRecord> {
        Query<AnomalyRecord>(
            """
            SELECT anomaly.id, model.name, rule, opened_epoch, opened_at_ms, closed_epoch, closed_at_ms,
                   thresholds_version, downloads_return, cohort_z, own_z, downloads_change, own_returns, likes_gained,
                   likes_z, like_days
              FROM anomaly JOIN model ON model.id = anomaly.model_id
             WHERE anomaly.feed_id = (SELECT id FROM feed WHERE name = ?1)
               AND (?2 = 0 OR closed_at_ms IS NULL) AND (?3 IS NULL OR rule = ?3) AND (?4 IS NULL OR model.name = ?4)
               AND (?5 IS NULL OR (opened_at_ms, anomaly.id) < (?5, ?6))
             ORDER BY opened_at_ms DESC, anomaly.id DESC LIMIT ?7
            """,
            [
                .text(feed), .flag(onlyOpen), .text(rule?.rawValue), .text(model?.text),
                .integer(key?.openedAt.milliseconds), .integer(key?.id), .integer(limit),
            ]
        ) { AnomalyRecord($0) }
    }

    /// How many rows ``anomalies(feed:onlyOpen:rule:model:after:limit:)`` would answer without a limit.
    package static func countAnomalies(feed: String, onlyOpen: Bool, rule: AnomalyRule?) -> Query<Int> {
        Query<Int>(
            """
            SELECT count(*) FROM anomaly
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1)
               AND (?2 = 0 OR closed_at_ms IS NULL) AND (?3 IS NULL OR rule = ?3)
            """, [.text(feed), .flag(onlyOpen), .text(rule?.rawValue)]
        ) { $0.count(0) }
    }

    /// The judged epochs of a feed, oldest first, and what each was judged by.
    package static func judgedEpochs(feed: String) -> Query<JudgedEpoch> {
        Query<JudgedEpoch>(
            """
            SELECT at_ms, epoch, thresholds_version, evidence FROM anomaly_epoch
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) ORDER BY at_ms
            """, [.text(feed)]
        ) {
            JudgedEpoch(
                at: Timestamp(milliseconds: $0.integer(0)), epoch: $0.text(1), thresholdsVersion: $0.count(2),
                evidence: Set($0.text(3).split(separator: " ").compactMap { Int64($0) }))
        }
    }

    /// What stood out at a judged epoch.
    package static func marks(feed: String, at moment: Timestamp) -> Query<AnomalyMark> {
        Query<AnomalyMark>(
            """
            SELECT model_id, rule, NULL, NULL, NULL, NULL, NULL, NULL, downloads_return, cohort_z, own_z,
                   downloads_change, own_returns, likes_gained, likes_z, like_days
              FROM anomaly_mark
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND at_ms = ?2 ORDER BY model_id, rule
            """, [.text(feed), .integer(moment.milliseconds)]
        ) {
            AnomalyMark(
                model: UInt32(truncatingIfNeeded: $0.integer(0)),
                rule: AnomalyRule(rawValue: $0.text(1)) ?? .downloads, figures: AnomalyFigures($0))
        }
    }

    /// The ids of models by their numbers, in a snapshot or not.
    package static func modelName(_ model: UInt32) -> Query<ModelID> {
        Query<ModelID>("SELECT name FROM model WHERE id = ?1", [.integer(Int64(model))]) { ModelID($0.text(0)) }
    }
}

extension AnomalyFigures {
    /// From columns 8 to 15.
    fileprivate init(_ row: borrowing Row) {
        self.init()
        downloadsReturn = row.realOrNull(8)
        cohortZ = row.realOrNull(9)
        ownZ = row.realOrNull(10)
        downloadsChange = row.integerOrNull(11)
        ownReturns = row.integerOrNull(12).map { Int($0) }
        likesGained = row.integerOrNull(13)
        likesZ = row.realOrNull(14)
        likeDays = row.integerOrNull(15).map { Int($0) }
    }
}

extension AnomalyRecord {
    fileprivate init(_ row: borrowing Row) {
        self.init(
            id: row.integer(0), model: ModelID(row.text(1)), rule: AnomalyRule(rawValue: row.text(2)) ?? .downloads,
            openedEpoch: row.text(3), openedAt: Timestamp(milliseconds: row.integer(4)),
            closedEpoch: row.textOrNull(5), closedAt: row.integerOrNull(6).map { Timestamp(milliseconds: $0) },
            thresholdsVersion: row.count(7), figures: AnomalyFigures(row))
    }
}
