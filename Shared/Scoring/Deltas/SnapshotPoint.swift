package import Model

/// A snapshot as a place in time: its public reference, and the key that its rows are found under.
package struct SnapshotPoint: Hashable, Sendable {
    package let key: Int64
    package let reference: SnapshotReference

    package init(key: Int64, reference: SnapshotReference) {
        self.key = key
        self.reference = reference
    }

    package init(_ snapshot: Snapshot) {
        self.init(key: snapshot.key, reference: snapshot.reference)
    }

    package init(_ epoch: Epoch) {
        self.init(key: epoch.snapshotKey, reference: epoch.snapshot)
    }

    package var observedAt: Timestamp { reference.observedAt }
}
