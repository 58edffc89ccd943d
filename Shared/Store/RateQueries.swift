package import Model
package import SQLite

/// A part of a limit that one process may spend without asking again.
package struct RateSlice: Equatable, Sendable {
    /// How many requests; 0 where the limit is used up.
    package let granted: Int
    /// How many were left for everybody after that.
    package let left: Int
    /// When one request more will be free, if none was granted.
    package let freeAt: Timestamp

    package init(granted: Int, left: Int, freeAt: Timestamp) {
        self.granted = granted
        self.left = left
        self.freeAt = freeAt
    }
}

extension Connection {
    /// Takes up to `wanted` requests out of an account's limit, for this process to spend.
    /// - Parameter unspent: of those that it took before, what it gives back.
    ///
    /// The row holds the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), so all processes
    /// together never grant more than the limit in any stretch of its length; to be called in a write transaction.
    package func takeRate(
        _ account: String, wanted: Int, unspent: Int = 0, requests: Int, window: Duration, now: Timestamp
    ) throws(SQLiteError) -> RateSlice {
        let clock = now.milliseconds * 1_000
        let interval = max(1, window.milliseconds * 1_000 / Int64(requests))
        let burst = interval * Int64(requests)
        // A clock that was put back must not lock an account for longer than the window.
        let known = min(try run(Query<Int64>.rateArrival(account)).first ?? 0, clock + burst)
        let stored = known - Int64(unspent) * interval
        let arrival = max(stored, clock)
        let room = Int((clock + burst - arrival) / interval)
        let granted = min(wanted, room)
        let next = arrival + Int64(granted) * interval
        if granted > 0 || unspent > 0 { try run(Query<Void>.saveRateArrival(account, next)) }
        let freeAt = Timestamp(milliseconds: (arrival + interval - burst + 999) / 1_000)
        return RateSlice(granted: granted, left: room - granted, freeAt: max(now, freeAt))
    }
}

extension Query {
    static func rateArrival(_ account: String) -> Query<Int64> {
        Query<Int64>("SELECT arrival_us FROM request_rate WHERE account = ?1", [.text(account)]) { $0.integer(0) }
    }

    static func saveRateArrival(_ account: String, _ arrival: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO request_rate (account, arrival_us) VALUES (?1, ?2)
            ON CONFLICT (account) DO UPDATE SET arrival_us = excluded.arrival_us
            """, [.text(account), .integer(arrival)])
    }

    /// Forgets some of the accounts whose limit is whole again; answers each.
    package static func forgetRates(before moment: Timestamp, limit: Int) -> Query<String> {
        Query<String>(
            """
            DELETE FROM request_rate
             WHERE account IN (SELECT account FROM request_rate WHERE arrival_us < ?1 ORDER BY arrival_us LIMIT ?2)
            RETURNING account
            """, [.integer(moment.milliseconds * 1_000), .integer(limit)]
        ) { $0.text(0) }
    }
}
