/// A JSON value of its own, apart from any document: for what is small or kept.
///
/// Objects keep the order of the text and repeated keys. Equality is exact: order counts, and `1` is not `1.0`.
package indirect enum JSONValue: Hashable, Sendable {
    case object([JSONMember])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    case null

    /// The first member with this key; `nil` also where this is no object.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

/// One key and value of an object.
package struct JSONMember: Hashable, Sendable {
    package let key: String
    package let value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONNode {
    /// A copy of this value and all inside it. The document's depth limit bounds the recursion.
    package var value: JSONValue {
        switch kind {
        case .object: .object(members.map { JSONMember($0.key, $0.value.value) })
        case .array: .array(elements.map(\.value))
        case .string: .string(string ?? "")
        case .integer: .integer(int64 ?? 0)
        case .double: .double(double ?? 0)
        case .bool: .bool(bool ?? false)
        case .null: .null
        }
    }
}
