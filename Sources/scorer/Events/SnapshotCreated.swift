import JSON
import Jobs
import Model

/// The event `snapshot.created`: a snapshot has become the newest of its feed.
struct SnapshotCreated {
    private let snapshot: Snapshot

    init(_ snapshot: Snapshot) {
        self.snapshot = snapshot
    }

    static func originKey(_ snapshot: Snapshot) -> String { "snapshot.created:\(snapshot.id)" }

    /// - Returns: `nil` only if the body would not fit an event.
    func event(at moment: Timestamp, _ traceParent: String?) -> OutgoingEvent? {
        OutgoingEvent(
            type: "snapshot.created", originKey: Self.originKey(snapshot), occurredAt: moment,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.key("id")
            json.string(snapshot.id)
            json.key("feed")
            json.string(snapshot.feed)
            json.key("observedAt")
            json.string(snapshot.observedAt.rfc3339)
            json.key("sourceCount")
            json.integer(snapshot.sourceCount)
            json.key("readyCount")
            json.integer(snapshot.readyCount)
            json.key("rejectedCount")
            json.integer(snapshot.rejectedCount)
            json.key("link")
            json.string("/api/v4/snapshot?feed=\(snapshot.feed)")
            json.endObject()
        }
    }
}
