import CSIMDJSON

/// One parsed JSON text (RFC 8259), read through simdjson.
///
/// Parsing checks all of the text: structure, numbers, escapes and UTF-8. The document never changes afterwards, so it
/// may be shared between threads, and it lives as long as any ``JSONNode`` of it. Nothing is turned into Swift values
/// until a node is asked.
///
/// Integers outside `Int64` are doubles here, as they are in ECMAScript. A number whose magnitude no double holds is
/// refused, and so is an escape that names half of a surrogate pair.
@safe package final class JSONDocument: @unchecked Sendable {
    // Unchecked: the three pointers are set once, and simdjson does not write to a document after parsing it.
    private let handle: OpaquePointer
    private let tape: UnsafePointer<UInt64>
    private let strings: UnsafePointer<UInt8>

    package convenience init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: bytes.span, limits: limits)
    }

    package convenience init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: [UInt8](text.utf8), limits: limits)
    }

    package init(parsing bytes: Span<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        guard bytes.count <= limits.bytes else {
            throw JSONError(
                kind: .tooLarge, byteOffset: nil,
                reason: "text of \(bytes.count) bytes where \(limits.bytes) are allowed")
        }
        var parsed = unsafe Self.parse(bytes, depth: limits.depth)
        if unsafe parsed.fault == CSIMDJSON_BAD_NUMBER {
            // simdjson knows no integers beyond 64 bits; written with an exponent they are doubles to it.
            let widened = WideIntegers(in: bytes)
            if widened.found {
                unsafe parsed = Self.parse(widened.text.span, depth: limits.depth)
            }
        }
        guard unsafe parsed.fault == CSIMDJSON_NONE, let handle = unsafe parsed.document,
            let tape = unsafe parsed.tape, let strings = unsafe parsed.strings
        else {
            throw unsafe FaultSearch.error(parsed.fault, in: bytes, depth: limits.depth)
        }
        unsafe self.handle = handle
        unsafe self.tape = tape
        unsafe self.strings = strings
    }

    deinit {
        unsafe csimdjson_free(handle)
    }

    /// The outermost value.
    package var root: JSONNode {
        JSONNode(document: self, index: 1)
    }

    private static func parse(_ bytes: Span<UInt8>, depth: Int) -> csimdjson_parsed {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress, buffer.count > 0 else {
                return unsafe csimdjson_parsed(document: nil, tape: nil, strings: nil, fault: CSIMDJSON_EMPTY)
            }
            return unsafe csimdjson_parse(start, buffer.count, depth)
        }
    }
}

/// The tape: one word for each value, in the order of the text (simdjson `doc/tape.md`).
///
/// An index handed to these comes from the tape itself, so it is inside it.
extension JSONDocument {
    func tag(at index: Int) -> UInt8 {
        unsafe UInt8(truncatingIfNeeded: tape[index] &>> 56)
    }

    /// The word after a number's tag.
    func word(at index: Int) -> UInt64 {
        unsafe tape[index]
    }

    /// The index after the value at `index` and all that is inside it.
    func index(after index: Int) -> Int {
        let word = unsafe tape[index]
        switch UInt8(truncatingIfNeeded: word &>> 56) {
        case Tag.object, Tag.array: return Int(truncatingIfNeeded: word & 0xFFFF_FFFF)
        case Tag.integer, Tag.unsigned, Tag.double: return index + 2
        default: return index + 1
        }
    }

    /// The members or elements that the container at `index` says it has; 0xFFFFFF means that or more.
    func shortCount(at index: Int) -> Int {
        unsafe Int(truncatingIfNeeded: (tape[index] &>> 32) & 0xFF_FFFF)
    }

    /// Lends the UTF-8 of the string at `index`.
    func withString<Result>(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let offset = unsafe Int(truncatingIfNeeded: tape[index] & 0x00FF_FFFF_FFFF_FFFF)
        let length = unsafe UnsafeRawPointer(strings + offset).loadUnaligned(as: UInt32.self)
        return unsafe body(UnsafeBufferPointer(start: strings + offset + 4, count: Int(length)))
    }
}

/// The letters that simdjson puts into the top byte of a tape word.
enum Tag {
    static let object = UInt8(ascii: "{")
    static let endOfObject = UInt8(ascii: "}")
    static let array = UInt8(ascii: "[")
    static let endOfArray = UInt8(ascii: "]")
    static let string = UInt8(ascii: "\"")
    static let integer = UInt8(ascii: "l")
    static let unsigned = UInt8(ascii: "u")
    static let double = UInt8(ascii: "d")
    static let yes = UInt8(ascii: "t")
    static let no = UInt8(ascii: "f")
}
