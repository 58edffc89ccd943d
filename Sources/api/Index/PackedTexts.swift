/// Many short texts one after the other, eight bytes to a word, to be searched as a whole: a word of eight bytes is
/// compared at once with what a wanted text begins with.
struct PackedTexts: Sendable {
    /// Of so many texts the first's place is kept; the others are counted from there.
    private static let block = 64
    /// Behind each text; none has it.
    private static let end: UInt8 = 0
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    private var words: [UInt64] = []
    private var size = 0
    private var starts: [UInt32] = []
    private(set) var count = 0

    /// Goes on with the last text.
    mutating func append(_ byte: UInt8) {
        if size % 8 == 0 { words.append(0) }
        words[size / 8] |= UInt64(byte) << UInt64(size % 8 * 8)
        size += 1
        precondition(size <= UInt32.max, "packed texts have at most 4 GiB")
    }

    /// Ends the last text.
    mutating func endText() {
        append(Self.end)
        count += 1
        if count % Self.block == 0 { starts.append(UInt32(size)) }
    }

    private func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: words[place / 8] >> UInt64(place % 8 * 8)) }

    private func has(_ wanted: Span<UInt8>, at place: Int) -> Bool {
        guard place + wanted.count <= size else { return false }
        for offset in wanted.indices where byte(place + offset) != wanted[offset] { return false }
        return true
    }

    /// Says which texts have `wanted` in them, ascending, each once or more often.
    /// - Parameter wanted: at least one byte.
    func each(having wanted: [UInt8], _ body: (_ text: Int) -> Void) {
        guard let first = wanted.first else { return }
        let (firsts, seconds) = (UInt64(first) &* Self.ones, UInt64(wanted.dropFirst().first ?? 0) &* Self.ones)
        let (words, wanted, isLonger) = (words.span, wanted.span, wanted.count > 1 ? UInt64.max : 0)
        var (text, place, block) = (0, 0, 0)
        var next = words.isEmpty ? 0 : words[0]
        for word in words.indices {
            let own = next
            next = word + 1 < words.count ? words[word + 1] : 0
            let differing = (own ^ firsts) | (((own >> 8 | next << 56) ^ seconds) & isLonger)
            // A byte's highest bit is set where it was 0, and now and then in the byte behind such a one.
            var found = (differing &- Self.ones) & ~differing & Self.tops
            while found != 0 {
                let start = word * 8 + found.trailingZeroBitCount / 8
                found &= found - 1
                guard has(wanted, at: start) else { continue }
                while block < starts.count, starts[block] <= UInt32(start) {
                    (place, text) = (Int(starts[block]), (block + 1) * Self.block)
                    block += 1
                }
                while place < start {
                    if byte(place) == Self.end { text += 1 }
                    place += 1
                }
                body(text)
            }
        }
    }
}
