/// A named set of score weights, as users choose it by name.
package struct ScoreProfile: Hashable, Sendable {
    package let name: String
    /// The version of the file that it comes from; scores of different versions do not compare.
    package let version: Int
    package let weights: ScoreWeights

    package init(name: String, version: Int, weights: ScoreWeights) {
        self.name = name
        self.version = version
        self.weights = weights
    }
}

/// How much each component counts, in thousandths, so that totals are exact on every machine. They sum to 1000.
package struct ScoreWeights: Hashable, Sendable {
    package let adoption: Int
    package let ecosystem: Int
    package let velocity: Int

    package static let whole = 1_000

    /// `nil` unless each is 0 to 1000 and they sum to 1000.
    package init?(adoption: Int, ecosystem: Int, velocity: Int) {
        let possible = 0...Self.whole
        guard possible.contains(adoption), possible.contains(ecosystem), possible.contains(velocity),
            adoption + ecosystem + velocity == Self.whole
        else { return nil }
        self.adoption = adoption
        self.ecosystem = ecosystem
        self.velocity = velocity
    }
}

/// The counters at which a component reaches 100. They are fixed, so that a score does not move when the
/// cohort does.
package struct ScoreCaps: Hashable, Sendable {
    package let downloads: Double
    package let likes: Double
    package let trendingScore: Double

    package init(downloads: Double, likes: Double, trendingScore: Double) {
        self.downloads = downloads
        self.likes = likes
        self.trendingScore = trendingScore
    }
}

/// The profiles of a deployment, with the caps that all of them share.
package struct ScoreProfiles: Hashable, Sendable {
    package let version: Int
    package let caps: ScoreCaps
    /// In the file's order.
    package let profiles: [ScoreProfile]

    package init(version: Int, caps: ScoreCaps, profiles: [ScoreProfile]) {
        self.version = version
        self.caps = caps
        self.profiles = profiles
    }

    package subscript(name: String) -> ScoreProfile? {
        profiles.first { $0.name == name }
    }
}
