package import Model
package import SQLite

/// How often signing in may fail, over all processes: a few times at once, and then at a pace.
package struct SignInLimit: Equatable, Sendable {
    /// How many may fail at once after a while without any.
    package let burst: Int
    /// Between two failures after that.
    package let interval: Duration

    package init(burst: Int, interval: Duration) {
        precondition(burst > 0 && interval > .zero)
        self.burst = burst
        self.interval = interval
    }

    /// How far ahead of now the next failure's time can be.
    fileprivate var horizon: Int64 { Int64(burst) * interval.milliseconds }
}

/// The limits of one try: that of its address, and that of all addresses together.
package struct SignInTry: Equatable, Sendable {
    package static let perAddress = SignInLimit(burst: 5, interval: .minutes(1))
    /// So wide that somebody who guesses from one network keeps nobody else out for long.
    package static let overall = SignInLimit(burst: 60, interval: .seconds(5))

    package let address: String

    package init(address: String) {
        precondition(!address.isEmpty, "the empty source stands for all of them")
        self.address = address
    }

    fileprivate var parts: [(source: String, limit: SignInLimit)] {
        [(source: address, limit: Self.perAddress), (source: "", limit: Self.overall)]
    }
}

extension Connection {
    /// Counts a try before it is looked at, so that many at once are no way around; in the caller's write transaction.
    /// - Returns: how long to wait, if there were too many failures; then nothing was counted.
    package func admit(_ attempt: SignInTry, now: Timestamp) throws(SQLiteError) -> Duration? {
        let furthest = attempt.parts.reduce(0) { max($0, $1.limit.horizon) }
        try run(Query<Void>.forgetSignIns(before: now.milliseconds, after: now.milliseconds + furthest))
        var wait: Int64 = 0
        for part in attempt.parts {
            let next = try run(Query<Int64>.nextSignIn(part.source)).first ?? 0
            wait = max(wait, next - part.limit.horizon + part.limit.interval.milliseconds - now.milliseconds)
        }
        guard wait <= 0 else { return .milliseconds(wait) }
        for part in attempt.parts {
            try run(
                Query<Void>.countSignIn(
                    part.source, interval: part.limit.interval.milliseconds, now: now.milliseconds))
        }
        return nil
    }

    /// Takes back what ``admit(_:now:)`` has counted: the try was none that failed.
    package func forgive(_ attempt: SignInTry) throws(SQLiteError) {
        for part in attempt.parts {
            try run(Query<Void>.uncountSignIn(part.source, interval: part.limit.interval.milliseconds))
        }
    }
}

extension Query {
    static func nextSignIn(_ source: String) -> Query<Int64> {
        Query<Int64>("SELECT next_ms FROM sign_in_limit WHERE source = ?1", [.text(source)]) { $0.integer(0) }
    }

    static func countSignIn(_ source: String, interval: Int64, now: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO sign_in_limit (source, next_ms) VALUES (?1, ?3 + ?2)
            ON CONFLICT (source) DO UPDATE SET next_ms = max(next_ms, ?3) + ?2
            """, [.text(source), .integer(interval), .integer(now)])
    }

    static func uncountSignIn(_ source: String, interval: Int64) -> Query<Void> {
        Query<Void>(
            "UPDATE sign_in_limit SET next_ms = next_ms - ?2 WHERE source = ?1",
            [.text(source), .integer(interval)])
    }

    /// What is in the past limits nothing; what is further ahead than any limit was written by a clock that has been
    /// put back since, and would keep everybody out until then.
    static func forgetSignIns(before: Int64, after: Int64) -> Query<Void> {
        Query<Void>(
            "DELETE FROM sign_in_limit WHERE next_ms <= ?1 OR next_ms > ?2", [.integer(before), .integer(after)])
    }
}
