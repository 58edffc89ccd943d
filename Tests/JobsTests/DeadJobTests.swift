import Jobs
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

/// The event `job.dead` is stored with the end that it reports, however that end came.
@Suite(.timeLimit(.minutes(10))) struct DeadJobTests {
    private func events(_ shop: Workshop) throws -> [JSONNode] {
        try shop.place.open().run(Query("SELECT body FROM event ORDER BY sequence") { $0.blob(0) })
            .map { try JSONDocument(parsing: $0).root }
    }

    /// Fails for good.
    private let failing = KindRunner(
        Closure(SayWord.self) { _, _ throws(JobFailure) in throw .permanent("odd", "a reason that is for operators") })

    @Test func aJobThatIsGivenUpIsTold() async throws {
        let shop = try await Workshop()
        let ids = try shop.enqueue([SayWord(word: "x").job()])
        try await shop.run(shop.worker([failing])) { try await shop.log.wait(for: "job is dead") }
        let event = try #require(try events(shop).first)
        #expect(try events(shop).count == 1)
        #expect(event["type"]?.string == "job.dead")
        let data = try #require(event["data"])
        #expect(data["jobId"]?.int64 == ids[0].rawValue && data["kind"]?.string == "say-word")
        #expect(data["stage"]?.string == "fetch" && data["errorClass"]?.string == "odd")
        #expect(data["attempts"]?.int64 == 1)
    }

    @Test func aJobWhoseWritesAreRefusedIsTold() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([SayWord(word: "bad").job()])
        try await shop.run(shop.worker([saying])) { try await shop.log.wait(for: "job is dead") }
        #expect(try events(shop).map { $0["data"]?["errorClass"]?.string } == ["constraint"])
    }

    @Test func aJobThatKillsItsWorkersIsTold() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([SayWord(word: "x").job()])
        try shop.place.open().runScript(
            """
            UPDATE job SET state = 'running', attempt = max_attempts, worker = 'gone', lease_until_ms = 1,
                           started_at_ms = 1
            """)
        try await shop.run(shop.worker([])) { try await shop.log.wait(for: "lease expired") }
        #expect(try events(shop).map { $0["data"]?["errorClass"]?.string } == ["expired"])
    }

    /// Nothing new is published then, and the health of the service says so.
    @Test func aDeadScoreIsAFaultOfScoring() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([ScoreSnapshot(snapshot: "hub-x").job(), SayWord(word: "x").job()])
        let dying = KindRunner(
            Closure(ScoreSnapshot.self) { _, _ throws(JobFailure) in throw .permanent("odd", "no") })
        try await shop.run(shop.worker([dying])) { try await shop.log.wait(for: "job is dead") }
        let components = try shop.place.open().run(.components())
        #expect(components.map(\.name) == ["scoreCompute"] && components.map(\.status) == ["failed"])
        #expect(components.first?.lastError?.contains("score-snapshot") == true)
    }

    @Test func aDeliveryIsNotTold() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([DeliverWebhook(delivery: "dlv_1").job()])
        let runner = KindRunner(
            Closure(DeliverWebhook.self) { _, _ throws(JobFailure) in throw .permanent("odd", "no") })
        try await shop.run(shop.worker([runner])) { try await shop.log.wait(for: "job is dead") }
        #expect(try events(shop).isEmpty, "it would be told by deliveries")
    }

    @Test func whoSubscribesHearsOfIt() async throws {
        let shop = try await Workshop()
        let connection = try shop.place.open()
        for (id, types, filter) in [
            ("all", "*", nil), ("jobs", "job.dead", nil), ("models", "model.*", nil),
            ("kind", "job.dead", #"{"kind":["say-word"]}"#), ("other", "job.dead", #"{"kind":["other-work"]}"#),
        ] as [(String, String, String?)] {
            var subscription = Subscription(
                id: id, url: "https://example.com/", types: [types], state: .active, allowHTTP: false,
                description: nil, challenge: nil, createdAt: shop.time.now())
            subscription.filter = filter
            try connection.run(Query<Void>.addSubscription(subscription))
        }
        _ = try shop.enqueue([SayWord(word: "x").job()])
        try await shop.run(shop.worker([failing])) { try await shop.log.wait(for: "job is dead") }
        let heard = try connection.run(Query("SELECT subscription_id FROM delivery ORDER BY 1") { $0.text(0) })
        #expect(heard == ["all", "jobs", "kind"])
        #expect(
            try shop.jobs().filter { $0.kind == DeliverWebhook.name && $0.state == .ready }.count == 3,
            "and their deliveries start at once")
    }
}
