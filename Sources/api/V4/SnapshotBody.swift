import Deployment
import JSON
import Model

/// The bodies of v4's lists: models with their page and the snapshot that they are of.
struct SnapshotBody {
    let index: ModelIndex
    /// What rank and total are of.
    let profile: ScoreProfile
    /// Seconds between refreshes; `nil` where the watch list is not refreshed by itself.
    let ttlSeconds: Int64?

    /// One page of models.
    func models(_ rows: ArraySlice<UInt32>, _ page: ListPage) -> [UInt8] {
        var json = JSONWriter(capacity: 64 << 10)
        json.beginObject()
        writeModels(rows, to: &json)
        Self.write(page, to: &json)
        Self.write(index.publication.snapshot, to: &json)
        json.endObject()
        return json.finished()
    }

    /// The snapshot's metadata with the first page of models.
    func snapshot(_ rows: ArraySlice<UInt32>, _ page: ListPage) -> [UInt8] {
        var json = JSONWriter(capacity: 64 << 10)
        json.beginObject()
        json.key("snapshot")
        writeMetadata(to: &json)
        writeModels(rows, to: &json)
        Self.write(page, to: &json)
        json.endObject()
        return json.finished()
    }

    private func writeModels(_ rows: ArraySlice<UInt32>, to json: inout JSONWriter) {
        let body = ModelBody(index: index, profile: profile.name)
        var fresh: [(row: UInt32, bytes: [UInt8])] = []
        json.key("models")
        json.beginArray()
        for (row, known) in zip(rows, index.fragments.fragments(of: rows, profile: profile.name)) {
            if let known {
                json.raw(known)
            } else {
                let bytes = body.encode(Int(row))
                json.raw(bytes)
                fresh.append((row, bytes))
            }
        }
        json.endArray()
        if !fresh.isEmpty { index.fragments.keep(fresh, profile: profile.name) }
    }

    static func write(_ page: ListPage, to json: inout JSONWriter) {
        json.key("page")
        json.beginObject()
        json.key("limit")
        json.integer(page.limit)
        json.key("total")
        json.integer(page.total)
        json.key("nextCursor")
        json.string(page.nextCursor)
        json.endObject()
    }

    /// The snapshot that a list is of.
    static func write(_ snapshot: Snapshot, to json: inout JSONWriter) {
        json.key("snapshot")
        json.beginObject()
        json.key("id")
        json.string(snapshot.id)
        json.key("observedAt")
        json.string(snapshot.observedAt.rfc3339)
        json.endObject()
    }

    private func writeMetadata(to json: inout JSONWriter) {
        let publication = index.publication
        let snapshot = publication.snapshot
        json.beginObject()
        json.key("id")
        json.string(snapshot.id)
        json.key("feed")
        json.string(snapshot.feed)
        json.key("observedAt")
        json.string(snapshot.observedAt.rfc3339)
        json.key("updatedAt")
        json.string(publication.publishedAt.rfc3339)
        json.key("sourceCount")
        json.integer(snapshot.sourceCount)
        json.key("readyCount")
        json.integer(snapshot.readyCount)
        json.key("rejectedCount")
        json.integer(snapshot.rejectedCount)
        json.key("hfBudgetUsed")
        json.integer(snapshot.callsUsed)
        json.key("ttlSeconds")
        json.integer(ttlSeconds)
        json.key("historyDays")
        json.integer(publication.historyDays)
        json.key("snapshotCount")
        json.integer(publication.snapshotCount)
        json.key("epoch")
        json.beginObject()
        json.key("id")
        json.string(publication.epoch?.id)
        json.key("state")
        json.string(publication.epochState.rawValue)
        json.endObject()
        Self.writeScores(profile, to: &json)
        json.endObject()
    }

    static func writeScores(_ profile: ScoreProfile, key: StaticString = "scores", to json: inout JSONWriter) {
        json.key(key)
        json.beginObject()
        json.key("profile")
        json.string(profile.name)
        json.key("version")
        json.integer(profile.version)
        json.key("weights")
        write(profile.weights, to: &json)
        json.endObject()
    }

    static func write(_ weights: ScoreWeights, to json: inout JSONWriter) {
        json.beginObject()
        json.key("adoption")
        json.double(Double(weights.adoption) / 1_000)
        json.key("ecosystem")
        json.double(Double(weights.ecosystem) / 1_000)
        json.key("velocity")
        json.double(Double(weights.velocity) / 1_000)
        json.endObject()
    }
}
