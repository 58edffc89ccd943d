/// The computed newest state of a feed: what readers show.
package struct Publication: Equatable, Sendable {
    package let snapshot: Snapshot
    /// Rises with every publication of any feed.
    package let serial: Int64
    package let publishedAt: Timestamp
    /// The newest epoch that the snapshot knows; `nil` while none has been seen.
    package let epoch: SnapshotReference?
    package let epochState: EpochState
    package let baselines: DeltaBaselines
    /// Days between the oldest kept snapshot and this one, rounded up.
    package let historyDays: Int
    package let snapshotCount: Int
    package let profile: String
    package let profileVersion: Int
    /// Weights of adoption, ecosystem and velocity in thousandths; they sum to 1,000.
    package let weights: [Int]

    package init(
        snapshot: Snapshot, serial: Int64, publishedAt: Timestamp, epoch: SnapshotReference?, epochState: EpochState,
        baselines: DeltaBaselines, historyDays: Int, snapshotCount: Int, profile: String, profileVersion: Int,
        weights: [Int]
    ) {
        self.snapshot = snapshot
        self.serial = serial
        self.publishedAt = publishedAt
        self.epoch = epoch
        self.epochState = epochState
        self.baselines = baselines
        self.historyDays = historyDays
        self.snapshotCount = snapshotCount
        self.profile = profile
        self.profileVersion = profileVersion
        self.weights = weights
    }
}
