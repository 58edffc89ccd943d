/// How one column of a block is written.
///
/// Whole numbers from 0 take as many bytes each as the largest of them plus 1 needs, the lowest byte first; 0 is
/// "unknown". Anything else takes eight: the bits of a `Double`, or of a whole number, one of which is "unknown".
enum ColumnCoding {
    case none
    case small(width: Int)
    case wide
    case real

    enum Figure {
        case unknown
        case whole(Int64)
        case real(Double)

        init(_ value: Int64?) { self = value.map { .whole($0) } ?? .unknown }

        init(_ value: Double?) {
            guard let value, !value.isNaN else {
                self = .unknown
                return
            }
            // Few trending scores are not whole.
            self = Int64(exactly: value).map { value.sign == .plus ? .whole($0) : .real(value) } ?? .real(value)
        }
    }

    init?(code: UInt8) {
        switch code {
        case 0: self = .none
        case 1...7: self = .small(width: Int(code))
        case 8: self = .wide
        case 9: self = .real
        default: return nil
        }
    }

    var code: UInt8 {
        switch self {
        case .none: 0
        case .small(let width): UInt8(width)
        case .wide: 8
        case .real: 9
        }
    }

    var width: Int {
        switch self {
        case .none: 0
        case .small(let width): width
        case .wide, .real: 8
        }
    }

    /// The narrowest that takes all of them.
    private init(for figures: [Figure]) {
        var (largest, isWhole, isSmall) = (UInt64(0), true, true)
        for figure in figures {
            switch figure {
            case .unknown: break
            case .whole(let value):
                if value < 0 || value >= 1 << 55 { isSmall = false } else { largest = max(largest, UInt64(value) + 1) }
            case .real: isWhole = false
            }
        }
        if !isWhole {
            self = .real
        } else if !isSmall {
            self = .wide
        } else {
            let width = (64 - largest.leadingZeroBitCount + 7) / 8
            self = width == 0 ? .none : .small(width: width)
        }
    }

    static func write(_ figures: [Figure], to bytes: inout [UInt8]) -> ColumnCoding {
        let coding = ColumnCoding(for: figures)
        for figure in figures {
            var bits = coding.bits(of: figure)
            for _ in 0..<coding.width {
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
            }
        }
        return coding
    }

    private func bits(of figure: Figure) -> UInt64 {
        switch (self, figure) {
        case (.none, _), (.small, .unknown), (.small, .real), (.wide, .real): 0
        case (.small, .whole(let value)): UInt64(value) + 1
        case (.wide, .unknown): UInt64(bitPattern: .min)
        case (.wide, .whole(let value)): UInt64(bitPattern: value)
        case (.real, .unknown): Double.nan.bitPattern
        case (.real, .whole(let value)): Double(value).bitPattern
        case (.real, .real(let value)): value.bitPattern
        }
    }

    private func bits(_ bytes: [UInt8], from start: Int, at place: Int) -> UInt64 {
        var bits: UInt64 = 0
        for offset in 0..<width { bits |= UInt64(bytes[start + place * width + offset]) << UInt64(8 * offset) }
        return bits
    }

    func whole(_ bytes: [UInt8], from start: Int, at place: Int) -> Int64? {
        let bits = bits(bytes, from: start, at: place)
        switch self {
        case .none: return nil
        case .small: return bits == 0 ? nil : Int64(bits - 1)
        case .wide: return Int64(bitPattern: bits) == .min ? nil : Int64(bitPattern: bits)
        case .real: return Int64(exactly: Double(bitPattern: bits))
        }
    }

    func real(_ bytes: [UInt8], from start: Int, at place: Int) -> Double? {
        guard case .real = self else { return whole(bytes, from: start, at: place).map(Double.init) }
        let value = Double(bitPattern: bits(bytes, from: start, at: place))
        return value.isNaN ? nil : value
    }

    /// A whole column: read for every model of every day, so in one pass for each width.
    func append(_ bytes: [UInt8], from start: Int, count: Int, to values: inout [Int64], unknown: Int64) {
        guard case .small(let width) = self else {
            for place in 0..<count { values.append(whole(bytes, from: start, at: place) ?? unknown) }
            return
        }
        let column = bytes.span
        var at = start
        for _ in 0..<count {
            var bits: UInt64 = 0
            for offset in 0..<width { bits |= UInt64(column[at + offset]) << UInt64(8 * offset) }
            at += width
            values.append(bits == 0 ? unknown : Int64(bits) - 1)
        }
    }
}
