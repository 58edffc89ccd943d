/// A SHA-256 value: 32 bytes, comparable and usable as a key of a dictionary.
///
/// `==` is not constant in time. Where a digest is a secret, compare its bytes with ``ConstantTime``.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32

    /// The bytes in order, eight to a word, the first in the highest place.
    private let words: InlineArray<4, UInt64>

    /// `nil` unless there are 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(trusted: bytes)
    }

    /// Reads 64 hexadecimal digits.
    package init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    init(trusted bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        words = InlineArray { index in
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    package var bytes: [UInt8] {
        (0..<Self.byteCount).map { index in
            UInt8(truncatingIfNeeded: words[index / 8] >> UInt64(56 - index % 8 * 8))
        }
    }

    /// 64 hexadecimal digits in lower case.
    package var hex: String { Hex.encode(bytes) }

    package var description: String { hex }

    package static func == (left: Digest, right: Digest) -> Bool {
        left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for index in words.indices { hasher.combine(words[index]) }
    }
}
