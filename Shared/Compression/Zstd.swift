import CZstd

/// Zstandard (RFC 8878) of bytes that are all there, through libzstd. Each frame carries a checksum.
package enum Zstd {
    /// `level` is 1 (fast) to 19 (small). Above that, windows outgrow what HTTP clients accept (RFC 9659).
    package static func compress(_ bytes: [UInt8], level: Int = 3) -> [UInt8] {
        var stream = ZstdStream(level: level, size: bytes.count)
        let start = stream.compress(bytes)
        return start + stream.finish()
    }

    /// Unpacks all frames.
    package static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        var decoder = try ZstdDecoder(limit: limit)
        return try decoder.decodeAll(bytes)
    }
}

/// The one owner of a decompressing context.
@safe private struct ZstdDecoder: ~Copyable {
    private let context: OpaquePointer
    private let limit: Int

    /// A frame's header can ask for a window of any size: 8 MiB are granted always (what RFC 8878 recommends to
    /// support), up to 128 MiB where the content may be as large.
    init(limit: Int) throws(CompressionError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
        let contentLog = Int.bitWidth - max(limit - 1, 0).leadingZeroBitCount
        let code = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(min(max(contentLog, 23), 27)))
        precondition(ZSTD_isError(code) == 0, "zstd refuses a window")
        unsafe self.context = context
        self.limit = limit
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    mutating func decodeAll(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceSize)
        var consumed = 0
        while true {
            let step = try decode(bytes, from: consumed, into: &piece)
            consumed += step.read
            guard output.count + step.written <= limit else { throw .tooLarge(limit: limit) }
            output.append(contentsOf: piece[..<step.written])
            guard consumed == bytes.count else { continue }
            if step.ended { return output }
            // A full piece may mean that there is more to come out; anything less means that input is missing.
            if step.written < piece.count { throw .truncated(.zstd) }
        }
    }

    private struct Step {
        let read: Int
        let written: Int
        let ended: Bool
    }

    private mutating func decode(
        _ bytes: [UInt8], from start: Int, into piece: inout [UInt8]
    ) throws(CompressionError) -> Step {
        var read = 0
        var written = 0
        let code = unsafe bytes.withUnsafeBytes { input in
            unsafe piece.withUnsafeMutableBytes { output in
                var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: start)
                var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                let code = unsafe ZSTD_decompressStream(context, &target, &source)
                read = unsafe source.pos - start
                written = unsafe target.pos
                return code
            }
        }
        guard ZSTD_isError(code) == 0 else {
            if ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation { throw .outOfMemory }
            throw unsafe .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(code)))
        }
        return Step(read: read, written: written, ended: code == 0)
    }
}
