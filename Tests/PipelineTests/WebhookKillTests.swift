import Glibc
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

/// The notifier is killed at random moments while it delivers. Every delivery arrives, repetitions carry the same id,
/// and the log accounts for each of them.
@Suite(.serialized) struct WebhookKillTests {
    private static let (subscriptions, events) = (4, 500)

    @Test(arguments: [UInt64(3)])
    func nothingIsLostAndRepetitionsAreTold(seed: UInt64) async throws {
        let inbox = Inbox()
        let router = Router([
            Route(.post, "/:subscription") { request, parameters in
                inbox.take(parameters["subscription"], request)
                return Response(status: 204)
            }
        ]) { fault, _ in Response(status: fault.status) }
        let server = try Server(router: router)
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        let deployment = try Deployment(["HELICARRIER_WEBHOOK_ALLOW": "127.0.0.0/8"])
        try await deployment.helicarrier("migrate")
        let ids = try produce(deployment, port)
        let kills = try await storm(deployment, inbox, seed: seed)
        await server.stop(within: .seconds(1))

        #expect(kills >= 6, "the run was too short to be disturbed")
        let all = Self.subscriptions * Self.events
        #expect(deployment.count("SELECT count(*) FROM delivery WHERE state = 'succeeded'") == all)
        let (received, bodies) = (inbox.counts, inbox.bodies)
        #expect(received.count == all, "each has arrived")
        #expect(bodies.keys.sorted() == ids.sorted(), "under its own id")
        #expect(bodies.values.allSatisfy { $0.count == 1 }, "and with the same bytes each time")
        #expect(received.values.contains { $0 > 1 }, "some were sent and killed before that was stored")
        try accountFor(received, deployment)
        #expect(try deployment.lines("PRAGMA integrity_check") == ["ok"])
    }

    /// Writes the subscriptions and all events, and answers the ids of these.
    private func produce(_ deployment: Deployment, _ port: UInt16) throws -> [String] {
        let connection = try Connection(path: deployment.path)
        // Long ago, so that everything is due.
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        for number in 0..<Self.subscriptions {
            let name = "sub_\(number)"
            var subscription = Subscription(
                id: name, url: "http://127.0.0.1:\(port)/\(name)", types: ["*"], state: .active, allowHTTP: true,
                description: nil, challenge: nil, createdAt: now)
            // One of them in order, so that both ways of starting are killed.
            subscription.isOrdered = number == 0
            subscription.ratePerSecond = Subscription.rateBounds.upperBound
            try connection.run(Query<Void>.addSubscription(subscription))
            try connection.run(
                Query<Void>.addSubscriptionKey(
                    SubscriptionKey(id: "key_\(number)", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), of: name,
                    createdAt: now))
        }
        return try connection.transaction { db throws(SQLiteError) in
            var ids: [String] = []
            for number in 0..<Self.events {
                let event = OutgoingEvent(
                    type: "model.added", originKey: "kill:\(number)", occurredAt: now, traceParent: nil
                ) { json in
                    json.beginObject()
                    json.key("number")
                    json.integer(number)
                    json.endObject()
                }
                guard let event else { continue }
                try EmitEvent(event, now: now).apply(to: db)
                ids.append(event.id)
            }
            return ids
        }
    }

    /// Lets the notifier work, and kills it whenever a random number more has arrived.
    private func storm(_ deployment: Deployment, _ inbox: Inbox, seed: UInt64) async throws -> Int {
        var random = SplitMix64(seed: seed)
        var (notifier, kills, goal) = (try deployment.start("notifier"), 0, 40)
        while goal < Self.subscriptions * Self.events {
            let next = goal
            try await eventually("\(next) deliveries have arrived") { inbox.counts.count >= next ? true : nil }
            notifier.signal(SIGKILL)
            try await notifier.wait()
            kills += 1
            notifier = try deployment.start("notifier")
            goal = inbox.counts.count + Int.random(in: 120...280, using: &random)
        }
        try await eventually("every delivery has ended") {
            deployment.count("SELECT count(*) FROM delivery WHERE state = 'pending'") == 0 ? true : nil
        }
        notifier.signal(SIGTERM)
        #expect(try await notifier.wait() == .exited(0))
        return kills
    }

    /// Whatever arrived was an attempt that is in the log, or one whose worker lost its lease, which the job says.
    private func accountFor(_ received: [String: Int], _ deployment: Deployment) throws {
        let rows = try deployment.lines(
            """
            SELECT subscription_id, event_id, (SELECT count(*) FROM delivery_attempt WHERE delivery_id = delivery.id),
                   (SELECT count(*) FROM job JOIN job_attempt ON job_attempt.job_id = job.id
                     WHERE unique_key = 'deliver-webhook:' || delivery.id AND outcome = 'expired')
              FROM delivery
            """)
        for row in rows {
            let parts = row.split(separator: "|")
            let (logged, expired) = (Int(parts[2]) ?? 0, Int(parts[3]) ?? 0)
            let times = received["\(parts[0]) \(parts[1])"] ?? 0
            #expect(logged == 1 && times >= 1 && times <= logged + expired, "\(row) arrived \(times) times")
        }
    }
}

/// What the receiver got.
private final class Inbox: Sendable {
    private struct State {
        /// By subscription and event id.
        var counts: [String: Int] = [:]
        var bodies: [String: Set<[UInt8]>] = [:]
    }

    private let state = Mutex(State())

    var counts: [String: Int] { state.withLock { $0.counts } }
    /// The different bodies of each id.
    var bodies: [String: Set<[UInt8]>] { state.withLock { $0.bodies } }

    func take(_ subscription: String, _ request: Request) {
        let id = request.headers.first("webhook-id") ?? "none"
        state.withLock { state in
            state.counts["\(subscription) \(id)", default: 0] += 1
            state.bodies[id, default: []].insert(request.body)
        }
    }
}
