import Daemon
import Glibc
import HTTPClient
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

/// Sessions cross a threshold, and a receiver is told: through the real api, the real scorer and the real notifier,
/// while the scorer is killed again and again. Each notification arrives once, and none is missing.
@Suite(.serialized) struct AlertDeliveryTests {
    private static let secret = "a secret of the test"

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
        let deployment = try Deployment([
            "HELICARRIER_WEBHOOK_ALLOW": "127.0.0.0/8", "HELICARRIER_SECRET": Self.secret,
        ])
        try await deployment.helicarrier("migrate")
        try subscribe(deployment, port)
        let api = try await Service(deployment, secret: Self.secret)
        let notifier = try await deployment.ready("notifier")
        var scorer = try await deployment.ready("scorer")
        let rule = try await api.call(
            "POST", "/api/v3/alerts/rules",
            """
            {"metric":"failure_rate","scopeType":"global","warnThreshold":0.3,"criticalThreshold":0.6,"window":"1h",\
            "comparison":"gt"}
            """)
        #expect(rule.status == 201)

        try await api.tell(8, "success")
        try await api.tell(4, "failed")
        try await eventually("the warning has arrived") { post.types == ["alert.warning"] ? true : nil }
        for (count, state, told) in [
            (20, "failed", ["alert.warning", "alert.critical"]),
            (200, "success", ["alert.warning", "alert.critical", "alert.resolved"]),
        ] {
            scorer.signal(SIGKILL)
            try await scorer.wait()
            try await api.tell(count, state)
            for moment in Moment.allCases.shuffled(using: &chance) {
                // Work for it, whatever those before have done.
                try await api.tell(1, state)
                scorer = try await reach(moment, deployment)
                scorer.signal(SIGKILL)
                try await scorer.wait()
            }
            scorer = try await deployment.ready("scorer")
            try await eventually("\(told) have arrived") { post.types == told ? true : nil }
            try await readingChangesNothing(api, deployment)
        }
        try await stop([scorer, notifier, api.process])
        await server.stop(within: .seconds(1))
        try accountFor(post, deployment)
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

    /// A receiver of alerts that is verified.
    private func subscribe(_ deployment: Deployment, _ port: UInt16) throws {
        let connection = try Connection(path: deployment.path)
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let subscription = Subscription(
            id: "sub_1", url: "http://127.0.0.1:\(port)/in", types: ["alert.*"], state: .active, allowHTTP: true,
            description: nil, challenge: nil, createdAt: now)
        try connection.run(Query<Void>.addSubscription(subscription))
        try connection.run(
            Query<Void>.addSubscriptionKey(
                SubscriptionKey(id: "key_1", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), of: "sub_1",
                createdAt: now))
    }

    /// Fault 20: whoever reads, reads.
    private func readingChangesNothing(_ api: Service, _ deployment: Deployment) async throws {
        let jobs = "SELECT count(*) FROM job WHERE kind = 'evaluate-alerts'" as StaticString
        let rows = "SELECT count(*) FROM alert_transition" as StaticString
        let before = (deployment.count(rows), deployment.count(jobs))
        let active = try await api.call("GET", "/api/v3/alerts/active")
        #expect(active.status == 200)
        for _ in 0..<5 { _ = try await api.call("GET", "/api/v3/alerts/active") }
        // The scorer's own clock may tick meanwhile.
        #expect(deployment.count(rows) - before.0 <= 1 && deployment.count(jobs) - before.1 <= 1)
    }

    private func stop(_ processes: [ChildProcess]) async throws {
        for process in processes {
            process.signal(SIGTERM)
            #expect(try await process.wait() == .exited(0))
        }
    }

    private func accountFor(_ post: Post, _ deployment: Deployment) throws {
        #expect(post.types == ["alert.warning", "alert.critical", "alert.resolved"], "nothing is told twice")
        #expect(Set(post.ids).count == 3)
        let told = try deployment.lines(
            "SELECT from_status, to_status, notice, ending FROM alert_transition WHERE notice IS NOT NULL ORDER BY id")
        #expect(
            told == [
                "ok|warning|first|null", "warning|critical|escalation|null", "critical|resolved|resolved|recovered",
            ])
        #expect(try deployment.lines("SELECT type FROM event ORDER BY sequence") == post.types)
        #expect(try deployment.lines("PRAGMA integrity_check") == ["ok"])
    }
}

/// The real api, and a client of its ledger.
private struct Service {
    let process: ChildProcess
    private let client = HTTPClient(userAgent: "test", maximumConnections: 2, perHost: 2)
    /// With a slash at its end.
    private let address: String
    private let secret: String

    init(_ deployment: Deployment, secret: String) async throws {
        process = try deployment.start("api")
        self.secret = secret
        let log = process
        address = try await eventually("the api listens") {
            log.errorOutput.split(separator: "\n").compactMap { line in
                let root = try? JSONDocument(parsing: String(line)).root
                return root?["event"]?.string == "listening" ? root?["address"]?.string : nil
            }.first
        }
    }

    func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> ClientResponse {
        try await client.send(
            ClientRequest(
                method, "\(address)\(path.dropFirst())",
                headers: [HeaderLine("x-secret-key", secret), HeaderLine("Content-Type", "application/json")],
                body: body.map { [UInt8]($0.utf8) }))
    }

    /// Sessions that end now.
    func tell(_ count: Int, _ state: String) async throws {
        for _ in 0..<count {
            let (id, now) = (RandomName.make("s-"), SystemClock.now())
            let answer = try await call(
                "POST", "/api/v3/ingest/session",
                """
                {"envelope_version":"v1","payload":{"session":{"sessionId":"\(id)","state":"\(state)",\
                "agentId":"planner","modelId":"m-1","startedAt":"\((now - .seconds(60)).rfc3339)",\
                "endedAt":"\(now.rfc3339)"}}}
                """)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
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
