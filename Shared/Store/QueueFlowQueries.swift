package import Model
package import SQLite

/// A count of `queue_count` over some time.
package struct QueueCount: Equatable, Sendable {
    package let stage: String
    /// Empty for what belongs to no kind.
    package let kind: String
    /// One of ``QueueTally/Happening``, or `wait`, `run`, `wait_ms`, `run_ms`.
    package let what: String
    /// Of times: the upper bound of the bucket, in milliseconds. Else 0.
    package let bound: Int64
    package let amount: Int
}

/// How many jobs of a stage were done in one step of time.
package struct QueueFlow: Equatable, Sendable {
    package let stage: String
    /// From 0, the oldest, upwards.
    package let step: Int
    package let done: Int
}

extension Query {
    /// Everything that was counted since a moment; since ever if there is none.
    package static func queueCounts(since moment: Timestamp?) -> Query<QueueCount> {
        Query<QueueCount>(
            """
            SELECT stage, kind, what, le_ms, sum(amount) FROM queue_count
             WHERE ?1 IS NULL OR minute_ms > ?1 GROUP BY stage, kind, what, le_ms ORDER BY stage, kind, what, le_ms
            """, [.integer(moment?.milliseconds)]
        ) {
            QueueCount(
                stage: $0.text(0), kind: $0.text(1), what: $0.text(2), bound: $0.integer(3), amount: $0.count(4))
        }
    }

    /// The jobs done by stage and step of time; steps without any are left out.
    package static func queueFlow(from moment: Timestamp, step: Duration) -> Query<QueueFlow> {
        Query<QueueFlow>(
            """
            SELECT stage, (minute_ms - ?1) / ?2, sum(amount) FROM queue_count
             WHERE what = 'done' AND minute_ms >= ?1 GROUP BY 1, 2 ORDER BY 1, 2
            """, [.integer(moment.milliseconds), .integer(step.milliseconds)]
        ) { QueueFlow(stage: $0.text(0), step: $0.count(1), done: $0.count(2)) }
    }

    /// Folds counts into coarser rows: what is older than `moment`, and not coarse already, goes to the start of its
    /// `length`; a length of 0 is one row for all of the past.
    static func foldCounts(before moment: Timestamp, length: Duration) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO queue_count (stage, kind, what, minute_ms, le_ms, amount)
            SELECT stage, kind, what, CASE WHEN ?2 = 0 THEN 0 ELSE minute_ms - minute_ms % ?2 END, le_ms, sum(amount)
              FROM queue_count
             WHERE minute_ms < ?1 AND CASE WHEN ?2 = 0 THEN minute_ms > 0 ELSE minute_ms % ?2 > 0 END
             GROUP BY 1, 2, 3, 4, 5
            ON CONFLICT (stage, kind, what, minute_ms, le_ms) DO UPDATE SET amount = amount + excluded.amount
            """, [.integer(moment.milliseconds), .integer(length.milliseconds)])
    }

    /// Removes what ``foldCounts(before:length:)`` has added elsewhere.
    static func dropFoldedCounts(before moment: Timestamp, length: Duration) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM queue_count
             WHERE minute_ms < ?1 AND CASE WHEN ?2 = 0 THEN minute_ms > 0 ELSE minute_ms % ?2 > 0 END
            """, [.integer(moment.milliseconds), .integer(length.milliseconds)])
    }
}

extension Connection {
    /// Makes old counts coarser, as far as no ``FigureWindow``, and none of the same length before it, tells the
    /// difference; in the end they are one total. In the caller's transaction.
    package func foldCounts(now: Timestamp) throws(SQLiteError) {
        for (age, length) in [
            (Duration.hours(3), FigureWindow.sixHours.step), (.hours(14), FigureWindow.day.step),
            (.hours(50), FigureWindow.week.step), (.days(15), .zero),
        ] {
            // Whole hours, so that most steps are folded in one part; two parts would add up as well.
            let edge = now - age
            let before = Timestamp(milliseconds: edge.milliseconds - edge.milliseconds % 3_600_000)
            try run(Query<Void>.foldCounts(before: before, length: length))
            try run(Query<Void>.dropFoldedCounts(before: before, length: length))
        }
    }
}
