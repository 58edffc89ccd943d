import Contracts
import Crypto
import Daemon
import Glibc
import HTTPServer
import JSON
import Ledger
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

/// Sessions cross a threshold, and a receiver is told: through the real scorer and the real notifier, while the scorer
/// is killed again and again. Each notification arrives once, and none is missing.
@Suite(.serialized) struct AlertDeliveryTests {
    @Test(arguments: [UInt64(5)])
    func eachChangeIsToldOnceWhateverIsKilled(seed: UInt64) async throws {
        var chance = SplitMix64(seed: seed)
        let post = Post()
        let router = Router([
            Route(.post, "/in") { request, _ in
                post.take(request)
                return Response(status: 204)
            }
        ]) { fault, _ in Response(status: fault.status) }
        let server = try Server(router: router)
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        let deployment = try Deployment(["HELICARRIER_WEBHOOK_ALLOW": "127.0.0.0/8"])
        try await deployment.helicarrier("migrate")
        try subscribe(deployment, port)
        let notifier = try await deployment.ready("notifier")
        var scorer = try await deployment.ready("scorer")

        try tell(deployment, 8, .success)
        try tell(deployment, 4, .failed)
        try await eventually("the warning has arrived") { post.types == ["alert.warning"] ? true : nil }
        for (count, status, told) in [
            (20, .failed, ["alert.warning", "alert.critical"]),
            (200, .success, ["alert.warning", "alert.critical", "alert.resolved"]),
        ] as [(Int, SessionStatus, [String])] {
            scorer.signal(SIGKILL)
            try await scorer.wait()
            try tell(deployment, count, status)
            for moment in Moment.allCases.shuffled(using: &chance) {
                // Work for it, whatever those before have done.
                try tell(deployment, 1, status)
                scorer = try await reach(moment, deployment)
                scorer.signal(SIGKILL)
                try await scorer.wait()
            }
            scorer = try await deployment.ready("scorer")
            try await eventually("\(told) have arrived") { post.types == told ? true : nil }
        }
        try await eventually("the queue is quiet") {
            deployment.count("SELECT count(*) FROM job WHERE kind = 'evaluate-alerts' AND state <> 'done'") == 0
                ? true : nil
        }
        for process in [scorer, notifier] {
            process.signal(SIGTERM)
            #expect(try await process.wait() == .exited(0))
        }
        await server.stop(within: .seconds(1))

        #expect(post.types == ["alert.warning", "alert.critical", "alert.resolved"], "nothing is told twice")
        #expect(Set(post.ids).count == 3)
        #expect(
            try deployment.lines(
                """
                SELECT from_status, to_status, notice, ending FROM alert_transition WHERE notice IS NOT NULL ORDER BY id
                """) == [
                    "ok|warning|first|null", "warning|critical|escalation|null",
                    "critical|resolved|resolved|recovered",
                ])
        #expect(try deployment.lines("SELECT type FROM event ORDER BY sequence") == post.types)
        #expect(try deployment.lines("PRAGMA integrity_check") == ["ok"])
    }

    /// When the scorer is killed.
    private enum Moment: CaseIterable {
        case started, ready, evaluating, evaluated
    }

    /// Starts a scorer and waits until it is there.
    private func reach(_ moment: Moment, _ deployment: Deployment) async throws -> ChildProcess {
        func claims() -> Int {
            deployment.count("SELECT coalesce(sum(attempt), 0) FROM job WHERE kind = 'evaluate-alerts'")
        }
        func ends() -> Int {
            deployment.count("SELECT count(*) FROM job WHERE kind = 'evaluate-alerts' AND state = 'done'")
        }
        let (claimed, ended) = (claims(), ends())
        let scorer = try deployment.start("scorer")
        switch moment {
        case .started: break
        case .ready: try await scorer.waitForLog("\"event\":\"ready\"")
        case .evaluating: try await eventually("an evaluation begins") { claims() > claimed ? true : nil }
        case .evaluated: try await eventually("an evaluation has ended") { ends() > ended ? true : nil }
        }
        return scorer
    }

    /// A receiver of alerts that is verified, and a rule on failures over everything.
    private func subscribe(_ deployment: Deployment, _ port: UInt16) throws {
        let connection = try Connection(path: deployment.path)
        let now = SystemClock.now()
        let subscription = Subscription(
            id: "sub_1", url: "http://127.0.0.1:\(port)/in", types: ["alert.*"], state: .active, allowHTTP: true,
            description: nil, challenge: nil, createdAt: now)
        try connection.run(Query<Void>.addSubscription(subscription))
        try connection.run(
            Query<Void>.addSubscriptionKey(
                SubscriptionKey(id: "key_1", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), of: "sub_1",
                createdAt: now))
        let rule = AlertRule(
            id: "r1", isEnabled: true, metric: .failureRate, scopeType: .global, scopeRef: nil, warnThreshold: 0.3,
            criticalThreshold: 0.6, window: .hour, comparison: .gt, dedupCooldownSec: 300, now: now)
        try connection.run(Query<Void>.saveAlertRule(rule))
    }

    /// Sessions that end now, each recorded by itself.
    private func tell(_ deployment: Deployment, _ count: Int, _ status: SessionStatus) throws {
        let connection = try Connection(path: deployment.path)
        for _ in 0..<count {
            let (id, now) = ("s-\(UInt64.random(in: 0...UInt64.max))", SystemClock.now())
            var session = CanonicalSession(
                sessionID: id, agentID: "planner", modelID: "m-1", status: status, startedAt: now - .seconds(60),
                source: .ingest, contract: "v1", fingerprint: SHA256.digest([UInt8](id.utf8)).bytes)
            session.endedAt = now
            let outcome = try connection.transaction { db throws(SQLiteError) in
                try db.record(session, key: .derived, result: "{}", prices: PriceDesk(), now: now)
            }
            #expect(outcome == .fresh)
        }
    }
}

/// What the receiver got, in order.
private final class Post: Sendable {
    private let letters = Mutex<[(id: String, type: String)]>([])

    var types: [String] { letters.withLock { $0.map(\.type) } }
    var ids: [String] { letters.withLock { $0.map(\.id) } }

    func take(_ request: Request) {
        let type = (try? JSONDocument(parsing: request.body))?.root["type"]?.string ?? "none"
        letters.withLock { $0.append((request.headers.first("webhook-id") ?? "none", type)) }
    }
}
