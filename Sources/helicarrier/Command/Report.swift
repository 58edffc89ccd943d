import JSON
import Model

extension Terminal {
    /// Prints a value as one line of JSON.
    func print(_ value: JSONValue) {
        var writer = JSONWriter()
        writer.value(value)
        print(json: writer.finished())
    }

    func print(json: [UInt8]) {
        print(String(decoding: json, as: UTF8.self))
    }
}

/// Shorthand for the JSON that commands print; what is `nil` is `null`.
extension JSONValue {
    static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    static func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }
    static func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
    static func seconds(_ value: Duration?) -> JSONValue {
        value.map { .double(Double($0.milliseconds) / 1_000) } ?? .null
    }
    static func time(_ value: Timestamp?) -> JSONValue { .text(value?.rfc3339) }

    static func record(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { JSONMember($0.key, $0.value) })
    }
}
