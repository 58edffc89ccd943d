/// Whether a model's newest change could be judged.
package enum AnomalyState: String, Sendable, CaseIterable {
    case evaluated
    /// Fewer epochs than the rule needs.
    case insufficientHistory = "insufficient_history"
    /// The newest epoch is not trusted, so nothing is said about any model.
    case suspectEpoch = "suspect_epoch"
}

/// What stands out.
package enum AnomalyRule: String, Sendable, CaseIterable {
    case downloads
    case velocity
}

/// The figures that a verdict was reached with; what was not computed is `nil`.
package struct AnomalyFigures: Hashable, Sendable {
    /// `ln((now + 1) / (before + 1))` of downloads, between the newest epoch and the one before.
    package var downloadsReturn: Double?
    /// Modified z-score of that return among all models of the feed.
    package var cohortZ: Double?
    /// Modified z-score of that return among the model's own earlier ones.
    package var ownZ: Double?
    /// Downloads gained or lost between the two epochs.
    package var downloadsChange: Int64?
    /// Earlier returns that the model's own history was judged by.
    package var ownReturns: Int?
    /// Likes gained in the last day, and their modified z-score among the model's own earlier days.
    package var likesGained: Int64?
    package var likesZ: Double?
    package var likeDays: Int?

    package init() {}
}

/// Whether a model's newest change stands out. `nil` is "cannot be told", never "no".
package struct Anomaly: Hashable, Sendable {
    package var downloads: Bool?
    package var velocity: Bool?
    package var state: AnomalyState
    package var figures: AnomalyFigures

    package init(
        downloads: Bool? = nil, velocity: Bool? = nil, state: AnomalyState = .insufficientHistory,
        figures: AnomalyFigures = AnomalyFigures()
    ) {
        self.downloads = downloads
        self.velocity = velocity
        self.state = state
        self.figures = figures
    }
}
