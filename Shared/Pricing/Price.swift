package import Model

/// What a million tokens of one bucket cost at a provider, from a context length on, for a time.
package struct Price: Hashable, Sendable {
    /// In small letters; `*` stands for any text.
    package let provider: String
    /// `*` stands for any text.
    package let model: String
    package let bucket: TokenBucket
    /// The price holds for sessions whose input has at least this many tokens, until a price with a higher one.
    package let minContextTokens: Int64
    package let nanoUSDPerMillion: Int64
    /// The first moment at which it holds; `nil` is since ever.
    package let validFrom: Timestamp?
    /// The first moment at which it no longer holds; `nil` is for ever.
    package let validUntil: Timestamp?

    package init(
        provider: String, model: String, bucket: TokenBucket, minContextTokens: Int64 = 0, nanoUSDPerMillion: Int64,
        validFrom: Timestamp? = nil, validUntil: Timestamp? = nil
    ) {
        self.provider = provider
        self.model = model
        self.bucket = bucket
        self.minContextTokens = minContextTokens
        self.nanoUSDPerMillion = nanoUSDPerMillion
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    func holds(at moment: Timestamp) -> Bool {
        (validFrom.map { $0 <= moment } ?? true) && (validUntil.map { moment < $0 } ?? true)
    }
}

/// Text in which `*` stands for any text, also for none.
package struct NamePattern: Hashable, Sendable {
    private let parts: [[UInt8]]
    /// Characters that are not `*`: the longer, the closer the match.
    package let literalCount: Int

    package init(_ text: String) {
        parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
        literalCount = parts.reduce(0) { $0 + $1.count }
    }

    package var isExact: Bool { parts.count == 1 }

    package func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = parts.first, let last = parts.last, !isExact else { return bytes == parts.first }
        guard bytes.count >= literalCount, bytes.starts(with: first), bytes.suffix(last.count).elementsEqual(last)
        else { return false }
        // Taking the first place that fits never spoils a later part.
        var rest = bytes[first.count..<(bytes.count - last.count)]
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
