import JSON
import Model
import Store

/// What `GET /api/v4/health` tells people; machines ask `/readyz`.
struct ServiceHealth: Sendable {
    enum Status: String, Sendable {
        case ok
        case degraded
        case failed
    }

    /// Calls to the upstream: what it allows, and what the deployment allows itself.
    struct Quota: Sendable {
        var upstream: UpstreamQuota?
        var usedToday: Int?
        var budgetToday: Int?
    }

    /// The files of the database.
    struct Storage: Sendable {
        /// `nil` where there is no such file.
        var bytes: Int64?
        var logBytes: Int64 = 0
        /// `nil` where none was made on this machine.
        var lastBackup: Timestamp?
    }

    /// The newest publication of the default feed.
    var publication: Publication?
    var readAt: Timestamp
    var startedAt: Timestamp
    var version: String
    /// `nil` where it could not be read.
    var backlog: [StageBacklog]?
    var bodies = BodyCache.Figures()
    var quota = Quota()
    var storage = Storage()
    var components: [Component] = []
    /// Why the database cannot be read or written; `nil` where it can.
    var databaseFault: String?

    /// Nothing to serve, or no place to keep it, is a failure. A part that fails beside them degrades the rest.
    var status: Status {
        guard publication != nil, databaseFault == nil else { return .failed }
        return components.contains { $0.status != "ok" } ? .degraded : .ok
    }

    func encode() -> [UInt8] {
        var json = JSONWriter(capacity: 2_048)
        json.beginObject()
        json.key("status")
        json.string(status.rawValue)
        writeSnapshot(to: &json)
        writeQueue(to: &json)
        writeCache(to: &json)
        writeQuota(to: &json)
        writeStorage(to: &json)
        writeComponents(to: &json)
        json.key("version")
        json.string(version)
        json.key("uptimeSeconds")
        json.integer(max(0, (readAt - startedAt).milliseconds / 1_000))
        json.endObject()
        return json.finished()
    }

    private func writeSnapshot(to json: inout JSONWriter) {
        json.key("snapshot")
        guard let publication else {
            json.null()
            return
        }
        json.beginObject()
        json.key("id")
        json.string(publication.snapshot.id)
        json.key("observedAt")
        json.string(publication.snapshot.observedAt.rfc3339)
        json.key("updatedAt")
        json.string(publication.publishedAt.rfc3339)
        json.key("ageSeconds")
        json.integer(max(0, (readAt - publication.publishedAt).milliseconds / 1_000))
        json.endObject()
    }

    private func writeQueue(to json: inout JSONWriter) {
        json.key("queue")
        json.beginObject()
        json.key("pending")
        json.integer(backlog?.reduce(0) { $0 + $1.waiting })
        json.key("inflight")
        json.integer(backlog?.reduce(0) { $0 + $1.running })
        json.key("failed")
        json.integer(backlog?.reduce(0) { $0 + $1.dead })
        json.key("perStage")
        json.beginObject()
        for stage in backlog ?? [] {
            json.key(text: stage.stage.rawValue)
            json.beginObject()
            json.key("pending")
            json.integer(stage.ready + stage.scheduled)
            json.key("inflight")
            json.integer(stage.running)
            json.key("retrying")
            json.integer(stage.retrying)
            json.key("dead")
            json.integer(stage.dead)
            json.key("oldestAgeSeconds")
            json.integer(stage.oldestReadyAge.map { $0.milliseconds / 1_000 })
            json.endObject()
        }
        json.endObject()
        json.endObject()
    }

    private func writeCache(to json: inout JSONWriter) {
        let asked = bodies.hits + bodies.misses
        json.key("cache")
        json.beginObject()
        json.key("entries")
        json.integer(bodies.entries)
        json.key("bytes")
        json.integer(bodies.bytes)
        json.key("hitRate")
        json.double(asked == 0 ? nil : (Double(bodies.hits) / Double(asked) * 1_000).rounded() / 1_000)
        json.key("evictions")
        json.integer(bodies.evictions)
        json.endObject()
    }

    private func writeQuota(to json: inout JSONWriter) {
        json.key("quota")
        json.beginObject()
        json.key("hfRemaining")
        json.integer(quota.upstream?.remaining)
        json.key("hfLimit")
        json.integer(quota.upstream?.quota)
        json.key("resetsAt")
        json.string(quota.upstream?.resetsAt?.rfc3339)
        json.key("lastRefill")
        json.string(quota.upstream?.seenAt?.rfc3339)
        json.key("usedToday")
        json.integer(quota.usedToday)
        json.key("budgetToday")
        json.integer(quota.budgetToday)
        json.endObject()
    }

    private func writeStorage(to json: inout JSONWriter) {
        json.key("storage")
        json.beginObject()
        json.key("bytes")
        json.integer(storage.bytes)
        json.key("walBytes")
        json.integer(storage.logBytes)
        json.key("historyDays")
        json.integer(publication?.historyDays)
        json.key("lastBackup")
        json.string(storage.lastBackup?.rfc3339)
        json.endObject()
    }

    private func writeComponents(to json: inout JSONWriter) {
        json.key("components")
        json.beginObject()
        json.key("database")
        json.beginObject()
        json.key("status")
        json.string(databaseFault == nil ? "ok" : "failed")
        json.key("since")
        json.null()
        json.key("lastError")
        json.string(databaseFault)
        json.endObject()
        for component in components {
            json.key(text: component.name)
            json.beginObject()
            json.key("status")
            json.string(component.status)
            json.key("since")
            json.string(component.since.rfc3339)
            json.key("lastError")
            json.string(component.lastError)
            json.endObject()
        }
        json.endObject()
    }
}
