/// A piece of HTML as UTF-8 bytes, made from literals and escaped text.
///
/// Markup can only come from a literal in the source (`StaticString`); whatever is interpolated is escaped at
/// this leaf. So text that somebody else wrote cannot become an element, an attribute or an entity:
/// the same escaping serves text and double-quoted attributes.
struct HTML: ExpressibleByStringInterpolation, Equatable, Sendable {
    private(set) var bytes: [UInt8]

    init() {
        bytes = []
    }

    init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    init(stringLiteral markup: StaticString) {
        bytes = []
        append(markup)
    }

    init(stringInterpolation: Interpolation) {
        self = stringInterpolation.html
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func += (page: inout HTML, piece: HTML) {
        page.bytes.append(contentsOf: piece.bytes)
    }

    mutating func append(_ markup: StaticString) {
        bytes.append(contentsOf: markup.description.utf8)
    }

    /// Escapes the five characters that HTML gives a meaning. Control characters, which HTML forbids, become
    /// U+FFFD; line ends and tabs stay.
    mutating func append(escaping text: String) {
        guard Self.hasSpecialByte(text.utf8Span.span) else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "'"): append("&#39;")
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F, 0x7F: append("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }

    private static func hasSpecialByte(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case 0x00...0x1F, 0x7F, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
                UInt8(ascii: "'"):
                return true
            default: continue
            }
        }
        return false
    }

    mutating func append(_ number: Int) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        append(digitsOf: number.magnitude)
    }

    /// A number of tenths, not negative, as SVG coordinates need it: 215 as `21.5`, 210 as `21`.
    mutating func append(tenths: Int) {
        append(digitsOf: tenths.magnitude / 10)
        guard !tenths.isMultiple(of: 10) else { return }
        bytes.append(UInt8(ascii: "."))
        append(digitsOf: tenths.magnitude % 10)
    }

    /// One step of an SVG path, to a point in tenths: `M1 21.5`.
    mutating func append(_ step: PathStep, x: Int, y: Int) {
        bytes.append(step.rawValue)
        append(tenths: x)
        bytes.append(UInt8(ascii: " "))
        append(tenths: y)
    }

    /// The letter before a point in an SVG path.
    enum PathStep: UInt8 {
        case move = 0x4D
        case line = 0x4C
    }

    private mutating func append(digitsOf number: UInt) {
        if number >= 10 { append(digitsOf: number / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// What a literal with interpolations is collected in: literals as they are, values escaped.
    struct Interpolation: StringInterpolationProtocol {
        fileprivate var html: HTML

        init(literalCapacity: Int, interpolationCount: Int) {
            html = HTML(capacity: literalCapacity + interpolationCount * 24)
        }

        mutating func appendLiteral(_ markup: StaticString) {
            html.append(markup)
        }

        mutating func appendInterpolation(_ text: String) {
            html.append(escaping: text)
        }

        mutating func appendInterpolation(_ number: Int) {
            html.append(number)
        }

        mutating func appendInterpolation(tenths: Int) {
            html.append(tenths: tenths)
        }

        mutating func appendInterpolation(_ piece: HTML) {
            html += piece
        }
    }
}

extension HTML {
    typealias StringInterpolation = Interpolation
    typealias StringLiteralType = StaticString
}
