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
        guard let stored = try await stored(work.delivery) else {
            return StageResult(end: .cancelled(reason: "the delivery or its subscription was deleted"))
        }
        guard stored.delivery.state == .pending else { return StageResult() }
        if stored.subscription.state == .disabled {
            return cancelled(stored, "the subscription is disabled")
        }
        guard let signing = SigningKeys(stored.keys) else {
            return cancelled(stored, "the subscription has no key that can sign")
        }
        if let until = stored.subscription.throttledUntil, until > now() {
            return StageResult(
                end: .snoozed(until: until, reason: "the receiver asked for time"),
                writes: [
                    Query<Void>.postponeDelivery(
                        id: stored.delivery.id, attempts: stored.delivery.attempts, until: until)
                ])
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
        var result =
            switch tried.judgement {
            case .success: success(stored, attempt)
            case .gone: gone(stored, attempt)
            case .failed(let fault), .throttled(let fault, _):
                again(stored, fault, pause: tried.judgement.pause, &attempt)
            }
        result.writes.insert(Query<Void>.saveDeliveryAttempt(attempt), at: 0)
        return result
    }

    private func success(_ stored: Stored, _ attempt: DeliveryAttempt) -> StageResult {
        var result = StageResult(writes: [end(stored, .succeeded, attempt)])
        if stored.isVerification {
            result.writes.append(Query<Void>.activateSubscription(
                    id: stored.subscription.id, challenge: stored.subscription.challenge ?? "", now: now()))
        }
        return result
    }

    private func gone(_ stored: Stored, _ attempt: DeliveryAttempt) -> StageResult {
        let (id, moment) = (stored.subscription.id, now())
        let reason = "the receiver answered 410 Gone"
        var result = StageResult(
            end: .cancelled(reason: reason),
            writes: [
                end(stored, .failed, attempt),
                Disable(id: id, reason: reason, now: moment),
            ])
        let notice = OutgoingEvent(
            type: WebhookEvent.disabled, originKey: "subscription.disabled:\(id):\(stored.subscription.version)",
            occurredAt: moment, traceParent: attempt.traceParent
        ) { json in
            json.beginObject()
            json.key("subscriptionId")
            json.string(id)
            json.key("reason")
            json.string(reason)
            json.endObject()
        }
        if let notice { result.writes.append(EmitEvent(notice, now: moment)) }
        result.wakes = [StageName.notify.rawValue]
        return result
    }

    private func again(
        _ stored: Stored, _ fault: DeliveryJudgement.Fault, pause: DeliverySchedule.Pause,
        _ attempt: inout DeliveryAttempt
    ) -> StageResult {
        let errorClass = fault.errorClass.rawValue
        var silence: [any Write] = []
        if let length = DeliverySchedule.silence(for: pause) {
            silence = [Query<Void>.throttleSubscription(id: stored.subscription.id, until: now() + length)]
        }
        guard let wait = DeliverySchedule.wait(afterAttempt: attempt.number, pause: pause, chance: chance()) else {
            return StageResult(
                end: .dead(
                    errorClass: errorClass, reason: "gave up after \(attempt.number) attempts: \(fault.message)"),
                writes: [end(stored, .failed, attempt)] + silence)
        }
        let moment = now() + wait
        attempt.nextAttemptAt = moment
        return StageResult(
            end: .retry(at: moment, errorClass: errorClass, reason: fault.message),
            writes: [Query<Void>.postponeDelivery(id: stored.delivery.id, attempts: attempt.number, until: moment)]
                + silence)
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
            ])
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

/// Placeholder of the write that ends a subscription.
private struct Disable: Write {
    let id: String
    let reason: String
    let now: Timestamp
    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(Query<String>.disableSubscription(id: id, reason: reason, now: now))
    }
}
