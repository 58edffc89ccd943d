import CZlib

/// Gzip (RFC 1952) of bytes that arrive in chunks.
@safe package struct GzipStream: CompressingStream, ~Copyable, @unchecked Sendable {
    // Unchecked: the pointer has this one owner, which cannot be copied, and zlib keeps no state elsewhere.
    private let stream: UnsafeMutablePointer<z_stream>

    /// `level` is 1 (fast) to 9 (small). Without memory the process stops.
    package init(level: Int = 6) {
        precondition((1...9).contains(level), "gzip levels are 1 to 9")
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe deflateInit2_(
            stream, Int32(level), Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib does not start: \(code)")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    package mutating func compress(_ chunk: [UInt8]) -> [UInt8] {
        chunk.isEmpty ? [] : deflate(chunk, Z_NO_FLUSH)
    }

    package mutating func flush() -> [UInt8] {
        deflate([], Z_SYNC_FLUSH)
    }

    package consuming func finish() -> [UInt8] {
        deflate([], Z_FINISH)
    }

    private mutating func deflate(_ chunk: [UInt8], _ mode: Int32) -> [UInt8] {
        precondition(chunk.count <= Int(Int32.max), "a chunk of more than 2 GiB")
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceSize)
        var consumed = 0
        while true {
            let code = unsafe chunk.withUnsafeBufferPointer { input in
                unsafe piece.withUnsafeMutableBufferPointer { output in
                    unsafe stream.pointee.next_in = unsafe input.baseAddress.map {
                        unsafe UnsafeMutablePointer(mutating: $0 + consumed)
                    }
                    unsafe stream.pointee.avail_in = UInt32(input.count - consumed)
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(output.count)
                    return unsafe CZlib.deflate(stream, mode)
                }
            }
            precondition(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR, "zlib does not deflate: \(code)")
            consumed = unsafe chunk.count - Int(stream.pointee.avail_in)
            let written = unsafe piece.count - Int(stream.pointee.avail_out)
            result.append(contentsOf: piece[..<written])
            // A full piece may mean that there is more; anything less means that there is not.
            if written < piece.count { return result }
        }
    }
}
