/// One header line of a message.
package struct HeaderField: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Field names are compared without case (RFC 9110, section 5.1).
    package func isNamed(_ other: String) -> Bool {
        name.utf8.count == other.utf8.count && name.utf8.elementsEqual(other.utf8, by: HeaderField.isSameLetter)
    }

    private static func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        if left == right { return true }
        guard left ^ right == 0x20 else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(left | 0x20)
    }
}

/// The header lines of a request, in the order they came. Lookups ignore the case of names.
package struct HeaderFields: Hashable, Sendable, ExpressibleByArrayLiteral {
    package private(set) var fields: [HeaderField]

    package init(_ fields: [HeaderField] = []) {
        self.fields = fields
    }

    package init(arrayLiteral elements: HeaderField...) {
        fields = elements
    }

    package mutating func append(_ field: HeaderField) {
        fields.append(field)
    }

    package func first(_ name: String) -> String? {
        fields.first { $0.isNamed(name) }?.value
    }

    package func all(_ name: String) -> [String] {
        fields.filter { $0.isNamed(name) }.map(\.value)
    }
}
