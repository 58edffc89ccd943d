import JSON

/// Why an envelope is not taken, in the words that its contract fixes.
///
/// The same bad body gives the same bytes in every process: details stand in the order of their fields' bytes, one for
/// each field and rule.
package struct IngestFault: Error, Equatable, Sendable {
    /// What clients tell apart.
    package enum Code: String, Sendable {
        case validation = "VALIDATION_ERROR"
        case unsupportedVersion = "UNSUPPORTED_CONTRACT_VERSION"
        case conflict = "IDEMPOTENCY_CONFLICT"
    }

    /// What is wrong with one field.
    package struct Detail: Hashable, Sendable {
        package let field: String
        package let message: String

        package init(_ field: String, _ message: String) {
            self.field = field
            self.message = message
        }
    }

    /// How many details an answer lists.
    package static let mostDetails = 100

    package let code: Code
    package let details: [Detail]
    /// Whether there were more.
    package let isTruncated: Bool

    package init(_ code: Code, _ details: Set<Detail>) {
        self.code = code
        let inOrder = details.sorted { one, other in
            one.field == other.field
                ? one.message.utf8.lexicographicallyPrecedes(other.message.utf8)
                : one.field.utf8.lexicographicallyPrecedes(other.field.utf8)
        }
        self.details = Array(inOrder.prefix(Self.mostDetails))
        isTruncated = inOrder.count > Self.mostDetails
    }

    package static let unsupportedVersion = IngestFault(
        .unsupportedVersion, [Detail("envelope_version", "unsupported")])
    package static let conflict = IngestFault(
        .conflict, [Detail("idempotency_key", "conflicting payload for idempotency key")])

    package var status: Int {
        switch code {
        case .validation: 400
        case .unsupportedVersion: 422
        case .conflict: 409
        }
    }

    private var message: StaticString {
        switch code {
        case .validation: "Invalid ingest payload"
        case .unsupportedVersion: "UNSUPPORTED CONTRACT VERSION"
        case .conflict: "IDEMPOTENCY CONFLICT"
        }
    }

    package var body: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("error")
        json.beginObject()
        json.key("code")
        json.string(code.rawValue)
        json.key("message")
        json.string(message.description)
        json.key("details")
        json.beginArray()
        for detail in details {
            json.beginObject()
            json.key("field")
            json.string(detail.field)
            json.key("message")
            json.string(detail.message)
            json.endObject()
        }
        json.endArray()
        if isTruncated {
            json.key("truncated")
            json.bool(true)
        }
        json.endObject()
        json.endObject()
        return json.finished()
    }
}
