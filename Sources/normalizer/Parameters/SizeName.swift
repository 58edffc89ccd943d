/// What a model's name says about its size, such as `7B`, `8x7B`, `30B-A3B` or `350M`.
///
/// Names are read as words between marks. A word that counts something else (bits, contexts, tokens, versions) is no
/// size, and a name that counts experts without their sum says nothing.
struct SizeName: Equatable, Sendable {
    private(set) var total: Int64
    private(set) var active: Int64?

    /// - Parameter name: the part of the id after the slash.
    init?(_ name: String) {
        let low = name.lowercased()
        // Drafting heads, tokenizers and projectors carry the name of the model that they serve.
        guard !Self.parts.contains(where: { low.contains($0) }) else { return nil }
        var sizes: [Int64] = []
        var active: Int64?
        var effective: Int64?
        var trillions: Int64?
        for word in Self.words(of: low) {
            switch SizeWord(word) {
            case .total(let count): sizes.append(count)
            case .active(let count): active = count
            case .effective(let count): effective = count
            case .trillions(let count): trillions = count
            case .experts: return nil
            case nil: break
            }
        }
        // The first size is the model's; later ones count training tokens, or name its origin. Names of mixtures give
        // the active size first.
        let isMixture = low.contains("moe")
        guard let total = (isMixture ? sizes.max() : sizes.first) ?? effective.map({ 2 * $0 }) ?? trillions
        else { return nil }
        self.total = total
        if active == nil, isMixture, let first = sizes.first, first < total { active = first }
        self.active = active.flatMap { $0 < total ? $0 : nil }
    }

    private static let parts = ["eagle", "dflash", "speculator", "medusa", "tokenizer", "mmproj"]

    /// The parts of a name between anything but letters, digits and decimal points; `-1_6b` reads as `1.6b`.
    private static func words(of name: String) -> [[UInt8]] {
        let bytes = Array(name.utf8)
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if SizeWord.isDigit(byte) || SizeWord.isLetter(byte) {
                word.append(byte)
            } else if let before = word.last, SizeWord.isDigit(before), index + 1 < bytes.count,
                SizeWord.isDigit(bytes[index + 1]), byte == UInt8(ascii: ".") || isUnit(word, byte)
            {
                word.append(UInt8(ascii: "."))
            } else {
                words.append(word)
                word = []
            }
        }
        words.append(word)
        return words
    }

    /// Whether an underscore stands for a decimal point: after a nought or a one alone.
    private static func isUnit(_ word: [UInt8], _ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") && (word == [UInt8(ascii: "0")] || word == [UInt8(ascii: "1")])
    }
}

/// One word of a name that states a size.
enum SizeWord: Equatable {
    case total(Int64)
    /// `a3b`: what one token passes through.
    case active(Int64)
    /// `e4b`: what has to be in fast memory at once; in the models that are named so, the whole is about twice that.
    case effective(Int64)
    /// `1t`: parameters where nothing else is a size, else the tokens of the training.
    case trillions(Int64)
    /// `16e`: a number of experts, beside which a size is that of one.
    case experts

    init?(_ word: [UInt8]) {
        guard let last = word.last else { return nil }
        switch last {
        case UInt8(ascii: "b"): self.init(billions: word.dropLast())
        case UInt8(ascii: "m"):
            // Millions may follow a word (`stories15m`); few of them are steps or a context.
            let digits = word.dropLast().drop(while: Self.isLetter)
            guard let count = Self.count(digits, unit: 1_000_000), count >= 10_000_000 else { return nil }
            self = .total(count)
        case UInt8(ascii: "t"):
            guard word.count <= 4, let count = Self.count(word.dropLast(), unit: 1_000_000_000_000),
                count < 10_000_000_000_000
            else { return nil }
            self = .trillions(count)
        case UInt8(ascii: "e"):
            guard word.count > 1, word.dropLast().allSatisfy(Self.isDigit) else { return nil }
            self = .experts
        default: self.init(broken: word)
        }
    }

    private init?(billions word: ArraySlice<UInt8>) {
        if let first = word.first, Self.isLetter(first) {
            guard let count = Self.count(word.dropFirst(), unit: 1_000_000_000) else { return nil }
            switch first {
            case UInt8(ascii: "a"): self = .active(count)
            case UInt8(ascii: "e"): self = .effective(count)
            case UInt8(ascii: "v"): return nil
            default: self = .total(count)
            }
            return
        }
        // Experts times their size: too much by what they share, which the name does not say.
        let factors = word.split(separator: UInt8(ascii: "x"), maxSplits: 2, omittingEmptySubsequences: false)
        if factors.count == 2 {
            guard let experts = Self.experts(factors[0]), let each = Self.count(factors[1], unit: 1_000_000_000)
            else { return nil }
            self = .total(each * experts)
            return
        }
        guard let count = Self.count(word, unit: 1_000_000_000) else { return nil }
        self = .total(count)
    }

    /// `1b7` for 1.7 billion, and `7bx2` for two of seven.
    private init?(broken word: [UInt8]) {
        guard let mark = word.firstIndex(of: UInt8(ascii: "b")), mark > 0 else { return nil }
        let (before, after) = (word[..<mark], word[(mark + 1)...])
        if after.first == UInt8(ascii: "x") {
            guard let each = Self.count(before, unit: 1_000_000_000), let experts = Self.experts(after.dropFirst())
            else { return nil }
            self = .total(each * experts)
        } else {
            guard before.count == 1, after.count == 1, after.allSatisfy(Self.isDigit),
                let count = Self.count(before + [UInt8(ascii: ".")] + after, unit: 1_000_000_000)
            else { return nil }
            self = .total(count)
        }
    }

    private static func experts(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard (1...3).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
        let count = digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return count > 0 ? count : nil
    }

    /// A number with at most one point, times `unit`; `nil` also for what no model has.
    private static func count(_ digits: ArraySlice<UInt8>, unit: Int64) -> Int64? {
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(isDigit) })
        else { return nil }
        var count: Int64 = 0
        var scale = unit
        for digit in parts[0] { count = count * 10 + Int64(digit - UInt8(ascii: "0")) }
        count *= unit
        for digit in parts.dropFirst().first ?? [] {
            scale /= 10
            count += Int64(digit - UInt8(ascii: "0")) * scale
        }
        return count > 0 && count <= 9_999_000_000_000 ? count : nil
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}
