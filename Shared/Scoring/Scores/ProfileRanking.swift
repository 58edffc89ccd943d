package import Model

/// The totals and places of one set of models under one profile.
package struct ProfileRanking: Equatable, Sendable {
    /// Parallel to the models that were given.
    package let totals: [Tenths?]
    /// The same; 1 is the highest total, and equal totals go by id.
    package let ranks: [Int32]
}

extension Scoring {
    /// How a published snapshot stands under these weights, from the components that are stored with it.
    ///
    /// Components do not depend on the profile and are rounded before they are weighted, so this gives exactly what
    /// the scorer would have stored for the profile. No counter is read, and a custom profile costs what a shipped one
    /// does: two passes over the models.
    ///
    /// - Parameter idOrder: the places of all models in the bytewise order of their ids. It serves every profile.
    package func ranking(of scores: [Scores], idOrder: [UInt32]) -> ProfileRanking {
        let totals = scores.map { total(adoption: $0.adoption, ecosystem: $0.ecosystem, velocity: $0.velocity) }
        return ProfileRanking(totals: totals, ranks: Ranking.ranks(totals: totals, idOrder: idOrder))
    }
}
