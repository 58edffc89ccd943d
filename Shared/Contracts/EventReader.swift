import JSON
import Model

extension SessionReader {
    /// An event, and what it says of the session's failure if it tells of one.
    struct ReadEvent {
        let event: CanonicalEvent
        let code: String?
        let message: String?
    }

    private static let types = SessionEventType.allCases.map(\.rawValue)
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: ", ")

    /// The events of a payload. Their own session ids, where they have any, must be the session's.
    func events(_ payload: JSONNode, of sessionID: String?, _ faults: inout FaultList) -> [ReadEvent] {
        guard let list = payload[contract.events], !list.isNull else { return [] }
        guard list.kind == .array else {
            faults.add(contract.events, "must be an array")
            return []
        }
        guard list.count <= FieldLimit.events else {
            faults.add(contract.events, "must have at most \(FieldLimit.events) elements")
            return []
        }
        var seen = Set<[UInt8]>()
        return list.elements.enumerated().compactMap { index, node in
            let place = "\(contract.events)[\(index)]"
            guard node.kind == .object else {
                faults.add(place, "must be an object")
                return nil
            }
            let fields = FieldReader(object: node, prefix: "\(place).")
            if let own = node["sessionId"], !own.isNull, let sessionID, !own.equals(sessionID) {
                faults.add(fields.field("sessionId"), "must be the session's")
            }
            let event = Self.event(fields, &faults)
            // Code points and not canonical equivalence tell ids apart, as in the database.
            if let event, !seen.insert([UInt8](event.event.eventID.utf8)).inserted {
                faults.add(fields.field("eventId"), "must not be repeated")
            }
            return event
        }
    }

    static func event(_ fields: FieldReader, _ faults: inout FaultList) -> ReadEvent? {
        let id = fields.required("eventId", &faults)
        let sequence = fields.count("seq", &faults)
        if fields.object["seq"].map(\.isNull) ?? true { faults.add(fields.field("seq"), "is required") }
        let word = fields.required("eventType", &faults)
        let type = word.flatMap { SessionEventType(rawValue: $0) }
        if word != nil, type == nil { faults.add(fields.field("eventType"), "must be one of \(types)") }
        let moment = fields.requiredMoment("eventTs", &faults)
        let payload = fields.object["payload"]
        if payload == nil { faults.add(fields.field("payload"), "is required") }
        guard let id, let sequence, let type, let moment, let payload else { return nil }
        var json = JSONWriter()
        json.node(payload)
        let event = CanonicalEvent(
            eventID: id, sequence: sequence, type: type, at: moment,
            payload: String(decoding: json.finished(), as: UTF8.self))
        guard type == .error else { return ReadEvent(event: event, code: nil, message: nil) }
        return ReadEvent(
            event: event, code: Self.short(payload["code"], FieldLimit.name),
            message: Self.short(payload["message"] ?? payload, FieldLimit.text))
    }

    /// A text that fits the session's own field.
    private static func short(_ node: JSONNode?, _ limit: Int) -> String? {
        guard let text = node?.string, !text.isEmpty, text.utf8.count <= limit, !text.utf8.contains(0) else {
            return nil
        }
        return text
    }
}
