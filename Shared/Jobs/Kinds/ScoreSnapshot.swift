package import Model

/// Compute what depends on one snapshot and its neighbours alone: scores, ranks and epoch steps. Produced by
/// `normalizer`; done by `scorer`.
package struct ScoreSnapshot: JobKind {
    package static let name = "score-snapshot"
    package static let stage = StageName.score
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package let snapshot: String

    package init(snapshot: String) {
        self.snapshot = snapshot
    }

    package var uniqueKey: String? { "score-snapshot:\(snapshot)" }
}
