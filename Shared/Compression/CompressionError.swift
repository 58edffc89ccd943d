/// Why compressed bytes were refused.
package enum CompressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end before what they hold does.
    case truncated(CompressedFormat)
    case corrupt(CompressedFormat, reason: String)
    /// What is inside is larger than the caller allowed; nothing beyond the limit was unpacked.
    case tooLarge(limit: Int)
    case outOfMemory

    package var description: String {
        switch self {
        case .truncated(let format): "\(format) data ends early"
        case .corrupt(let format, let reason): "corrupt \(format) data: \(reason)"
        case .tooLarge(let limit): "more than \(limit) bytes when decompressed"
        case .outOfMemory: "no memory to decompress"
        }
    }
}
