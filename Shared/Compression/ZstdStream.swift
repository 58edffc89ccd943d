import CZstd

/// Zstandard (RFC 8878) of bytes that arrive in chunks. The frame carries a checksum.
@safe package struct ZstdStream: CompressingStream, ~Copyable, @unchecked Sendable {
    // Unchecked: the pointer has this one owner, which cannot be copied, and libzstd keeps no state elsewhere.
    private let context: OpaquePointer

    /// `level` is 1 (fast) to 19 (small). `size`, where it is known, goes into the header and must then be kept.
    /// Without memory the process stops.
    package init(level: Int = 3, size: Int? = nil) {
        precondition((1...19).contains(level), "zstd levels are 1 to 19")
        guard let context = unsafe ZSTD_createCCtx() else { preconditionFailure("zstd does not start") }
        unsafe self.context = context
        check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        check(unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        if let size {
            check(unsafe ZSTD_CCtx_setPledgedSrcSize(context, UInt64(size)))
        }
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
    }

    package mutating func compress(_ chunk: [UInt8]) -> [UInt8] {
        run(chunk, ZSTD_e_continue)
    }

    package mutating func flush() -> [UInt8] {
        run([], ZSTD_e_flush)
    }

    package consuming func finish() -> [UInt8] {
        run([], ZSTD_e_end)
    }

    private mutating func run(_ chunk: [UInt8], _ mode: ZSTD_EndDirective) -> [UInt8] {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceSize)
        var consumed = 0
        while true {
            var written = 0
            let left = unsafe chunk.withUnsafeBytes { input in
                unsafe piece.withUnsafeMutableBytes { output in
                    var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: consumed)
                    var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                    let left = unsafe ZSTD_compressStream2(context, &target, &source, mode)
                    consumed = unsafe source.pos
                    written = unsafe target.pos
                    return left
                }
            }
            check(left)
            result.append(contentsOf: piece[..<written])
            // Going on, all input must be taken; flushing and ending, nothing may be left inside.
            if mode == ZSTD_e_continue ? consumed == chunk.count : left == 0 { return result }
        }
    }
}

/// An error here is a wrong parameter, a broken promise on the size, or no memory.
private func check(_ code: Int) {
    guard ZSTD_isError(code) == 0 else {
        preconditionFailure(unsafe "zstd: \(String(cString: ZSTD_getErrorName(code)))")
    }
}
