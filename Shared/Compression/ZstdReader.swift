import CZstd

/// Zstandard (RFC 8878) unpacked as it arrives, in memory that does not grow with the whole. Frames to be skipped are.
///
/// The checksum of a frame is compared where it ends; what was handed over before is only known to be good once
/// ``finish()`` has returned.
@safe package struct ZstdReader: ~Copyable, @unchecked Sendable {
    // Unchecked: the pointer has this one owner, which cannot be copied, and libzstd keeps no state elsewhere.
    private let context: OpaquePointer
    private var piece = [UInt8](repeating: 0, count: pieceSize)
    /// The bytes so far end where a frame does.
    private var isAtEnd = false

    package init() throws(CompressionError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// Takes a chunk and hands over what comes out of it, piece by piece.
    package mutating func unpack<Failure: Error>(
        _ chunk: [UInt8], _ body: ([UInt8]) throws(Failure) -> Void
    ) throws {
        var consumed = 0
        while true {
            let (read, written) = try step(chunk, from: consumed)
            consumed += read
            if written > 0 { try body(Array(piece[..<written])) }
            // A full piece may mean that there is more to come out.
            if consumed == chunk.count, written < piece.count { return }
        }
    }

    /// To be called after the last chunk: it may not have been the last of the data.
    package consuming func finish() throws(CompressionError) {
        guard isAtEnd else { throw .truncated(.zstd) }
    }

    private mutating func step(_ bytes: [UInt8], from start: Int) throws(CompressionError) -> (read: Int, written: Int)
    {
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
        // A call that was given nothing and gave nothing says nothing about the end.
        if read > 0 || written > 0 { isAtEnd = code == 0 }
        return (read, written)
    }
}
