/// Base 64 (RFC 4648). Decoding accepts exactly what encoding gives and nothing else: no white space, no missing or
/// additional padding, no stray bits in the last character.
package enum Base64 {
    package enum Form: Sendable {
        /// `+` and `/`, padded with `=` (section 4).
        case standard
        /// `-` and `_`, without padding (section 5).
        case urlSafe

        fileprivate var alphabet: StaticString {
            switch self {
            case .standard: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            case .urlSafe: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            }
        }

        fileprivate var isPadded: Bool { self == .standard }

        fileprivate func value(of character: UInt8) -> UInt32? {
            switch (character, self) {
            case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(character - UInt8(ascii: "A"))
            case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(character - UInt8(ascii: "a") + 26)
            case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(character - UInt8(ascii: "0") + 52)
            case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .urlSafe): 62
            case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .urlSafe): 63
            default: nil
            }
        }
    }

    package static func encode(_ bytes: [UInt8], _ form: Form = .standard) -> String {
        let alphabet = [UInt8](form.alphabet.description.utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...group.count {
                text.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)])
            }
            if form.isPadded {
                text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func decode(_ text: String, _ form: Form = .standard) -> [UInt8]? {
        var characters = [UInt8](text.utf8)[...]
        if form.isPadded {
            guard characters.count % 4 == 0 else { return nil }
            for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
        }
        guard characters.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for character in characters {
            guard let value = form.value(of: character) else { return nil }
            bits = bits << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> held))
                bits &= 1 << held - 1
            }
        }
        return bits == 0 ? bytes : nil
    }
}
