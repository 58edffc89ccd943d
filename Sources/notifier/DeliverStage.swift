import Crypto
import HTTPClient
import JSON
import Jobs
import Model
import SQLite
import Store
import Webhooks

/// Brings one event to one endpoint: signed when it is sent, to an address that was judged just before.
///
/// A process that is killed after sending sends again: receivers know the repetition by its `webhook-id`.
struct DeliverStage: Stage {
    let database: Database
    let policy: AddressPolicy
    let resolve: @Sendable (_ host: String) async throws(ClientError) -> [String]
    let send: @Sendable (ClientRequest) async throws(ClientError) -> ClientResponse
    let now: @Sendable () -> Timestamp
    let chance: @Sendable () -> Double
    let newSpan: @Sendable (_ traceParent: String?) -> String

    func run(_ work: DeliverWebhook, _ context: JobContext) async throws(JobFailure) -> StageResult {
        try await attempt(work.delivery, context)
    }

    /// One attempt. The job is done once it is recorded, whatever the receiver said.
    func attempt(_ delivery: String, _ context: JobContext) async throws(JobFailure) -> StageResult {
        guard let stored = try await stored(delivery) else {
            return StageResult(end: .cancelled(reason: "the delivery or its subscription was deleted"))
        }
        guard stored.delivery.state == .pending else { return StageResult() }
        if stored.subscription.state == .disabled {
            return cancelled(stored, "the subscription is disabled")
        }
        if stored.isVerification, !stored.asksForTheChallenge {
            return cancelled(stored, "the challenge is no longer asked for")
        }
        guard let signing = SigningKeys(stored.keys) else {
            return cancelled(stored, "the subscription has no key that can sign")
        }
        let gates = [stored.subscription.throttledUntil, stored.subscription.health.breakerUntil].compactMap { $0 }
        if gates.contains(where: { $0 > now() }) {
            // It was let in before the receiver asked for time, or before the breaker opened.
            return StageResult(writes: [Query<Void>.releaseDelivery(id: delivery)] + admitting(stored))
        }
        let tried = await tryOnce(stored, signing, context)
        if Task.isCancelled, tried.wasInterrupted { throw .interrupted }
        return result(of: tried, stored)
    }

    // What an attempt means.

    private func result(of tried: Tried, _ stored: Stored) -> StageResult {
        var attempt = tried.attempt
        attempt.errorClass = tried.judgement.fault?.errorClass.rawValue
        attempt.errorMessage = tried.judgement.fault?.message
        if case .throttled(_, let retryAfter) = tried.judgement { attempt.retryAfter = retryAfter }
        let consequences: [any Write] =
            switch tried.judgement {
            case .success: success(stored, attempt)
            case .gone: gone(stored, attempt)
            case .failed, .throttled: again(stored, pause: tried.judgement.pause, &attempt)
            }
        var writes: [any Write] = [
            Query<Void>.saveDeliveryAttempt(attempt), CountAttempt(attempt, since: stored.delivery.createdAt),
        ]
        if stored.delivery.counts {
            writes.append(NoteHealth(of: attempt, to: stored.subscription.id, now: now()))
        }
        return StageResult(writes: writes + consequences + admitting(stored), wakes: [StageName.notify.rawValue])
    }

    private func success(_ stored: Stored, _ attempt: DeliveryAttempt) -> [any Write] {
        var writes: [any Write] = [end(stored, .succeeded, attempt)]
        if stored.isVerification, let challenge = stored.subscription.challenge {
            writes.append(
                Query<Void>.activateSubscription(id: stored.subscription.id, challenge: challenge, now: now()))
        }
        return writes
    }

    private func gone(_ stored: Stored, _ attempt: DeliveryAttempt) -> [any Write] {
        [
            end(stored, .failed, attempt),
            DisableSubscription(
                stored.subscription.id, reason: "the receiver answered 410 Gone", hasFailed: true,
                traceParent: attempt.traceParent, now: now()),
        ]
    }

