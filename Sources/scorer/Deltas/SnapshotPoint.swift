import Model

/// A snapshot as a place in time: its public reference, and the key that its rows are found under.
struct SnapshotPoint: Hashable, Sendable {
    let key: Int64
    let reference: SnapshotReference

    init(key: Int64, reference: SnapshotReference) {
        self.key = key
        self.reference = reference
    }

    init(_ snapshot: Snapshot) {
        self.init(key: snapshot.key, reference: snapshot.reference)
    }

    init(_ epoch: Epoch) {
        self.init(key: epoch.snapshotKey, reference: epoch.snapshot)
    }

    var observedAt: Timestamp { reference.observedAt }
}
