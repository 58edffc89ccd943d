package import Model
package import SQLite

/// A rule that a model broke at an epoch.
package struct AnomalyMark: Equatable, Sendable {
    package let model: UInt32
    package let rule: AnomalyRule
    package let figures: AnomalyFigures

    package init(model: UInt32, rule: AnomalyRule, figures: AnomalyFigures) {
        self.model = model
        self.rule = rule
        self.figures = figures
    }
}

/// An epoch whose day has been judged, and by what.
package struct JudgedEpoch: Equatable, Sendable {
    package let at: Timestamp
    /// The id of the snapshot that represents the epoch.
    package let epoch: String
    package let thresholdsVersion: Int
    /// The moments of the epochs that it was judged by.
    package let evidence: Set<Int64>

    package init(at: Timestamp, epoch: String, thresholdsVersion: Int, evidence: Set<Int64>) {
        self.at = at
        self.epoch = epoch
        self.thresholdsVersion = thresholdsVersion
        self.evidence = evidence
    }
}

/// Stores what judged epochs came to, and makes the feed's anomalies from all of them.
///
/// Anomalies are not opened and closed one event after another, but made anew from the marks: so the same epochs give
/// the same anomalies, in whatever order and however often they are judged. A row that stays keeps its id.
package struct SaveAnomalies: Write {
    private let feed: String
    private let judged: [(epoch: JudgedEpoch, marks: [AnomalyMark])]
    private let withdrawn: [Timestamp]

    /// - Parameters:
    ///   - judged: epochs with all that stood out at them; they replace what was stored of them.
    ///   - withdrawn: epochs that a late snapshot has shown to be no day's end after all.
    package init(feed: String, judged: [(epoch: JudgedEpoch, marks: [AnomalyMark])], withdrawn: [Timestamp]) {
        self.feed = feed
        self.judged = judged
        self.withdrawn = withdrawn
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        guard !judged.isEmpty || !withdrawn.isEmpty else { return }
        for moment in withdrawn { try connection.run(drop(moment)) }
        for (epoch, marks) in judged {
            try connection.run(drop(epoch.at))
            try connection.run(save(epoch))
            for mark in marks { try connection.run(save(mark, at: epoch.at)) }
        }
        try connection.run(dropAnomalies)
        try connection.run(saveAnomalies)
    }

    private func drop(_ moment: Timestamp) -> Query<Void> {
        Query<Void>(
            "DELETE FROM anomaly_epoch WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND at_ms = ?2",
            [.text(feed), .integer(moment.milliseconds)])
    }

    private func save(_ epoch: JudgedEpoch) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO anomaly_epoch (feed_id, at_ms, epoch, thresholds_version, evidence)
            VALUES ((SELECT id FROM feed WHERE name = ?1), ?2, ?3, ?4, ?5)
            """,
            [
                .text(feed), .integer(epoch.at.milliseconds), .text(epoch.epoch), .integer(epoch.thresholdsVersion),
                .text(epoch.evidence.sorted().map(String.init).joined(separator: " ")),
            ])
    }

    /// `VALUES`, not a `SELECT`: a statement that may write several rows has a journal of its own, and letting go of it
    /// walks through all that the transaction has journalled so far.
    private func save(_ mark: AnomalyMark, at moment: Timestamp) -> Query<Void> {
        let figures = mark.figures
        return Query<Void>(
            """
            INSERT INTO anomaly_mark (feed_id, at_ms, model_id, rule, downloads_return, cohort_z, own_z,
                                      downloads_change, own_returns, likes_gained, likes_z, like_days)
            VALUES ((SELECT id FROM feed WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """,
            [
                .text(feed), .integer(moment.milliseconds), .integer(Int64(mark.model)), .text(mark.rule.rawValue),
                .real(figures.downloadsReturn), .real(figures.cohortZ), .real(figures.ownZ),
                .integer(figures.downloadsChange), .integer(figures.ownReturns), .integer(figures.likesGained),
                .real(figures.likesZ), .integer(figures.likeDays),
            ])
    }

    /// Drops anomalies that the marks do not begin any more.
    private var dropAnomalies: Query<Void> {
        Query<Void>(
            """
            DELETE FROM anomaly
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1)
               AND (NOT EXISTS (
                    SELECT 1 FROM anomaly_mark AS mark
                     WHERE mark.feed_id = anomaly.feed_id AND mark.at_ms = anomaly.opened_at_ms
                       AND mark.model_id = anomaly.model_id AND mark.rule = anomaly.rule)
                 OR EXISTS (
                    SELECT 1 FROM anomaly_mark AS mark
                     WHERE mark.feed_id = anomaly.feed_id AND mark.model_id = anomaly.model_id
                       AND mark.rule = anomaly.rule
                       AND mark.at_ms = (SELECT max(at_ms) FROM anomaly_epoch AS epoch
                                          WHERE epoch.feed_id = anomaly.feed_id
                                            AND epoch.at_ms < anomaly.opened_at_ms)))
            """, [.text(feed)])
    }

    /// Marks of one model and rule at epochs that follow each other are one anomaly: their places among the judged
    /// epochs and among themselves differ by the same number. The judged epoch behind them closes it, if there is one.
    private var saveAnomalies: Query<Void> {
        Query<Void>(
            """
            WITH epoch AS (
                 SELECT feed_id, at_ms, epoch, thresholds_version, row_number() OVER (ORDER BY at_ms) AS place
                   FROM anomaly_epoch WHERE feed_id = (SELECT id FROM feed WHERE name = ?1)),
                 marked AS (
                 SELECT model_id, rule, place, mark.at_ms,
                        place - row_number() OVER (PARTITION BY model_id, rule ORDER BY place) AS run
                   FROM epoch JOIN anomaly_mark AS mark ON mark.feed_id = epoch.feed_id AND mark.at_ms = epoch.at_ms),
                 run AS (
                 SELECT model_id, rule, min(at_ms) AS opened_at_ms, max(place) AS last
                   FROM marked GROUP BY model_id, rule, run)
            INSERT INTO anomaly (feed_id, model_id, rule, opened_epoch, opened_at_ms, closed_epoch, closed_at_ms,
                                 thresholds_version, downloads_return, cohort_z, own_z, downloads_change, own_returns,
                                 likes_gained, likes_z, like_days)
            SELECT opening.feed_id, run.model_id, run.rule, opening.epoch, opening.at_ms, closing.epoch, closing.at_ms,
                   opening.thresholds_version, mark.downloads_return, mark.cohort_z, mark.own_z, mark.downloads_change,
                   mark.own_returns, mark.likes_gained, mark.likes_z, mark.like_days
              FROM run JOIN epoch AS opening ON opening.at_ms = run.opened_at_ms
              JOIN anomaly_mark AS mark ON mark.feed_id = opening.feed_id AND mark.at_ms = opening.at_ms
               AND mark.model_id = run.model_id AND mark.rule = run.rule
              LEFT JOIN epoch AS closing ON closing.place = run.last + 1
             WHERE true ORDER BY opening.at_ms, run.model_id, run.rule
            ON CONFLICT (feed_id, model_id, rule, opened_at_ms) DO UPDATE
               SET closed_epoch = excluded.closed_epoch, closed_at_ms = excluded.closed_at_ms,
                   thresholds_version = excluded.thresholds_version, downloads_return = excluded.downloads_return,
                   cohort_z = excluded.cohort_z, own_z = excluded.own_z, downloads_change = excluded.downloads_change,
                   own_returns = excluded.own_returns, likes_gained = excluded.likes_gained,
                   likes_z = excluded.likes_z, like_days = excluded.like_days
            """, [.text(feed)])
    }
}
