/// How bytes are packed, told from their first bytes.
package enum CompressedFormat: String, Sendable, CustomStringConvertible {
    case plain
    /// RFC 1952.
    case gzip
    /// RFC 8878.
    case zstd

    package var description: String { rawValue }

    package static func detect(_ bytes: [UInt8]) -> CompressedFormat {
        if bytes.starts(with: [0x1F, 0x8B, 0x08]) { return .gzip }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        // A zstd file may begin with a frame to be skipped.
        if let first = bytes.first, first & 0xF0 == 0x50, bytes.dropFirst().starts(with: [0x2A, 0x4D, 0x18]) {
            return .zstd
        }
        return .plain
    }

    /// What the bytes hold, whichever way they are packed; plain bytes as they are. At most `limit` bytes.
    package static func decompressed(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        switch detect(bytes) {
        case .gzip: return try Gzip.decompress(bytes, limit: limit)
        case .zstd: return try Zstd.decompress(bytes, limit: limit)
        case .plain:
            guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
            return bytes
        }
    }
}
