/// Quoted JSON strings as ECMAScript's QuoteJSONString writes them (ECMA-262, 25.5.2.3).
///
/// Short forms for the seven characters that have one, `\u00xx` in lower case for the other control characters,
/// everything else as it is. Runs without an escape are copied at once, found eight bytes at a time.
enum EscapedText {
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { unsafe append($0, to: &bytes) }
    }

    static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let stop = unsafe firstEscape(in: text, from: start)
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<stop]))
            guard stop < text.count else { break }
            unsafe appendEscape(of: text[stop], to: &bytes)
            start = stop + 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The first byte at or after `start` that may not stand for itself, or the end.
    private static func firstEscape(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= text.count {
            let word = unsafe UInt64(
                littleEndian: UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // The top bit of the lowest byte that matches is exact; borrows disturb only bytes above it.
            let hits =
                ((word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash)
                & (ones &* 0x80)
            if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < text.count {
            let byte = unsafe text[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
            index += 1
        }
        return index
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x22, 0x5C: bytes.append(byte)
        default:
            let low = byte & 0x0F
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
