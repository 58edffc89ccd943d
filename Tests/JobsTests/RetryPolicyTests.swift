import Jobs
import Model
import Store
import Testing

/// When a failed job is tried again, by tables.
@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(attempts: 5, firstWait: .seconds(2), longestWait: .seconds(60))
    private static let now = Timestamp(milliseconds: 1_000_000)

    @Test(arguments: [
        (1, 0.0, Duration.seconds(2)), (2, 0.0, .seconds(4)), (3, 0.0, .seconds(8)), (5, 0.0, .seconds(32)),
        (6, 0.0, .seconds(60)), (31, 0.0, .seconds(60)), (1_000, 0.0, .seconds(60)), (Int.max, 0.0, .seconds(60)),
        (1, 0.5, .milliseconds(1_500)), (2, 0.5, .seconds(3)), (9, 0.5, .seconds(45)),
    ])
    func waitsTwiceAsLongEachTime(attempt: Int, jitter: Double, expected: Duration) {
        #expect(policy.wait(afterAttempt: attempt, jitter: jitter) == expected)
    }

    @Test(arguments: 1...40)
    func jitterTakesOffHalfAtMost(attempt: Int) {
        let full = policy.wait(afterAttempt: attempt, jitter: 0)
        let least = policy.wait(afterAttempt: attempt, jitter: 1.0.nextDown)
        #expect(least >= full / 2 && least < full)
        #expect(full <= policy.longestWait)
    }

    private static let ends: [(JobFailure, Int, JobEnd)] = [
        (.interrupted, 1, .released), (.interrupted, 5, .released),
        (.permanent("gone", "404"), 1, .dead(errorClass: "gone", reason: "404")),
        (.transient("net", "x"), 1, .retry(at: now + .seconds(2), errorClass: "net", reason: "x")),
        (.transient("net", "x"), 4, .retry(at: now + .seconds(16), errorClass: "net", reason: "x")),
        (.transient("net", "x"), 5, .dead(errorClass: "net", reason: "gave up after 5 attempts: x")),
        (.transient("net", "x"), 6, .dead(errorClass: "net", reason: "gave up after 6 attempts: x")),
    ]

    @Test(arguments: ends)
    func sortsFailuresByWhatToDo(failure: JobFailure, attempt: Int, end: JobEnd) {
        #expect(policy.end(after: failure, attempt: attempt, now: Self.now, jitter: 0) == end)
    }
}
