/// A text in which each integer of 19 digits or more carries the exponent `e0`.
///
/// simdjson 3.0 refuses integers beyond 64 bits, although RFC 8259 leaves their range open and ECMAScript reads them as
/// doubles. The exponent changes no value, and with it simdjson reads a double.
struct WideIntegers {
    /// The first length at which digits may not fit 64 bits.
    private static let width = 19

    private(set) var text: [UInt8] = []
    /// Where in `text` an exponent was put, ascending.
    private var insertions: [Int] = []

    var found: Bool { !insertions.isEmpty }

    init(in bytes: Span<UInt8>) {
        text.reserveCapacity(bytes.count + 16)
        var inString = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if inString {
                text.append(byte)
                index += 1
                if byte == UInt8(ascii: "\\"), index < bytes.count {
                    text.append(bytes[index])
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte.isDigit {
                index = copyNumber(of: bytes, from: index)
            } else {
                inString = byte == UInt8(ascii: "\"")
                text.append(byte)
                index += 1
            }
        }
    }

    private mutating func copyNumber(of bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index].isDigit {
            text.append(bytes[index])
            index += 1
        }
        let wide = index - start >= Self.width
        var isInteger = true
        // The rest of the number, so that the digits of a fraction or exponent are not taken for an integer.
        while index < bytes.count, bytes[index].isDigit || bytes[index].continuesNumber {
            isInteger = false
            text.append(bytes[index])
            index += 1
        }
        if wide, isInteger {
            insertions.append(text.count)
            text.append(UInt8(ascii: "e"))
            text.append(UInt8(ascii: "0"))
        }
        return index
    }

    /// The offset in the original of an offset in `text`.
    func originalOffset(of offset: Int) -> Int {
        var low = 0
        var high = insertions.count
        while low < high {
            let middle = (low + high) / 2
            if insertions[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return offset - 2 * low
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var continuesNumber: Bool {
        switch self {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
