/// Why a delta is not known.
package enum MissingReason: String, Sendable, CaseIterable {
    /// Known before the baseline, but absent from it.
    case noBaseline = "no_baseline"
    /// First seen after the baseline.
    case newModel = "new_model"
    /// One of the two epochs is suspect.
    case suspectEpoch = "suspect_epoch"
    /// No refresh of the counters has been seen yet.
    case epochPending = "epoch_pending"
    /// No epoch or snapshot lies in the window where the baseline should be.
    case missedRefresh = "missed_refresh"
    /// The newest snapshot does not have the model.
    case notListed = "not_listed"
}

/// A change against a named baseline, or the reason why there is none.
package enum Delta: Hashable, Sendable {
    case change(Int64)
    case missing(MissingReason)

    package var value: Int64? {
        if case .change(let value) = self { value } else { nil }
    }

    package var reason: MissingReason? {
        if case .missing(let reason) = self { reason } else { nil }
    }
}

/// The changes of one model, each against the baselines of ``DeltaBaselines``.
package struct Deltas: Hashable, Sendable {
    package var downloads24h: Delta
    package var downloads7d: Delta
    package var likes24h: Delta
    package var likes7d: Delta
    /// Places gained (positive) or lost since the likes baseline of 24 h.
    package var rankChange: Delta

    package init(downloads24h: Delta, downloads7d: Delta, likes24h: Delta, likes7d: Delta, rankChange: Delta) {
        self.downloads24h = downloads24h
        self.downloads7d = downloads7d
        self.likes24h = likes24h
        self.likes7d = likes7d
        self.rankChange = rankChange
    }
}

/// The snapshots that the deltas of one publication are taken between.
package struct DeltaBaselines: Hashable, Sendable {
    /// The newest epoch, whose counters download deltas start from.
    package var current: SnapshotReference?
    package var downloads24h: SnapshotReference?
    package var downloads7d: SnapshotReference?
    package var likes24h: SnapshotReference?
    package var likes7d: SnapshotReference?

    package init(
        current: SnapshotReference? = nil, downloads24h: SnapshotReference? = nil,
        downloads7d: SnapshotReference? = nil, likes24h: SnapshotReference? = nil, likes7d: SnapshotReference? = nil
    ) {
        self.current = current
        self.downloads24h = downloads24h
        self.downloads7d = downloads7d
        self.likes24h = likes24h
        self.likes7d = likes7d
    }
}

/// A score of 0 to 100 in tenths, so that sums and comparisons are exact: 847 is 84.7.
package struct Tenths: Hashable, Comparable, Sendable {
    package let count: Int32

    package init(_ count: Int32) {
        self.count = count
    }

    package var value: Double { Double(count) / 10 }

    package static func < (left: Tenths, right: Tenths) -> Bool { left.count < right.count }
}

/// The components of a score and their weighted total. A component whose counter is unknown is `nil`.
package struct Scores: Hashable, Sendable {
    package var adoption: Tenths?
    package var ecosystem: Tenths?
    package var velocity: Tenths?
    /// `nil` where no component is known that has a weight.
    package var total: Tenths?

    package init(adoption: Tenths?, ecosystem: Tenths?, velocity: Tenths?, total: Tenths?) {
        self.adoption = adoption
        self.ecosystem = ecosystem
        self.velocity = velocity
        self.total = total
    }
}

/// One model's place in the newest snapshot.
package struct Standing: Equatable, Sendable {
    package var listing: Listing
    /// 1 is the highest total.
    package var rank: Int
    package var scores: Scores
    package var deltas: Deltas
    package var family: FamilyPlace
    package var anomaly: Anomaly

    package init(
        listing: Listing, rank: Int, scores: Scores, deltas: Deltas, family: FamilyPlace, anomaly: Anomaly
    ) {
        self.listing = listing
        self.rank = rank
        self.scores = scores
        self.deltas = deltas
        self.family = family
        self.anomaly = anomaly
    }
}
