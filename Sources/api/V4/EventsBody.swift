import JSON
import Store

/// A page of what happened. Its cursor is always there: behind the last event it is the place to ask again from.
enum EventsBody {
    static func encode(_ events: [PolledEvent], limit: Int, nextCursor: String, hasMore: Bool) -> [UInt8] {
        var json = JSONWriter(capacity: 256 + events.reduce(0) { $0 + $1.body.count + 64 })
        json.beginObject()
        json.key("events")
        json.beginArray()
        for event in events {
            json.beginObject()
            json.key("id")
            json.string(event.id)
            json.key("event")
            // Byte for byte what a webhook carries, so one reader serves both.
            json.raw(event.body)
            json.endObject()
        }
        json.endArray()
        json.key("page")
        json.beginObject()
        json.key("limit")
        json.integer(limit)
        json.key("nextCursor")
        json.string(nextCursor)
        json.key("hasMore")
        json.bool(hasMore)
        json.endObject()
        json.endObject()
        return json.finished()
    }
}