    private func again(
        _ stored: Stored, pause: DeliverySchedule.Pause, _ attempt: inout DeliveryAttempt
    ) -> [any Write] {
        var writes: [any Write] = []
        if let length = DeliverySchedule.silence(for: pause) {
            writes.append(Query<Void>.throttleSubscription(id: stored.subscription.id, until: now() + length))
        }
        // Somebody waits for the outcome of a test; in three days nobody does.
        let wait =
            stored.delivery.trigger == .test
            ? nil : DeliverySchedule.wait(afterAttempt: attempt.number, pause: pause, chance: chance())
        guard let wait else { return writes + [end(stored, .failed, attempt)] }
        let moment = now() + wait
        attempt.nextAttemptAt = moment
        return writes + [Query<Void>.postponeDelivery(id: stored.delivery.id, attempts: attempt.number, until: moment)]
    }

    private func end(_ stored: Stored, _ state: Delivery.State, _ attempt: DeliveryAttempt) -> any Write {
        Query<Void>.endDelivery(id: stored.delivery.id, state: state, attempts: attempt.number, now: now())
    }

    private func cancelled(_ stored: Stored, _ reason: String) -> StageResult {
        StageResult(
            end: .cancelled(reason: reason),
            writes: [
                Query<Void>.endDelivery(
                    id: stored.delivery.id, state: .cancelled, attempts: stored.delivery.attempts, now: now())
            ] + admitting(stored), wakes: [StageName.notify.rawValue])
    }

    /// The place that this attempt had is free for the next one.
    private func admitting(_ stored: Stored) -> [any Write] {
        [AdmitDeliveries(of: stored.subscription.id, now: now())]
    }
}

/// The same for attempts that must not take the places of those that will probably succeed.
struct RetryStage: Stage {
    let deliver: DeliverStage

    func run(_ work: RetryWebhook, _ context: JobContext) async throws(JobFailure) -> StageResult {
        try await deliver.attempt(work.delivery, context)
    }
}

extension DeliverStage {
    /// What the database knows before the attempt.
    struct Stored: Sendable {
        let delivery: Delivery
        let event: StoredEvent
        let subscription: Subscription
        let keys: [SubscriptionKey]

        var isVerification: Bool { event.type == WebhookEvent.verification }

        /// Whether the event carries the challenge that the subscription waits for: a change of the URL makes another.
        var asksForTheChallenge: Bool {
            guard subscription.state == .pending, let challenge = subscription.challenge,
                let body = try? JSONDocument(parsing: event.body)
            else { return false }
            return body.root["data"]?["challenge"]?.equals(challenge) == true
        }
    }

    /// `nil` where the delivery, or what it needs, is gone.
    private func stored(_ id: String) async throws(JobFailure) -> Stored? {
        let moment = now()
        do throws(SQLiteError) {
            return try await database.read { db throws(SQLiteError) in
                guard let delivery = try db.run(.delivery(id: id)).first,
                    let event = try db.run(.event(id: delivery.event)).first,
                    let subscription = try db.run(.subscription(id: delivery.subscription)).first
                else { return nil }
                return Stored(
                    delivery: delivery, event: event, subscription: subscription,
                    keys: try db.run(.validKeys(of: subscription.id, now: moment)))
            }
        } catch {
            throw .transient("database", "\(error)")
        }
    }
}

/// The keys of one subscription in the order in which they sign, and their names for the log.
struct SigningKeys: Sendable {
    let names: [String]
    let signer: WebhookSigner

    /// `nil` where no key can sign. Keys that cannot be read are left out: one that still signs may be enough.
    init?(_ stored: [SubscriptionKey]) {
        let readable = stored.compactMap { key in WebhookKey(key.secret).map { (key.id, $0) } }
        guard !readable.isEmpty else { return nil }
        names = readable.map(\.0)
        signer = WebhookSigner(keys: readable.map(\.1))
    }
}
