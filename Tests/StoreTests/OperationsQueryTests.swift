import Model
import SQLite
import Store
import TestKit
import Testing

/// What the operations page asks, over a real database.
@Suite struct OperationsQueryTests {
    private static let now = Timestamp(milliseconds: 1_777_884_199_965)
    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
    }

    @discardableResult
    private func run<Output>(_ query: Query<Output>) throws -> [Output] { try place.open().run(query) }

    /// A dead job that ended some minutes ago, with two attempts before its end.
    @discardableResult
    private func addDead(_ stage: StageName, _ errorClass: String?, minutesAgo: Int64) throws -> JobID {
        let ended = Self.now - .minutes(minutesAgo)
        let ids = try run(
            Query(
                """
                INSERT INTO job (kind, stage, payload, state, claim_order, attempt, max_attempts, run_at_ms,
                                 created_at_ms, finished_at_ms, error_class)
                VALUES ('sample', ?1, '{}', 'dead', 0, 3, 3, 0, 0, ?2, ?3) RETURNING id
                """, [.text(stage.rawValue), .integer(ended.milliseconds), .text(errorClass)]
            ) { JobID($0.integer(0)) })
        let id = try #require(ids.first)
        for back in [Int64(60), 30] {
            try run(
                Query<Void>(
                    "INSERT INTO job_attempt (job_id, attempt, ended_at_ms, outcome) VALUES (?1, 1, ?2, 'retried')",
                    [.integer(id.rawValue), .integer((ended - .minutes(back)).milliseconds)]))
        }
        return id
    }

    @Test func deadJobsComeByErrorAndInItTheNewestFirst() throws {
        let old = try addDead(.fetch, "tls", minutesAgo: 9)
        let dns = try addDead(.notify, "dns", minutesAgo: 50)
        let new = try addDead(.notify, "tls", minutesAgo: 2)
        let nameless = try addDead(.score, nil, minutesAgo: 5)
        let all = try run(.deadJobs(DeadJobFilter(), limit: 10, offset: 0))
        #expect(all.map(\.id) == [nameless, dns, new, old])
        #expect(all.map(\.errorClass) == ["", "dns", "tls", "tls"])
        #expect(all[2].firstFailedAt == Self.now - .minutes(62) && all[2].lastFailedAt == Self.now - .minutes(2))
        #expect(try run(.deadJobs(DeadJobFilter(), limit: 2, offset: 1)).map(\.id) == [dns, new])
        #expect(
            try run(.deadJobCounts()) == [
                DeadJobCount(errorClass: "", stage: "score", jobs: 1),
                DeadJobCount(errorClass: "dns", stage: "notify", jobs: 1),
                DeadJobCount(errorClass: "tls", stage: "fetch", jobs: 1),
                DeadJobCount(errorClass: "tls", stage: "notify", jobs: 1),
            ])
    }

    @Test func aFilterMeansTheSameInEachQuestion() throws {
        let ids = [
            try addDead(.fetch, "tls", minutesAgo: 9), try addDead(.notify, "tls", minutesAgo: 2),
            try addDead(.fetch, nil, minutesAgo: 5), try addDead(.fetch, "dns", minutesAgo: 1),
        ]
        let cases: [(filter: DeadJobFilter, places: [Int])] = [
            (DeadJobFilter(), [0, 1, 2, 3]), (DeadJobFilter(stage: .fetch), [0, 2, 3]),
            (DeadJobFilter(errorClass: "tls"), [0, 1]), (DeadJobFilter(errorClass: ""), [2]),
            (DeadJobFilter(until: Self.now - .minutes(5)), [0, 2]),
            (DeadJobFilter(stage: .notify, errorClass: "tls", until: Self.now), [1]),
            (DeadJobFilter(stage: .score), []),
        ]
        for (filter, places) in cases {
            let wanted = places.map { ids[$0] }
            #expect(try run(.deadJobNumbers(filter, after: JobID(0), limit: 10)) == wanted)
            #expect(try run(.deadJobs(filter, limit: 10, offset: 0)).map(\.id).sorted() == wanted)
            #expect(try run(.deadJobCount(filter)) == [wanted.count])
        }
        #expect(try run(.deadJobNumbers(DeadJobFilter(), after: ids[1], limit: 1)) == [ids[2]])
    }

    /// A million jobs that wait must not be read to find the few that are dead.
    @Test(arguments: ["GROUP BY 1, 2 ORDER BY 1, 2", "SELECT count(*) FROM job INDEXED", "SELECT id FROM job INDEXED"])
    func deadJobsAreFoundInTheirIndexAlone(part: String) throws {
        let statement = try #require(
            SourceStatement.all.first { $0.file == "OperationsQueries.swift" && $0.sql.contains(part) })
        let plan = try place.open().plan(of: statement.sql)
        #expect(plan.contains { $0.contains("USING COVERING INDEX job_dead_error") }, "\(plan)")
    }

    @Test func deliveriesOfAllSubscriptionsComeNewestFirstWithTheirLastTry() throws {
        try place.open().runScript(
            """
            INSERT INTO subscription (id, url, types, state, created_at_ms, updated_at_ms)
            VALUES ('s1', 'https://a.example/x', '*', 'active', 0, 0),
                   ('s2', 'https://b.example/y', '*', 'active', 0, 0);
            INSERT INTO event (id, type, origin_key, occurred_at_ms, body)
            VALUES ('e', 'snapshot.created', 'k', 0, x'7b');
            INSERT INTO delivery (id, event_id, subscription_id, state, attempts, created_at_ms, ended_at_ms)
            VALUES ('d1', 'e', 's1', 'succeeded', 2, 100, 300), ('d2', 'e', 's2', 'failed', 0, 200, 300),
                   ('d3', 'e', 's1', 'cancelled', 0, 50, 60);
            INSERT INTO delivery_attempt (delivery_id, number, url, request_headers, body_sha256, key_ids,
                                          started_at_ms, total_ms, status, error_class, error_message, worker)
            VALUES ('d1', 1, '', '', zeroblob(32), '', 0, 9000, NULL, 'timeout', 'slow', 'w'),
                   ('d1', 2, '', '', zeroblob(32), '', 0, 84, 204, NULL, NULL, 'w');
            """)
        let newest = try run(.recentDeliveries(limit: 2))
        #expect(newest.map(\.url) == ["https://b.example/y", "https://a.example/x"])
        #expect(newest.map(\.status) == [nil, 204] && newest.map(\.errorClass) == [nil, nil])
        #expect(newest.map(\.took) == [nil, .milliseconds(84)] && newest.map(\.attempts) == [0, 2])
        let ended = try run(.endedDeliveries(since: Timestamp(milliseconds: 60)))
        #expect(ended.map(\.ended) == [2] && ended.map(\.succeeded) == [1], "what was cancelled counts neither way")
    }
}

