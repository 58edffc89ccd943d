package import Model
package import Store

/// How often and how far apart a kind of work is tried: exponential, capped and jittered.
///
/// A value without clock and generator: time and chance come in as arguments.
package struct RetryPolicy: Equatable, Sendable {
    package let attempts: Int
    package let firstWait: Duration
    package let longestWait: Duration

    package init(attempts: Int, firstWait: Duration, longestWait: Duration) {
        precondition(attempts >= 1 && firstWait > .zero && longestWait >= firstWait)
        self.attempts = attempts
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    /// Doubles after each attempt, up to `longestWait`; `jitter` in 0..<1 takes off up to half.
    package func wait(afterAttempt attempt: Int, jitter: Double) -> Duration {
        precondition(attempt >= 1 && (0..<1).contains(jitter))
        let doublings = min(attempt - 1, 30)
        let full = min(firstWait * (1 << doublings), longestWait)
        return full * (1 - jitter / 2)
    }

    /// What becomes of a job whose attempt of that number failed.
    package func end(after failure: JobFailure, attempt: Int, now: Timestamp, jitter: Double) -> JobEnd {
        switch failure {
        case .interrupted:
            .released
        case .permanent(let errorClass, let reason):
            .dead(errorClass: errorClass, reason: reason)
        case .transient(let errorClass, let reason) where attempt >= attempts:
            .dead(errorClass: errorClass, reason: "gave up after \(attempt) attempts: \(reason)")
        case .transient(let errorClass, let reason):
            .retry(at: now + wait(afterAttempt: attempt, jitter: jitter), errorClass: errorClass, reason: reason)
        }
    }
}
