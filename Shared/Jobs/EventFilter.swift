package import JSON
package import Store

/// What fields of an event's `data` a subscription wants to see: every field that is named must have one of its values.
///
/// A field is named by its path, with dots between the steps (`model.id`). A path leads through arrays to each of their
/// elements, and one that matches is enough. Values are strings, numbers, truth values or null: strings are equal code
/// point by code point, numbers by what they are worth (`1` and `1.0`). A field that is missing is null. The name
/// `type` stands for the event's own type, with `model.*` as in `types`; a `type` within `data` is written `data.type`,
/// and `data.` may begin any path.
package struct EventFilter: Sendable {
    package static let mostFields = 16
    package static let mostValues = 64
    package static let longestPath = 128
    package static let longestValue = 512

    private let fields: [(path: String, values: [JSONNode])]

    /// Why a JSON value is no filter.
    package struct Fault: Error, Equatable {
        /// The steps to the place within the filter.
        package let place: [String]
        package let code: String
        package let message: String
    }

    package init(_ root: JSONNode) throws(Fault) {
        guard root.kind == .object else {
            throw Fault(place: [], code: "wrong_type", message: "must be an object of fields with lists of values")
        }
        guard root.count <= Self.mostFields else {
            throw Fault(place: [], code: "out_of_range", message: "must have at most \(Self.mostFields) fields")
        }
        var fields: [(path: String, values: [JSONNode])] = []
        for (path, values) in root.members {
            let steps = path.split(separator: ".", omittingEmptySubsequences: false)
            guard path.utf8.count <= Self.longestPath, steps.allSatisfy({ !$0.isEmpty }) else {
                throw Fault(place: [path], code: "invalid", message: "is no path of a field, such as model.id")
            }
            guard values.kind == .array, (1...Self.mostValues).contains(values.count) else {
                throw Fault(
                    place: [path], code: "wrong_type", message: "must be a list of 1 to \(Self.mostValues) values")
            }
            for (index, value) in values.elements.enumerated() where !Self.isPlain(value) {
                throw Fault(
                    place: [path, "\(index)"], code: "wrong_type",
                    message: "must be null, true, false, a number or a string of at most \(Self.longestValue) bytes")
            }
            fields.append((path, Array(values.elements)))
        }
        self.fields = fields
    }

    /// Reads a stored filter; `nil` where it cannot be read.
    package init?(stored text: String) {
        guard let document = try? JSONDocument(parsing: text), let filter = try? EventFilter(document.root) else {
            return nil
        }
        self = filter
    }

    private static func isPlain(_ value: JSONNode) -> Bool {
        switch value.kind {
        case .object, .array: false
        case .string: (value.string?.utf8.count ?? 0) <= longestValue
        default: true
        }
    }

    /// - Parameter data: `data` of the event; `nil` where the event has none.
    package func matches(type: String, data: JSONNode?) -> Bool {
        fields.allSatisfy { field in
            if field.path == "type" {
                return field.values.contains { value in
                    value.string.map { Audience.pattern($0, covers: type) } ?? false
                }
            }
            var steps = field.path.split(separator: ".").map(String.init)
            if steps.count > 1, steps[0] == "data" { steps.removeFirst() }
            return Self.found(steps[...], in: data, oneOf: field.values)
        }
    }

    private static func found(_ steps: ArraySlice<String>, in node: JSONNode?, oneOf values: [JSONNode]) -> Bool {
        guard let node else { return values.contains { $0.isNull } }
        if node.kind == .array {
            return node.elements.contains { found(steps, in: $0, oneOf: values) }
        }
        guard let step = steps.first else { return values.contains { areEqual($0, node) } }
        return found(steps.dropFirst(), in: node[step], oneOf: values)
    }

    private static func areEqual(_ one: JSONNode, _ other: JSONNode) -> Bool {
        switch one.kind {
        case .null: other.isNull
        case .bool: one.bool == other.bool
        case .string: one.string.map { other.equals($0) } ?? false
        case .integer where other.kind == .integer: one.int64 == other.int64
        case .integer, .double: one.double != nil && one.double == other.double
        case .object, .array: false
        }
    }
}

/// Decides for many subscriptions whether one event is for them, and reads its body at most once.
package struct EventReader {
    private let type: String
    private let body: [UInt8]
    private let document: JSONDocument?

    package init(type: String, body: [UInt8]) {
        self.type = type
        self.body = body
        document = try? JSONDocument(parsing: body)
    }

    package func isWanted(by audience: Audience) -> Bool {
        guard audience.wants(type) else { return false }
        guard let text = audience.filter else { return true }
        // A filter that cannot be read was stored by another release: sending too much is better than too little.
        guard let filter = EventFilter(stored: text) else { return true }
        return filter.matches(type: type, data: document?.root["data"])
    }
}
