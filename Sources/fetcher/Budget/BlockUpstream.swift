import JSON
import Jobs
import Model
import SQLite
import Store

/// Keeps every fetcher from calling until the upstream's quota is full again, and tells `quota.exhausted` once for each
/// time that calls had to stop.
struct BlockUpstream: Write {
    let until: Timestamp
    let reason: String
    let traceParent: String?
    let now: Timestamp

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let known = try connection.run(.upstreamQuota()).first
        try connection.run(Query<Void>.blockUpstream(until: until, reason: reason))
        let isBlocked = known.map { $0.blockedUntil > now } ?? false
        guard !isBlocked, let event = event(known?.quota) else { return }
        try EmitEvent(event, now: now).apply(to: connection)
    }

    private func event(_ quota: Int?) -> OutgoingEvent? {
        OutgoingEvent(
            type: "quota.exhausted", originKey: "quota.exhausted:\(until.milliseconds)", occurredAt: now,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.key("until")
            json.string(until.rfc3339)
            json.key("quota")
            json.integer(quota)
            json.key("link")
            json.string("/api/v4/health")
            json.endObject()
        }
    }
}
