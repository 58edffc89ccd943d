import Glibc

/// What a JSON value is.
package enum JSONKind: Sendable {
    case object
    case array
    case string
    /// A whole number, written without fraction and exponent, that fits `Int64`.
    case integer
    /// Any other number, also an integer beyond `Int64`.
    case double
    case bool
    case null
}

/// One value inside a ``JSONDocument``, two words large.
///
/// A node keeps its document alive, so it can be stored and sent anywhere. Reading a value as a type that it does not
/// have gives `nil`; nothing is converted except integers to doubles.
package struct JSONNode: Sendable {
    let document: JSONDocument
    let index: Int

    package var kind: JSONKind {
        switch document.tag(at: index) {
        case Tag.object: .object
        case Tag.array: .array
        case Tag.string: .string
        case Tag.integer: .integer
        case Tag.unsigned, Tag.double: .double
        case Tag.yes, Tag.no: .bool
        default: .null
        }
    }

    package var isNull: Bool { kind == .null }

    package var string: String? {
        guard document.tag(at: index) == Tag.string else { return nil }
        return unsafe document.withString(at: index) { unsafe String(decoding: $0, as: UTF8.self) }
    }

    package var int64: Int64? {
        guard document.tag(at: index) == Tag.integer else { return nil }
        return Int64(bitPattern: document.word(at: index + 1))
    }

    /// The number, nearest to it where an integer has more than 53 bits.
    package var double: Double? {
        switch document.tag(at: index) {
        case Tag.integer: Double(Int64(bitPattern: document.word(at: index + 1)))
        case Tag.unsigned: Double(document.word(at: index + 1))
        case Tag.double: Double(bitPattern: document.word(at: index + 1))
        default: nil
        }
    }

    package var bool: Bool? {
        switch document.tag(at: index) {
        case Tag.yes: true
        case Tag.no: false
        default: nil
        }
    }

    /// Elements of an array or members of an object; 0 for anything else.
    package var count: Int {
        let tag = document.tag(at: index)
        guard tag == Tag.object || tag == Tag.array else { return 0 }
        let short = document.shortCount(at: index)
        guard short == 0xFF_FFFF else { return short }
        var counted = 0
        var cursor = JSONCursor(self)
        while cursor.next() != nil { counted += 1 }
        return tag == Tag.object ? counted / 2 : counted
    }

    /// Whether this is a string with exactly this text. Makes no `String`.
    package func equals(_ text: String) -> Bool {
        guard document.tag(at: index) == Tag.string else { return false }
        return document.string(at: index, equals: text)
    }

    /// The first member with this key; `nil` also where this is no object.
    package subscript(_ key: String) -> JSONNode? {
        guard document.tag(at: index) == Tag.object else { return nil }
        return document.value(of: key, inObjectAt: index).map { JSONNode(document: document, index: $0) }
    }

    /// The element at this place; `nil` where there is none. Walks there: for a whole array use ``elements``.
    package subscript(_ position: Int) -> JSONNode? {
        guard document.tag(at: index) == Tag.array, position >= 0 else { return nil }
        var cursor = JSONCursor(self)
        var left = position
        while let element = cursor.next() {
            if left == 0 { return JSONNode(document: document, index: element) }
            left -= 1
        }
        return nil
    }
}

/// Steps over what is directly inside a container: elements, or keys and values in turn.
struct JSONCursor {
    private let document: JSONDocument
    private var index: Int
    private let end: Int

    /// Anything but a container has nothing inside.
    init(_ node: JSONNode) {
        document = node.document
        let tag = node.document.tag(at: node.index)
        index = node.index + 1
        end = tag == Tag.object || tag == Tag.array ? node.document.index(after: node.index) - 1 : index
    }

    mutating func next() -> Int? {
        guard index < end else { return nil }
        defer { index = document.index(after: index) }
        return index
    }
}

extension JSONDocument {
    func string(at index: Int, equals text: String) -> Bool {
        var text = text
        return text.withUTF8 { unsafe string(at: index, equals: $0) }
    }

    /// Where the value of the first member with this key is.
    func value(of key: String, inObjectAt start: Int) -> Int? {
        var key = key
        return key.withUTF8 { name in
            let end = index(after: start) - 1
            var member = start + 1
            while member < end {
                if unsafe string(at: member, equals: name) { return member + 1 }
                member = index(after: member + 1)
            }
            return nil
        }
    }

    private func string(at index: Int, equals text: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe withString(at: index) { stored in
            guard stored.count == text.count, let one = stored.baseAddress, let other = text.baseAddress
            else { return stored.count == text.count }
            return unsafe memcmp(one, other, stored.count) == 0
        }
    }
}
