package import Model

/// The epochs of one feed, oldest first, folded from its steps.
///
/// Every step that shows a refresh is an epoch of its own, represented by the later snapshot of the step: the
/// first that shows the new counters. The first snapshot of a feed shows some refresh too, but not when it
/// happened, so it represents none.
///
/// A refresh that is seen half done gives two epochs: a suspect one, then the rest, which is settled once it
/// alone changes more than half of the cohort. They are not joined. The rest has the suspect one as
/// its previous epoch, a few hours back, so deltas over 24 h say `missed_refresh` until the next refresh,
/// whose previous epoch is the complete one. A day without a figure is the price of never showing a sum over
/// counters of two different days as the change of one.
package struct EpochHistory: Equatable, Sendable {
    package private(set) var epochs: [Epoch] = []

    package init() {}

    /// Adds what `snapshot` showed against its predecessor. Steps come in the order of observation; when an
    /// older snapshot is imported late, the feed's history is folded anew.
    package mutating func record(_ step: EpochStep, at snapshot: SnapshotPoint) {
        record(step.verdict, at: snapshot)
    }

    /// The same for a step whose verdict was stored.
    package mutating func record(_ verdict: EpochStep.Verdict, at snapshot: SnapshotPoint) {
        precondition(
            epochs.last.map { $0.snapshot.observedAt < snapshot.reference.observedAt } ?? true,
            "steps are recorded in the order of observation")
        let state: EpochState
        switch verdict {
        case .none: return
        case .settled: state = .settled
        case .suspect: state = .suspect
        }
        epochs.append(Epoch(snapshotKey: snapshot.key, snapshot: snapshot.reference, state: state))
    }

    /// Forgets epochs whose snapshot is no longer kept.
    package mutating func forget(before oldest: Timestamp) {
        epochs.removeAll { $0.snapshot.observedAt < oldest }
    }

    package var newest: Epoch? { epochs.last }

    /// `pending` until the feed has shown its first refresh.
    package var state: EpochState { newest?.state ?? .pending }
}
