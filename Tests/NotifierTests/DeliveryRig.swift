import Crypto
import HTTPClient
import JSON
import Jobs
import Model
import SQLite
import Store
import Synchronization
import Telemetry
import TestKit
import Testing
import Webhooks

@testable import notifier

/// A real database with one subscription, a stage over it, and an outside that is a script.
final class DeliveryRig: Sendable {
    static let subscription = "sub_1"
    static let currentSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let oldSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    typealias Answer = Result<ClientResponse, ClientError>

    let place: TemporaryDatabase
    let database: Database
    let time = ManualTime()
    private let answers = Mutex<[Answer]>([])
    private let requests = Mutex<[ClientRequest]>([])
    private let names = Mutex<[String: [String]]>([:])
    private let lookups = Mutex<[String]>([])
    private let policy: AddressPolicy
    private let client: HTTPClient?

    /// - Parameter client: where it is given, requests really go out, to 127.0.0.1 alone.
    init(
        url: String = "https://hooks.example.com/in?token=secret", state: Subscription.State = .active,
        challenge: String? = nil, allowHTTP: Bool = false, policy: AddressPolicy = AddressPolicy(),
        names: [String: [String]] = ["hooks.example.com": ["93.184.216.34"]],
        client: HTTPClient? = nil, changed change: (inout Subscription) -> Void = { _ in }
    ) throws {
        place = try TemporaryDatabase()
        database = try place.database()
        self.policy = policy
        self.client = client
        self.names.withLock { $0 = names }
        let connection = try place.open()
        var subscription = Subscription(
            id: Self.subscription, url: url, types: ["*"], state: state, allowHTTP: allowHTTP, description: nil,
            challenge: challenge, createdAt: time.now())
        change(&subscription)
        try connection.run(Query<Void>.addSubscription(subscription))
        try connection.run(
            Query<Void>.addSubscriptionKey(
                SubscriptionKey(id: "key_1", secret: Self.currentSecret), of: Self.subscription,
                createdAt: time.now()))
    }

    var sent: [ClientRequest] { requests.withLock { $0 } }
    var asked: [String] { lookups.withLock { $0 } }

    func answer(_ more: Answer...) {
        answers.withLock { $0 += more }
    }

    func resolve(_ name: String, to addresses: [String]) {
        names.withLock { $0[name] = addresses }
    }

    /// Writes an event and its delivery to the subscription, whatever the subscription's state.
    func emit(
        type: String = "model.added", traceParent: String? = nil, data: String = "{\"id\":\"a/b\"}",
        trigger: Delivery.Trigger = .scheduled, counts: Bool = true
    ) throws -> String {
        let connection = try place.open()
        let event = try #require(
            OutgoingEvent(type: type, originKey: RandomName.make("o"), occurredAt: time.now(), traceParent: traceParent)
            { $0.raw([UInt8](data.utf8)) })
        try connection.run(
            Query<String>.saveEvent(
                id: event.id, type: event.type, originKey: event.originKey, occurredAt: event.occurredAt,
                body: event.body, traceParent: traceParent))
        let sending = SendEvent(
            event: event.id, to: Self.subscription, trigger: trigger, counts: counts, now: time.now())
        try sending.apply(to: connection)
        return sending.delivery.id
    }

    /// The types of all events, in order.
    func eventTypes() throws -> [String] {
        try place.open().run(Query("SELECT type FROM event ORDER BY sequence") { $0.text(0) })
    }

    /// Lets those start that may, claims what comes next, runs it, and stores the result as a worker does. False when
    /// nothing was due.
    @discardableResult
    func work() async throws -> Bool {
        let moment = time.now()
        let connection = try place.open()
        for due in try connection.run(.startable(limit: 10)) where due.at <= moment {
            try connection.transaction { db throws(SQLiteError) in
                try AdmitDeliveries(of: due.subscription, now: moment).apply(to: db)
            }
        }
        var claimed: [ClaimedJob] = []
        for kind in [DeliverWebhook.name, RetryWebhook.name] where claimed.isEmpty {
            claimed = try connection.claim(
                kind: kind, stage: .notify, limit: 1, worker: "notify-test", leaseUntil: 1_000_000, now: moment)
        }
        guard let job = claimed.first else { return false }
        let context = JobContext(
            job: job.id, attempt: job.attempt, isLastAttempt: job.attempt >= job.maxAttempts, worker: job.worker,
            traceParent: job.traceParent, log: .silent)
        let result: StageResult
        if job.kind == DeliverWebhook.name {
            result = try await stage.run(
                try DeliverWebhook(payload: job.payload, version: job.payloadVersion), context)
        } else {
            result = try await RetryStage(deliver: stage).run(
                try RetryWebhook(payload: job.payload, version: job.payloadVersion), context)
        }
        let ended = time.now()
        try connection.transaction { db throws(SQLiteError) in
            #expect(try EndJob(job, result.end, now: ended).apply(to: db))
            for write in result.writes { try write.apply(to: db) }
        }
        return true
    }

    var stage: DeliverStage {
        DeliverStage(
            database: database, policy: policy,
            resolve: { [self] (host: String) async throws(ClientError) -> [String] in
                lookups.withLock { $0.append(host) }
                guard let found = names.withLock({ $0[host] }) else { throw ClientError(.dns, "no such name") }
                return found
            },
            send: { [self] (request: ClientRequest) async throws(ClientError) -> ClientResponse in
                requests.withLock { $0.append(request) }
                if let client { return try await client.send(request) }
                let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                return try (answer ?? .failure(ClientError(.connect, "nothing more was scripted"))).get()
            },
            now: time.now, chance: { 0.5 }, newSpan: { $0 ?? "none" })
    }

    func delivery(_ id: String) throws -> Delivery {
        try #require(try place.open().run(Query<Delivery>.delivery(id: id)).first)
    }

    func attempts(_ id: String) throws -> [DeliveryAttempt] {
        try place.open().run(Query<DeliveryAttempt>.deliveryAttempts(of: id))
    }

    func stored() throws -> Subscription {
        try #require(try place.open().run(Query<Subscription>.subscription(id: Self.subscription)).first)
    }

    /// The only job, or the one that was added last.
    func job() throws -> StoredJob {
        try #require(try place.open().storedJobs().last)
    }
}

extension Result where Success == ClientResponse, Failure == ClientError {
    static func status(_ status: Int, _ headers: [HeaderLine] = [], body: String = "") -> Self {
        .success(ClientResponse(status: status, headers: ResponseHeaders(headers), body: [UInt8](body.utf8)))
    }
}

extension ClientRequest {
    func header(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }
}