/// Sessions of operators and the questions that they were asked.
@Suite struct OperatorSessionTests {
    private static let now = Timestamp(milliseconds: 1_777_884_199_965)
    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
    }

    @discardableResult
    private func run<Output>(_ query: Query<Output>) throws -> [Output] { try place.open().run(query) }

    private func digest(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 32) }

    private func addSession(_ byte: UInt8, token expiry: Timestamp? = nil) throws {
        let token = TokenRecord(
            id: "tok_\(byte)", scopes: ["queue"], plan: nil, label: "ada", createdAt: Self.now, expiresAt: expiry)
        try run(Query<Void>.addToken(token, sha256: digest(byte)))
        try run(
            Query<Void>.addOperatorSession(
                OperatorSession(sha256: digest(byte), token: token, secretMAC: nil, expiresAt: Self.now + .hours(12)),
                createdAt: Self.now))
    }

    private func isOpen(_ byte: UInt8, at moment: Timestamp) throws -> Bool {
        try !run(.operatorSession(sha256: digest(byte), now: moment)).isEmpty
    }

    @Test func aSessionEndsWithItsTimeOrItsToken() throws {
        try addSession(1)
        try addSession(2, token: Self.now + .hours(1))
        let session = try #require(try run(.operatorSession(sha256: digest(1), now: Self.now)).first)
        #expect(session.token?.label == "ada" && session.token?.scopes == ["queue"])
        #expect(try isOpen(1, at: Self.now + .hours(12) - .milliseconds(1)))
        #expect(try !isOpen(1, at: Self.now + .hours(12)))
        #expect(try isOpen(2, at: Self.now + .minutes(59)))
        #expect(try !isOpen(2, at: Self.now + .hours(1)))
        try run(Query<String>.revokeToken("tok_1", now: Self.now))
        #expect(try !isOpen(1, at: Self.now))
    }

    @Test func aQuestionIsAnsweredOnceAndInTime() throws {
        try addSession(1)
        for byte in [UInt8(7), 8] {
            try run(
                Query<Void>.askConfirmation(
                    sha256: digest(byte), session: digest(1), act: "act=pause", expiresAt: Self.now + .minutes(15)))
        }
        let first = try #require(try run(.confirmation(sha256: digest(7), session: digest(1))).first)
        #expect(first.act == "act=pause" && !first.isUsed)
        #expect(try run(.confirmation(sha256: digest(7), session: digest(2))).isEmpty)
        #expect(try run(.useConfirmation(first.id, now: Self.now)) == [first.id])
        #expect(try run(.useConfirmation(first.id, now: Self.now)).isEmpty)
        let late = try #require(try run(.confirmation(sha256: digest(8), session: digest(1))).first)
        #expect(try run(.useConfirmation(late.id, now: Self.now + .minutes(15))).isEmpty)
        try run(Query<Void>.saveConfirmationResult(first.id, "done"))
        #expect(try run(.confirmationResult(first.id, session: digest(1))) == ["done"])
        try run(Query<Void>.forgetOperatorSessions(before: Self.now + .hours(12)))
        #expect(try run(.confirmation(sha256: digest(7), session: digest(1))).isEmpty)
    }
}
