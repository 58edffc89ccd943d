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

    static func write(_ usage: SessionUsageRow, of sessionID: String, to json: inout JSONWriter) {
        let facts = usage.facts
        json.beginObject()
        json.field("sessionId", sessionID)
        json.field("promptTokens", facts.tokens.input)
        json.field("completionTokens", facts.tokens.output)
        json.field("totalTokens", facts.totalTokens)
        json.key("runtimeMs")
        json.integer(facts.runtime ?? 0)
        if let cost = facts.cost {
            json.key("costUsd")
            json.raw([UInt8](NanoUSD.dollars(cost).utf8))
        }
        json.field("costConfidence", usage.costConfidence.rawValue)
        json.field("provider", usage.provider)
        json.field("pricingVersion", usage.pricingVersion)
        json.field("computedAt", usage.computedAt.rfc3339)
        json.field("tokenSource", facts.tokenSource.rawValue)
        json.field("runtimeSource", facts.runtimeSource.rawValue)
        json.field("costSource", facts.costSource.rawValue)
        json.field("tokenConfidence", usage.tokenConfidence.rawValue)
        json.field("runtimeConfidence", usage.runtimeConfidence.rawValue)
        json.field("costConfidenceLevel", usage.costLevel.rawValue)
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
    /// A member with a number; none where there is no number.
    mutating func field(_ name: StaticString, _ number: Int64?) {
        guard let number else { return }
        key(name)
        integer(number)
    }

    /// A member with a text; none where there is no text.
    mutating func field(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }
}
