package import Model
package import SQLite

/// A request that named itself, and what it was answered.
package struct IdempotentAnswer: Equatable, Sendable {
    /// How long it is kept.
    package static let life: Duration = .hours(24)

    package let fingerprint: [UInt8]
    package let status: Int
    /// `name: value` lines.
    package let headers: String
    package let body: [UInt8]

    package init(fingerprint: [UInt8], status: Int, headers: String, body: [UInt8]) {
        self.fingerprint = fingerprint
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What tells one named request from another.
package struct IdempotencyName: Hashable, Sendable {
    /// The digest of what the caller proved itself with.
    package let account: [UInt8]
    package let route: String
    package let key: String

    package init(account: [UInt8], route: String, key: String) {
        self.account = account
        self.route = route
        self.key = key
    }
}

extension Query {
    /// What a request of that name was answered, if it was asked less than a day ago.
    package static func idempotentAnswer(_ name: IdempotencyName, now: Timestamp) -> Query<IdempotentAnswer> {
        Query<IdempotentAnswer>(
            """
            SELECT fingerprint, status, headers, body FROM idempotency
             WHERE account = ?1 AND route = ?2 AND key = ?3 AND created_at_ms > ?4
            """,
            [
                .blob(name.account), .text(name.route), .text(name.key),
                .integer((now - IdempotentAnswer.life).milliseconds),
            ]
        ) { IdempotentAnswer(fingerprint: $0.blob(0), status: $0.count(1), headers: $0.text(2), body: $0.blob(3)) }
    }

    /// Keeps an answer, in the transaction of what it reports; an older one of that name is over by then.
    package static func keepAnswer(_ answer: IdempotentAnswer, to name: IdempotencyName, now: Timestamp) -> Query<Void>
    {
        Query<Void>(
            """
            INSERT INTO idempotency (account, route, key, fingerprint, created_at_ms, status, headers, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (account, route, key) DO UPDATE
               SET fingerprint = excluded.fingerprint, created_at_ms = excluded.created_at_ms,
                   status = excluded.status, headers = excluded.headers, body = excluded.body
            """,
            [
                .blob(name.account), .text(name.route), .text(name.key), .blob(answer.fingerprint),
                .integer(now.milliseconds), .integer(answer.status), .text(answer.headers), .blob(answer.body),
            ])
    }

    /// Forgets some of the answers that are no longer given; answers each.
    package static func forgetAnswers(now: Timestamp, limit: Int) -> Query<String> {
        Query<String>(
            """
            DELETE FROM idempotency
             WHERE (account, route, key) IN (SELECT account, route, key FROM idempotency
                                              WHERE created_at_ms <= ?1 ORDER BY created_at_ms LIMIT ?2)
            RETURNING key
            """, [.integer((now - IdempotentAnswer.life).milliseconds), .integer(limit)]
        ) { $0.text(0) }
    }
}

/// What a request finds under the name that it gives itself.
package enum IdempotencyFinding: Equatable, Sendable {
    /// Nothing: the name is its own now, until it is answered or its lease is over.
    case free
    /// One that asks for the same is under way, in whichever process.
    case underWay
    /// One that asks for something else has the name.
    case another
    case answered(IdempotentAnswer)
}

extension Connection {
    /// How long a request that is under way keeps its name if its process dies.
    package static var claimLease: Duration { .seconds(30) }

    /// Takes a name for one request, or says who has it; to be called in a write transaction.
    package func claimRequest(
        _ name: IdempotencyName, fingerprint: [UInt8], holder: String, now: Timestamp
    ) throws(SQLiteError) -> IdempotencyFinding {
        if let answer = try run(Query<IdempotentAnswer>.idempotentAnswer(name, now: now)).first {
            return answer.fingerprint == fingerprint ? .answered(answer) : .another
        }
        // A lease that ends too late is from before the clock was put back.
        let latest = now + Self.claimLease
        if let claim = try run(Query<(fingerprint: [UInt8], until: Timestamp)>.requestClaim(name)).first,
            claim.until > now, claim.until <= latest
        {
            return claim.fingerprint == fingerprint ? .underWay : .another
        }
        try run(Query<Void>.saveRequestClaim(name, fingerprint: fingerprint, holder: holder, until: latest))
        return .free
    }
}

extension Query {
    static func requestClaim(
        _ name: IdempotencyName
    ) -> Query<(fingerprint: [UInt8], until: Timestamp)> {
        Query<(fingerprint: [UInt8], until: Timestamp)>(
            "SELECT fingerprint, lease_until_ms FROM idempotency_claim WHERE account = ?1 AND route = ?2 AND key = ?3",
            [.blob(name.account), .text(name.route), .text(name.key)]
        ) { ($0.blob(0), Timestamp(milliseconds: $0.integer(1))) }
    }

    static func saveRequestClaim(
        _ name: IdempotencyName, fingerprint: [UInt8], holder: String, until: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO idempotency_claim (account, route, key, fingerprint, holder, lease_until_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (account, route, key) DO UPDATE
               SET fingerprint = excluded.fingerprint, holder = excluded.holder,
                   lease_until_ms = excluded.lease_until_ms
            """,
            [
                .blob(name.account), .text(name.route), .text(name.key), .blob(fingerprint), .text(holder),
                .integer(until.milliseconds),
            ])
    }

    /// Which run has a name.
    package static func requestHolder(_ name: IdempotencyName) -> Query<String> {
        Query<String>(
            "SELECT holder FROM idempotency_claim WHERE account = ?1 AND route = ?2 AND key = ?3",
            [.blob(name.account), .text(name.route), .text(name.key)]
        ) { $0.text(0) }
    }

    /// Gives a name back; answers a row if it was still the holder's.
    package static func releaseRequest(_ name: IdempotencyName, holder: String) -> Query<String> {
        Query<String>(
            """
            DELETE FROM idempotency_claim WHERE account = ?1 AND route = ?2 AND key = ?3 AND holder = ?4
            RETURNING key
            """, [.blob(name.account), .text(name.route), .text(name.key), .text(holder)]
        ) { $0.text(0) }
    }

    /// Forgets some of the requests that no process finished; answers each.
    package static func forgetClaims(now: Timestamp, limit: Int) -> Query<String> {
        Query<String>(
            """
            DELETE FROM idempotency_claim
             WHERE (account, route, key) IN (SELECT account, route, key FROM idempotency_claim
                                              WHERE lease_until_ms <= ?1 ORDER BY lease_until_ms LIMIT ?2)
            RETURNING key
            """, [.integer(now.milliseconds), .integer(limit)]
        ) { $0.text(0) }
    }
}
