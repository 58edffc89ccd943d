/// A text of JSON Lines: one document a line, split at LF, a CR before it taken off. Blank lines are no documents.
///
/// Lines are cut without parsing them, so that one bad line does not hide the others.
package struct JSONLines: Sequence, IteratorProtocol, Sendable {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var index = 0
    private var number = 0

    package init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) {
        self.bytes = bytes
        self.limits = limits
    }

    package mutating func next() -> JSONLine? {
        while index < bytes.count {
            let start = index
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            index = end + 1
            number += 1
            let line = bytes[start..<end]
            if !line.allSatisfy(\.isBlank) {
                return JSONLine(number: number, bytes: line, limits: limits)
            }
        }
        return nil
    }
}

/// One line that holds a document, not yet parsed.
package struct JSONLine: Sendable {
    /// Counted from 1, blank lines included.
    package let number: Int
    /// The line without its end; its indices are those of the whole text.
    package let bytes: ArraySlice<UInt8>
    private let limits: JSONLimits

    fileprivate init(number: Int, bytes: ArraySlice<UInt8>, limits: JSONLimits) {
        self.number = number
        self.bytes = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
        self.limits = limits
    }

    /// The document; an error's offset counts from the start of the line.
    package func parsed() throws(JSONError) -> JSONDocument {
        try JSONDocument(parsing: bytes.span, limits: limits)
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r")
    }
}
