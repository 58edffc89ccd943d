package import Deployment
import Glibc
package import Model

/// The scores of v4: three components on a log scale with fixed caps, and their weighted total.
///
/// A component is `100 · min(1, ln(1 + v) / ln(1 + cap))`, rounded to a tenth. The total is computed from the
/// rounded components in whole numbers and rounded half up, so that every machine gets the same order. A component
/// whose counter is unknown is `nil`; its weight is left out and the others are scaled up to the whole. A model of
/// which nothing is known has no total, is stored with 0 and comes last.
package struct Scoring: Sendable {
    package let caps: ScoreCaps
    package let weights: ScoreWeights

    package init(caps: ScoreCaps, weights: ScoreWeights) {
        self.caps = caps
        self.weights = weights
    }

    package func scores(downloads: Int64?, likes: Int64?, trendingScore: Double?) -> Scores {
        let adoption = Self.component(downloads.map(Double.init), cap: caps.downloads)
        let ecosystem = Self.component(likes.map(Double.init), cap: caps.likes)
        let velocity = Self.component(trendingScore, cap: caps.trendingScore)
        return Scores(
            adoption: adoption, ecosystem: ecosystem, velocity: velocity,
            total: total(adoption: adoption, ecosystem: ecosystem, velocity: velocity))
    }

    /// The total of components that are already rounded; how one snapshot is shown under several profiles.
    package func total(adoption: Tenths?, ecosystem: Tenths?, velocity: Tenths?) -> Tenths? {
        var weighted = 0
        var known = 0
        let parts = [(adoption, weights.adoption), (ecosystem, weights.ecosystem), (velocity, weights.velocity)]
        for case (let component?, let weight) in parts {
            weighted += Int(component.count) * weight
            known += weight
        }
        guard known > 0 else { return nil }
        return Tenths(Int32((2 * weighted + known) / (2 * known)))
    }

    /// A counter below 0 counts as 0; one that is not a number is unknown.
    package static func component(_ value: Double?, cap: Double) -> Tenths? {
        guard let value, !value.isNaN else { return nil }
        let share = min(1, log1p(max(0, value)) / log1p(cap))
        return Tenths(Int32((1_000 * share).rounded(.toNearestOrAwayFromZero)))
    }
}
