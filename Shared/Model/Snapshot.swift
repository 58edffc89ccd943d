/// One consistent observation of a feed.
package struct Snapshot: Equatable, Sendable {
    /// Public and lasting: the feed and the moment of observation, as `hub-20260504T084319965Z`.
    package let id: String
    /// The row's key in the database; not shown outside.
    package let key: Int64
    package let feed: String
    package let observedAt: Timestamp
    /// Rows that the upstream sent, broken ones included; an id that comes again counts once.
    package let sourceCount: Int
    /// Models in the snapshot.
    package let readyCount: Int
    /// Rows that broke the contract; kept with their reason.
    package let rejectedCount: Int
    /// Calls to the upstream that this observation cost.
    package let callsUsed: Int

    package init(
        id: String, key: Int64, feed: String, observedAt: Timestamp, sourceCount: Int, readyCount: Int,
        rejectedCount: Int, callsUsed: Int
    ) {
        self.id = id
        self.key = key
        self.feed = feed
        self.observedAt = observedAt
        self.sourceCount = sourceCount
        self.readyCount = readyCount
        self.rejectedCount = rejectedCount
        self.callsUsed = callsUsed
    }

    /// How much history is kept, counted back from a feed's newest snapshot.
    package static let history = Duration.days(30)

    /// The public id of the snapshot that `feed` shows at `moment`.
    package static func id(feed: String, observedAt moment: Timestamp) -> String {
        "\(feed)-" + moment.rfc3339.filter { $0 != "-" && $0 != ":" && $0 != "." }
    }

    package var reference: SnapshotReference { SnapshotReference(id: id, observedAt: observedAt) }
}

/// A snapshot that a delta names as its baseline.
package struct SnapshotReference: Hashable, Sendable {
    package let id: String
    package let observedAt: Timestamp

    package init(id: String, observedAt: Timestamp) {
        self.id = id
        self.observedAt = observedAt
    }
}

/// How far an epoch's counters can be trusted.
package enum EpochState: String, Sendable, CaseIterable {
    /// More than half of the cohort changed, and by a plausible median.
    case settled
    /// No refresh of the counters has been seen yet.
    case pending
    /// A partial, missed or doubled refresh: deltas from or to it are withheld.
    case suspect
}

/// One refresh of the upstream's `downloads` counters, seen in the data.
package struct Epoch: Equatable, Sendable {
    /// The first snapshot that shows the refreshed counters.
    package let snapshotKey: Int64
    package let snapshot: SnapshotReference
    package let state: EpochState

    package init(snapshotKey: Int64, snapshot: SnapshotReference, state: EpochState) {
        self.snapshotKey = snapshotKey
        self.snapshot = snapshot
        self.state = state
    }
}
