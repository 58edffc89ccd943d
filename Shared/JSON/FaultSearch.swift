import CSIMDJSON

/// Finds where a refused text is wrong. Runs only for refused texts, so it may read them once more.
enum FaultSearch {
    static func error(_ fault: csimdjson_fault, in bytes: Span<UInt8>, depth: Int) -> JSONError {
        switch fault {
        case CSIMDJSON_EMPTY:
            return JSONError(kind: .empty, byteOffset: 0, reason: "no JSON value")
        case CSIMDJSON_NO_MEMORY:
            return JSONError(kind: .outOfMemory, byteOffset: nil, reason: "no memory to parse \(bytes.count) bytes")
        case CSIMDJSON_INVALID_UTF8:
            return JSONError(kind: .invalidUTF8, byteOffset: firstInvalidUTF8(in: bytes), reason: "invalid UTF-8")
        case CSIMDJSON_UNCLOSED_STRING, CSIMDJSON_CONTROL_CHARACTER:
            return lexical(in: bytes)
        default:
            return structural(fault, in: bytes, depth: depth)
        }
    }

    private static func firstInvalidUTF8(in bytes: Span<UInt8>) -> Int? {
        do {
            _ = try UTF8Span(validating: bytes)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    /// The first control character inside a string or backslash outside of one, else the string without an end.
    private static func lexical(in bytes: Span<UInt8>) -> JSONError {
        var opened: Int?
        var index = 0
        while index < bytes.count {
            switch (bytes[index], opened) {
            case (UInt8(ascii: "\""), nil): opened = index
            case (UInt8(ascii: "\""), _?): opened = nil
            case (UInt8(ascii: "\\"), nil):
                return JSONError(kind: .malformed, byteOffset: index, reason: "backslash outside of a string")
            case (UInt8(ascii: "\\"), _?):
                if index + 1 < bytes.count, bytes[index + 1] >= 0x20 { index += 1 }
            case (0..<0x20, _?):
                return JSONError(kind: .malformed, byteOffset: index, reason: "control character in a string")
            default: break
            }
            index += 1
        }
        let reason = opened.map { "the string opened at byte \($0) has no end" } ?? "a string is malformed"
        return JSONError(kind: .truncated, byteOffset: bytes.count, reason: reason)
    }

    private static func structural(_ first: csimdjson_fault, in bytes: Span<UInt8>, depth: Int) -> JSONError {
        let wide = WideIntegers(in: bytes)
        let place =
            wide.found ? locate(wide.text.span, depth: depth) : locate(bytes, depth: depth)
        let fault = place.fault == CSIMDJSON_NONE ? first : place.fault
        let offset = place.offset < 0 ? nil : wide.originalOffset(of: Int(place.offset))
        let (kind, reason) = wording(fault, depth: depth)
        return JSONError(kind: kind, byteOffset: offset, reason: reason)
    }

    private static func locate(_ bytes: Span<UInt8>, depth: Int) -> csimdjson_place {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe csimdjson_locate(buffer.baseAddress, buffer.count, depth)
        }
    }

    private static func wording(_ fault: csimdjson_fault, depth: Int) -> (JSONError.Kind, String) {
        switch fault {
        case CSIMDJSON_TOO_DEEP: (.tooDeep, "more than \(depth) containers inside each other")
        case CSIMDJSON_BAD_STRING: (.malformed, "malformed escape in a string")
        case CSIMDJSON_BAD_NUMBER: (.malformed, "malformed number, or one that no double holds")
        case CSIMDJSON_BAD_LITERAL: (.malformed, "malformed literal")
        case CSIMDJSON_TRAILING_CONTENT: (.trailingContent, "content after the value")
        case CSIMDJSON_TRUNCATED: (.truncated, "the text ends early")
        default: (.malformed, "unexpected token")
        }
    }
}
