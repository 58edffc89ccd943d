package import Deployment
package import Model

extension AnomalyThresholds {
    /// The verdict on a model whose newest day could be judged as far as the feed goes.
    ///
    /// Both rules are two-sided: a collapse stands out as much as a surge. A verdict on downloads needs the model in
    /// both epochs and ``Downloads/minReturns`` earlier returns; without it nothing is said of likes either. A model
    /// that is `evaluated` may still have no verdict on its likes, if they were known on too few days.
    package func judge(_ figures: AnomalyFigures) -> Anomaly {
        guard let cohortZ = figures.cohortZ, let change = figures.downloadsChange, let ownZ = figures.ownZ,
            let returns = figures.ownReturns, returns >= downloads.minReturns
        else { return Anomaly(state: .insufficientHistory, figures: figures) }
        let standsOut =
            abs(cohortZ) > downloads.cohortZ && abs(ownZ) > downloads.ownZ && change.magnitude >= downloads.minChange
        return Anomaly(downloads: standsOut, velocity: velocity(figures), state: .evaluated, figures: figures)
    }

    private func velocity(_ figures: AnomalyFigures) -> Bool? {
        guard let gained = figures.likesGained, let likesZ = figures.likesZ, let days = figures.likeDays,
            days >= velocity.minDays
        else { return nil }
        return abs(likesZ) > velocity.likesZ && gained.magnitude >= velocity.minLikes
    }
}

extension Anomaly {
    /// The rules that the model breaks.
    package var broken: [AnomalyRule] {
        (downloads == true ? [.downloads] : []) + (velocity == true ? [.velocity] : [])
    }
}
