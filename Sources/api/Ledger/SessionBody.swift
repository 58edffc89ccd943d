import JSON
import Model
import Store

/// A session and its events as v3 shows them: fields that nobody filled are left out.
enum SessionBody {
    static func write(_ row: SessionRow, to json: inout JSONWriter) {
        json.beginObject()
        json.field("sessionId", row.sessionID)
        json.field("runId", row.runID)
        json.field("agentId", row.agentID)
        json.field("agentLabel", row.agentLabel ?? row.agentID)
        json.field("modelId", row.modelID)
        json.field("taskTitle", row.taskTitle)
        json.field("taskText", row.taskText)
        json.field("taskCategory", row.taskCategory)
        json.field("status", row.status.rawValue)
        json.field("startedAt", row.startedAt.rfc3339)
        json.field("endedAt", row.endedAt?.rfc3339)
        // The shape has no place for "unknown" here; `runtimeSource` of the usage says that it is missing.
        json.key("runtimeMs")
        json.integer(row.runtime ?? 0)
        json.key("artifactCount")
        json.integer(row.artifactCount)
        json.field("errorCode", row.errorCode)
        json.field("errorMessage", row.errorMessage)
        json.field("sourceVersion", row.sourceVersion)
        json.field("ingestedAt", row.ingestedAt.rfc3339)
        json.endObject()
    }

    static func write(_ event: SessionEventRow, of sessionID: String, to json: inout JSONWriter) {
        json.beginObject()
        json.field("eventId", event.eventID)
        json.field("sessionId", sessionID)
        json.key("seq")
        json.integer(event.sequence)
        json.field("eventType", event.type.rawValue)
        json.field("eventTs", event.at.rfc3339)
        json.key("payload")
        json.raw([UInt8](event.payload.utf8))
        json.endObject()
    }
}

extension JSONWriter {
    /// A member with a text; none where there is no text.
    mutating func field(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }
}
