package import Model

/// Move the sessions that changed into the sums that readers are shown, some thousand at a time. Produced by whoever
/// records sessions; done by `scorer`.
package struct SumUsage: JobKind {
    package static let name = "sum-usage"
    package static let stage = StageName.score
    package static let retry = RetryPolicy(attempts: 20, firstWait: .seconds(1), longestWait: .minutes(1))
    package static let concurrency = 1
    package static let coalesces = true
    /// How long sessions gather before they are summed: a summing for each would hold up those that record them, and
    /// what waits is in every answer anyway.
    package static let gather = Duration.seconds(1)

    package init() {}

    package var uniqueKey: String? { "sum-usage" }
}
