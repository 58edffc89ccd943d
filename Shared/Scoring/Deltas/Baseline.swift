package import Model

/// What one kind of delta is taken against in a whole publication.
package enum Baseline: Hashable, Sendable {
    case at(SnapshotPoint)
    /// The snapshot exists, but no delta is taken against it; it is still named, so that a reader can see which
    /// two epochs were not trusted.
    case withheld(SnapshotPoint, MissingReason)
    case missing(MissingReason)

    /// The snapshot to load, where deltas are taken against it.
    package var usable: SnapshotPoint? {
        if case .at(let point) = self { point } else { nil }
    }

    /// The snapshot to name.
    package var named: SnapshotReference? {
        switch self {
        case .at(let point), .withheld(let point, _): point.reference
        case .missing: nil
        }
    }

    /// Why every delta of the kind is missing, if it is.
    package var reason: MissingReason? {
        switch self {
        case .at: nil
        case .withheld(_, let reason), .missing(let reason): reason
        }
    }
}

/// The snapshots between which the deltas of one publication are taken.
///
/// Downloads are compared between epochs, because their counter moves once a day and "now minus 24 h" would
/// hold no refresh, one or two of them. Likes and ranks move all the time and are compared between the newest
/// snapshot and the one nearest to the wanted age. Every window includes both of its ends; of two candidates
/// equally near, the earlier is taken, so that the choice does not depend on the order of reading.
package struct Baselines: Hashable, Sendable {
    /// The newest epoch, or why there is none.
    package let current: Baseline
    package let downloads24h: Baseline
    package let downloads7d: Baseline
    package let likes24h: Baseline
    package let likes7d: Baseline

    /// Chooses for `newest`. `snapshots` and `epochs` are of its feed, oldest first; those that are not
    /// earlier than `newest` (epochs: later) are left out, so the choice can be made for any kept snapshot.
    package init(newest: SnapshotPoint, snapshots: [SnapshotPoint], epochs: [Epoch]) {
        let known = epochs.filter { $0.snapshot.observedAt <= newest.observedAt }
        if let last = known.last {
            current = last.state == .suspect ? .withheld(SnapshotPoint(last), .suspectEpoch) : .at(SnapshotPoint(last))
            let earlier = known.dropLast()
            downloads24h = Self.previousEpoch(before: last, in: earlier)
            downloads7d = Self.epochAWeek(before: last, in: earlier)
        } else {
            current = .missing(.epochPending)
            downloads24h = .missing(.epochPending)
            downloads7d = .missing(.epochPending)
        }
        let earlier = snapshots.filter { $0.observedAt < newest.observedAt }
        likes24h = Self.snapshot(.hours(24), before: newest, within: .hours(6), in: earlier)
        likes7d = Self.snapshot(.days(7), before: newest, within: .hours(12), in: earlier)
    }

    /// What the publication says about them.
    package var published: DeltaBaselines {
        DeltaBaselines(
            current: current.named, downloads24h: downloads24h.named, downloads7d: downloads7d.named,
            likes24h: likes24h.named, likes7d: likes7d.named)
    }

    /// The epoch just before `last`, if it is 18 to 36 h earlier. An epoch further back is never taken
    /// instead: what lies between would be two refreshes.
    private static func previousEpoch(before last: Epoch, in earlier: ArraySlice<Epoch>) -> Baseline {
        guard let previous = earlier.last else { return .missing(.missedRefresh) }
        let age = last.snapshot.observedAt - previous.snapshot.observedAt
        guard age >= .hours(18), age <= .hours(36) else { return .missing(.missedRefresh) }
        return trusted(previous, against: last)
    }

    private static func epochAWeek(before last: Epoch, in earlier: ArraySlice<Epoch>) -> Baseline {
        let wanted = last.snapshot.observedAt - .days(7)
        let nearest = nearest(to: wanted, within: .hours(12), in: earlier) { $0.snapshot.observedAt }
        guard let nearest else { return .missing(.missedRefresh) }
        return trusted(nearest, against: last)
    }

    private static func trusted(_ baseline: Epoch, against last: Epoch) -> Baseline {
        let point = SnapshotPoint(baseline)
        return baseline.state == .suspect || last.state == .suspect ? .withheld(point, .suspectEpoch) : .at(point)
    }

    private static func snapshot(
        _ age: Duration, before newest: SnapshotPoint, within tolerance: Duration, in earlier: [SnapshotPoint]
    ) -> Baseline {
        nearest(to: newest.observedAt - age, within: tolerance, in: earlier[...], at: \.observedAt)
            .map { .at($0) } ?? .missing(.missedRefresh)
    }

    private static func nearest<Candidate>(
        to wanted: Timestamp, within tolerance: Duration, in candidates: ArraySlice<Candidate>,
        at moment: (Candidate) -> Timestamp
    ) -> Candidate? {
        var best: (candidate: Candidate, distance: Int64, moment: Timestamp)?
        for candidate in candidates {
            let observed = moment(candidate)
            let distance = abs(observed.milliseconds - wanted.milliseconds)
            guard distance <= tolerance.milliseconds else { continue }
            if let best, (best.distance, best.moment) <= (distance, observed) { continue }
            best = (candidate, distance, observed)
        }
        return best?.candidate
    }
}
