import Daemon
import Glibc
import JSON
import Jobs
import Model
import SQLite
import Store

/// The producing side of the webhook benchmark: subscriptions, and events that are committed one by one. What is
/// measured and how is decided by `Benchmarks/webhooks_benchmark.py`.
@main
struct WebhookBench {
    private static let help = """
        WebhookBench: one role of the webhook benchmark; scripts/bench plays them together.

        Usage: WebhookBench subscribe --db PATH URL…
               WebhookBench emit --db PATH EVENTS PAUSE-MS
               WebhookBench outcome --db PATH

          subscribe  a new database with one active subscription for each URL
          emit       so many events, each in a transaction of its own, with a pause before each; answers for each event
                     when its commit returned, in microseconds of the monotonic clock
          outcome    what has become of the deliveries, by state, and how many attempts were made

        A role answers one JSON object.
        """

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3, arguments[1] == "--db" else {
            Console.print(help)
            exit(arguments.first == "--help" ? 0 : 2)
        }
        let rest = Array(arguments.dropFirst(3))
        do {
            let location = DatabaseLocation(path: arguments[2])
            var answer = JSONWriter()
            answer.beginObject()
            switch arguments[0] {
            case "subscribe": try await subscribe(rest, location)
            case "emit": try await emit(rest, location, &answer)
            case "outcome": try await outcome(location, &answer)
            default: throw Misuse()
            }
            answer.endObject()
            Console.print(String(decoding: answer.finished(), as: UTF8.self))
        } catch {
            Console.error("WebhookBench \(arguments[0]): \(error)")
            exit(1)
        }
    }

    private struct Misuse: Error {}

    private static func subscribe(_ urls: [String], _ location: DatabaseLocation) async throws {
        let database = try location.open(now: SystemClock.now())
        try await database.write { db throws(SQLiteError) in
            let moment = SystemClock.now()
            for url in urls {
                let subscription = Subscription(
                    id: RandomName.make("sub_"), url: url, types: ["*"], state: .active, allowHTTP: true,
                    description: nil, challenge: nil, createdAt: moment)
                try db.run(Query<Void>.addSubscription(subscription))
                // The secret of the standard's own example: the receiver does not verify.
                let key = SubscriptionKey(id: RandomName.make("key_"), secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                try db.run(Query<Void>.addSubscriptionKey(key, of: subscription.id, createdAt: moment))
            }
        }
    }

    private static func emit(
        _ arguments: [String], _ location: DatabaseLocation, _ answer: inout JSONWriter
    ) async throws {
        guard arguments.count == 2, let events = Int(arguments[0]), let pause = Int(arguments[1]),
            let doorbell = Doorbell(directory: location.bells)
        else { throw Misuse() }
        let database = try location.open(now: SystemClock.now())
        answer.key("committed")
        answer.beginObject()
        for number in 0..<events {
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
            guard let event = event(number) else { throw Misuse() }
            try await database.write { db throws(SQLiteError) in
                try EmitEvent(event, now: SystemClock.now()).apply(to: db)
            }
            answer.key(text: event.id)
            answer.integer(microseconds())
            doorbell.ring(StageName.notify.rawValue)
        }
        answer.endObject()
    }

    private static func event(_ number: Int) -> OutgoingEvent? {
        OutgoingEvent(
            type: "model.rank.changed", originKey: RandomName.make("bench-"), occurredAt: SystemClock.now(),
            traceParent: nil
        ) { json in
            json.beginObject()
            json.key("model")
            json.string("example/model-\(number)")
            json.key("rank")
            json.integer(number)
            json.key("link")
            json.string("/api/v4/models/example/model-\(number)")
            json.endObject()
        }
    }

    private static func outcome(_ location: DatabaseLocation, _ answer: inout JSONWriter) async throws {
        let database = try location.open(now: SystemClock.now())
        for state in Delivery.State.allCases {
            let count = Query<Int>("SELECT count(*) FROM delivery WHERE state = ?1", [.text(state.rawValue)]) {
                $0.count(0)
            }
            answer.key(text: state.rawValue)
            answer.integer(try await database.run(count).first ?? 0)
        }
        answer.key("attempts")
        let attempts = Query<Int>("SELECT count(*) FROM delivery_attempt") { $0.count(0) }
        answer.integer(try await database.run(attempts).first ?? 0)
    }

    /// Since boot: the same for all processes, and for Python's `time.monotonic_ns`.
    private static func microseconds() -> Int64 {
        var moment = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &moment)
        return Int64(moment.tv_sec) * 1_000_000 + Int64(moment.tv_nsec) / 1_000
    }
}
