package import Model
package import SQLite
import Store

/// Look at every rule of the ledger, and tell whoever wants to be told. Produced with each session that is recorded, by
/// changes of rules and silences, by the clock of `scorer`, and by itself for the moment when something is due; done by
/// `scorer`. It coalesces: what is recorded during the run asks for another run.
package struct EvaluateAlerts: JobKind {
    package static let name = "evaluate-alerts"
    package static let stage = StageName.score
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(1))
    package static let concurrency = 1
    package static let coalesces = true
    /// How long sessions gather before they are looked at together.
    package static let gather = Duration.seconds(1)
    /// How often at least.
    package static let period = Duration.minutes(1)

    /// Whether it waits for a moment of its own: then it is no reason not to look earlier.
    package let due: Bool?
    /// The second of that moment. Each has a job of its own: what waits for a later one holds up no earlier one.
    package let second: Int64?

    package init() {
        due = nil
        second = nil
    }

    package init(dueAt moment: Timestamp) {
        due = true
        second = moment.milliseconds / 1_000
    }

    package var uniqueKey: String? {
        due == true ? "evaluate-alerts:due" + (second.map { ":\($0)" } ?? "") : "evaluate-alerts"
    }
}

extension Connection {
    /// Has the rules evaluated once the caller's transaction is stored. A queue that is full refuses nothing else: the
    /// scorer's clock asks within a minute.
    package func enqueueEvaluation(
        _ work: EvaluateAlerts = EvaluateAlerts(), at moment: Timestamp? = nil, traceParent: String? = nil,
        now: Timestamp
    ) throws(SQLiteError) {
        do throws(SQLiteError) {
            try enqueue(work.job(runAt: moment, traceParent: traceParent), now: now)
        } catch {
            guard error.isStageFull else { throw error }
        }
    }
}
