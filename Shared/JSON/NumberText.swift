/// Numbers as text: integers in decimal, doubles as ECMAScript's Number::toString writes them (ECMA-262, 6.1.6.1.20).
enum NumberText {
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var start = 20
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        unsafe digits.span.withUnsafeBufferPointer { buffer in
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    static func append(_ value: Double, to bytes: inout [UInt8]) {
        precondition(value.isFinite, "JSON has no number for \(value)")
        if value.magnitude < 0x1p53 {
            let whole = Int64(value)
            if Double(whole) == value { return append(whole, to: &bytes) }
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        Decimal(shortestOf: value.magnitude).append(to: &bytes)
    }
}

/// The shortest digits that read back as the same double, and where the point belongs: 0.`digits` × 10^`exponent`.
private struct Decimal {
    /// At most 17 digits are ever needed; Swift writes some large whole numbers with their zeros.
    private var digits: InlineArray<24, UInt8> = .init(repeating: 0)
    private var count = 0
    private var exponent = 0

    /// Swift's description holds the same digits as ECMAScript's text (both the shortest, and of those the closest),
    /// but sets the point and the exponent otherwise.
    init(shortestOf magnitude: Double) {
        var text = magnitude.description
        text.withUTF8 { unsafe read($0) }
    }

    private mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
        var beforePoint = true
        for index in text.indices {
            let byte = unsafe text[index]
            if byte == UInt8(ascii: "e") {
                exponent += Int(unsafe String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                break
            }
            if byte == UInt8(ascii: ".") {
                beforePoint = false
            } else if count == 0, byte == UInt8(ascii: "0") {
                if !beforePoint { exponent -= 1 }
            } else {
                digits[count] = byte
                count += 1
                if beforePoint { exponent += 1 }
            }
        }
        while count > 1, digits[count - 1] == UInt8(ascii: "0") { count -= 1 }
    }

    func append(to bytes: inout [UInt8]) {
        switch exponent {
        case count...21:
            append(0..<count, to: &bytes)
            appendZeros(exponent - count, to: &bytes)
        case 1...21:
            append(0..<exponent, to: &bytes)
            bytes.append(UInt8(ascii: "."))
            append(exponent..<count, to: &bytes)
        case -5...0:
            bytes.append(contentsOf: "0.".utf8)
            appendZeros(-exponent, to: &bytes)
            append(0..<count, to: &bytes)
        default:
            bytes.append(digits[0])
            if count > 1 {
                bytes.append(UInt8(ascii: "."))
                append(1..<count, to: &bytes)
            }
            bytes.append(UInt8(ascii: "e"))
            if exponent > 0 { bytes.append(UInt8(ascii: "+")) }
            NumberText.append(Int64(exponent - 1), to: &bytes)
        }
    }

    private func append(_ range: Range<Int>, to bytes: inout [UInt8]) {
        unsafe digits.span.withUnsafeBufferPointer { buffer in
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[range]))
        }
    }

    private func appendZeros(_ count: Int, to bytes: inout [UInt8]) {
        for _ in 0..<count { bytes.append(UInt8(ascii: "0")) }
    }
}
