/// Writes one JSON text (or several after each other) into bytes, compact, commas by itself.
///
/// The output is byte for byte what ECMAScript's `JSON.stringify` gives for the same values in the same order. Keys are
/// written as they come: order and uniqueness are the caller's. Misuse of the nesting (a value where a key belongs, an
/// end without its begin) is a programmer's error and stops the process.
package struct JSONWriter: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []
    /// The brackets that close the open containers, innermost last.
    private var closers: [UInt8] = []
    private var needsComma = false
    private var afterKey = false

    package init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// The whole text; every container must be closed.
    package consuming func finished() -> [UInt8] {
        precondition(closers.isEmpty, "JSONWriter: \(closers.count) containers are still open")
        return bytes
    }

    package mutating func beginObject() {
        begin(UInt8(ascii: "{"), closedBy: UInt8(ascii: "}"))
    }

    package mutating func endObject() {
        end(UInt8(ascii: "}"))
    }

    package mutating func beginArray() {
        begin(UInt8(ascii: "["), closedBy: UInt8(ascii: "]"))
    }

    package mutating func endArray() {
        end(UInt8(ascii: "]"))
    }

    /// A key that is known when the program is compiled.
    package mutating func key(_ name: StaticString) {
        beforeKey()
        name.withUTF8Buffer { unsafe EscapedText.append($0, to: &bytes) }
        bytes.append(UInt8(ascii: ":"))
    }

    /// A key that comes from data.
    package mutating func key(text: String) {
        beforeKey()
        EscapedText.append(text, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    /// `nil` is written as `null`, here and in the methods below.
    package mutating func string(_ value: String?) {
        guard let value else { return null() }
        beforeValue()
        EscapedText.append(value, to: &bytes)
    }

    package mutating func integer(_ value: Int64?) {
        guard let value else { return null() }
        beforeValue()
        NumberText.append(value, to: &bytes)
    }

    package mutating func integer(_ value: Int?) {
        integer(value.map(Int64.init))
    }

    /// The value must be finite: JSON has no other numbers.
    package mutating func double(_ value: Double?) {
        guard let value else { return null() }
        beforeValue()
        NumberText.append(value, to: &bytes)
    }

    package mutating func bool(_ value: Bool?) {
        guard let value else { return null() }
        beforeValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        beforeValue()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A value that is JSON already, copied unseen.
    package mutating func raw(_ json: [UInt8]) {
        beforeValue()
        bytes.append(contentsOf: json)
    }

    /// Anything between top-level texts, such as the line feed of JSON Lines.
    package mutating func separator(_ byte: UInt8) {
        precondition(closers.isEmpty, "JSONWriter: a separator inside a container")
        bytes.append(byte)
        needsComma = false
    }

    private var isInObject: Bool { closers.last == UInt8(ascii: "}") }

    private mutating func begin(_ opener: UInt8, closedBy closer: UInt8) {
        beforeValue()
        bytes.append(opener)
        closers.append(closer)
        needsComma = false
    }

    private mutating func end(_ closer: UInt8) {
        precondition(closers.last == closer && !afterKey, "JSONWriter: an end without its begin")
        closers.removeLast()
        bytes.append(closer)
        needsComma = true
    }

    private mutating func beforeKey() {
        precondition(isInObject && !afterKey, "JSONWriter: a key outside of an object")
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        afterKey = true
    }

    private mutating func beforeValue() {
        precondition(afterKey || !isInObject, "JSONWriter: a value where a key belongs")
        if needsComma, !afterKey { bytes.append(UInt8(ascii: ",")) }
        afterKey = false
        needsComma = true
    }
}

extension JSONWriter {
    /// A value and all inside it.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .object(let members):
            beginObject()
            for member in members {
                key(text: member.key)
                self.value(member.value)
            }
            endObject()
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .string(let text): string(text)
        case .integer(let number): integer(number)
        case .double(let number): double(number)
        case .bool(let flag): bool(flag)
        case .null: null()
        }
    }

    /// A value of a parsed document, compact: its order and its repeated keys stay.
    package mutating func node(_ node: JSONNode) {
        switch node.kind {
        case .object:
            beginObject()
            for (name, value) in node.members {
                key(text: name)
                self.node(value)
            }
            endObject()
        case .array:
            beginArray()
            for element in node.elements { self.node(element) }
            endArray()
        case .string: string(node.string)
        case .integer: integer(node.int64)
        case .double: double(node.double)
        case .bool: bool(node.bool)
        case .null: null()
        }
    }
}
