import JSON
import Model

/// The bodies of v4's lists: models with their page and the snapshot that they are of.
struct SnapshotBody {
    let view: FeedView
    /// Seconds between refreshes; `nil` where the watch list is not refreshed by itself.
    let ttlSeconds: Int64?

    /// One page of models.
    func models(_ rows: Range<Int>, limit: Int, nextCursor: String?) -> [UInt8] {
        var json = JSONWriter(capacity: 64 << 10)
        json.beginObject()
        writeModels(rows, to: &json)
        writePage(limit: limit, nextCursor: nextCursor, to: &json)
        json.key("snapshot")
        json.beginObject()
        json.key("id")
        json.string(view.publication.snapshot.id)
        json.key("observedAt")
        json.string(view.publication.snapshot.observedAt.rfc3339)
        json.endObject()
        json.endObject()
        return json.finished()
    }

    /// The snapshot's metadata with the first page of models.
    func snapshot(_ rows: Range<Int>, limit: Int, nextCursor: String?) -> [UInt8] {
        var json = JSONWriter(capacity: 64 << 10)
        json.beginObject()
        json.key("snapshot")
        writeMetadata(to: &json)
        writeModels(rows, to: &json)
        writePage(limit: limit, nextCursor: nextCursor, to: &json)
        json.endObject()
        return json.finished()
    }

    private func writeModels(_ rows: Range<Int>, to json: inout JSONWriter) {
        json.key("models")
        json.beginArray()
        for row in rows { json.raw(view.bodies[row]) }
        json.endArray()
    }

    private func writePage(limit: Int, nextCursor: String?, to json: inout JSONWriter) {
        json.key("page")
        json.beginObject()
        json.key("limit")
        json.integer(limit)
        json.key("total")
        json.integer(view.bodies.count)
        json.key("nextCursor")
        json.string(nextCursor)
        json.endObject()
    }

    private func writeMetadata(to json: inout JSONWriter) {
        let publication = view.publication
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
        writeScores(publication, to: &json)
        json.endObject()
    }

    private func writeScores(_ publication: Publication, to json: inout JSONWriter) {
        json.key("scores")
        json.beginObject()
        json.key("profile")
        json.string(publication.profile)
        json.key("version")
        json.integer(publication.profileVersion)
        json.key("weights")
        json.beginObject()
        json.key("adoption")
        json.double(Double(publication.weights[0]) / 1_000)
        json.key("ecosystem")
        json.double(Double(publication.weights[1]) / 1_000)
        json.key("velocity")
        json.double(Double(publication.weights[2]) / 1_000)
        json.endObject()
        json.endObject()
    }
}
