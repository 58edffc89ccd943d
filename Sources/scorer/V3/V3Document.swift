import Deployment
import JSON
import Model

extension V3Snapshot {
    /// The body of `GET /api/snapshot`, byte for byte as `JSON.stringify` printed it for the clients of v3: compact,
    /// keys in this order, `focus` and `error` left out where there is none, times with three decimals.
    func document() -> [UInt8] {
        var json = JSONWriter(capacity: 512 + 512 * entries.count)
        json.beginObject()
        json.key("updatedAt")
        json.string(updatedAt.rfc3339)
        json.key("models")
        json.beginArray()
        for entry in entries { entry.write(to: &json) }
        json.endArray()
        json.key("metrics")
        writeMetrics(to: &json)
        json.key("scores")
        json.beginObject()
        json.key("weights")
        json.beginObject()
        json.key("adoption")
        json.double(0.45)
        json.key("ecosystem")
        json.double(0.35)
        json.key("velocity")
        json.double(0.2)
        json.endObject()
        json.endObject()
        json.endObject()
        return json.finished()
    }

    private func writeMetrics(to json: inout JSONWriter) {
        json.beginObject()
        json.key("downloadRange")
        downloadRange.write(to: &json)
        json.key("likeRange")
        likeRange.write(to: &json)
        json.key("recencyRange")
        recencyRange.write(to: &json)
        json.key("sourceCount")
        json.integer(sourceCount)
        json.key("readyCount")
        json.integer(readyCount)
        json.endObject()
    }
}

extension V3Snapshot.Entry {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("id")
        json.string(model.source.id.text)
        json.key("slug")
        json.string(V3Model.slug(model.source.displayName))
        json.key("name")
        json.string(model.source.displayName)
        json.key("provider")
        json.string(model.source.provider)
        if let focus = model.source.focus {
            json.key("focus")
            json.string(focus)
        }
        json.key("metrics")
        writeMetrics(to: &json)
        writeOutcome(to: &json)
        json.key("scores")
        json.beginObject()
        json.key("adoption")
        json.double(scores.adoption.value)
        json.key("ecosystem")
        json.double(scores.ecosystem.value)
        json.key("velocity")
        json.double(scores.velocity.value)
        json.key("total")
        json.double(scores.total.value)
        json.endObject()
        json.endObject()
    }

    private func writeMetrics(to json: inout JSONWriter) {
        json.beginObject()
        json.key("downloads")
        json.integer(model.figures?.downloads ?? 0)
        json.key("likes")
        json.integer(model.figures?.likes ?? 0)
        json.key("lastModified")
        json.string(model.figures?.lastModified?.rfc3339)
        json.key("recencyDays")
        json.integer(model.recencyDays)
        json.endObject()
    }

    private func writeOutcome(to json: inout JSONWriter) {
        json.key("status")
        switch model.outcome {
        case .ready:
            json.string("ready")
            json.key("source")
            json.string("https://huggingface.co/\(model.source.id.text)")
        case .error(let message):
            json.string("error")
            json.key("source")
            json.string("https://huggingface.co")
            json.key("error")
            json.string(message)
        }
    }
}

extension V3Range {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("min")
        json.integer(min)
        json.key("max")
        json.integer(max)
        json.endObject()
    }
}
