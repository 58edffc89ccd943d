import JSON
import Model
import Store

/// A page of what operators did, the newest first.
enum AuditBody {
    static func encode(
        _ rows: [(id: Int64, entry: AuditEntry)], limit: Int, nextCursor: String?
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 256 + rows.count * 200)
        json.beginObject()
        json.key("entries")
        json.beginArray()
        for (id, entry) in rows {
            json.beginObject()
            json.key("id")
            json.integer(id)
            json.field("at", entry.at.rfc3339)
            json.field("who", entry.who)
            json.field("action", entry.action)
            json.field("target", entry.target)
            json.field("result", entry.result)
            json.endObject()
        }
        json.endArray()
        json.key("page")
        json.beginObject()
        json.key("limit")
        json.integer(limit)
        json.key("nextCursor")
        if let nextCursor { json.string(nextCursor) } else { json.null() }
        json.endObject()
        json.endObject()
        return json.finished()
    }
}
