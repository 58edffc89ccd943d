import CZlib

/// Gzip (RFC 1952) of bytes that are all there, through zlib.
///
/// The header carries no time and no name, so the same bytes always give the same result.
package enum Gzip {
    /// `level` is 1 (fast) to 9 (small).
    package static func compress(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
        var stream = GzipStream(level: level)
        let start = stream.compress(bytes)
        return start + stream.finish()
    }

    /// Unpacks all members. Bytes behind the last one that are no member are refused.
    package static func decompress(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        var inflater = try Inflater()
        return try inflater.inflateAll(bytes, limit: limit)
    }
}

/// The one owner of an inflating zlib stream.
@safe private struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CompressionError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    mutating func inflateAll(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        guard bytes.count <= Int(Int32.max) else { throw .tooLarge(limit: limit) }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceSize)
        var consumed = 0
        while true {
            let step = try inflate(bytes, from: consumed, into: &piece)
            consumed += step.read
            guard output.count + step.written <= limit else { throw .tooLarge(limit: limit) }
            output.append(contentsOf: piece[..<step.written])
            if step.ended {
                if consumed == bytes.count { return output }
                guard CompressedFormat.detect([UInt8](bytes[consumed...].prefix(3))) == .gzip else {
                    throw .corrupt(.gzip, reason: "bytes after the last member")
                }
                unsafe inflateReset(stream)
            } else if consumed == bytes.count, step.written < piece.count {
                throw .truncated(.gzip)
            }
        }
    }

    private struct Step {
        let read: Int
        let written: Int
        let ended: Bool
    }

    private mutating func inflate(
        _ bytes: [UInt8], from start: Int, into piece: inout [UInt8]
    ) throws(CompressionError) -> Step {
        let code = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe piece.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = unsafe input.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + start)
                }
                unsafe stream.pointee.avail_in = UInt32(input.count - start)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(output.count)
                return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            }
        }
        let read = unsafe bytes.count - start - Int(stream.pointee.avail_in)
        let written = unsafe piece.count - Int(stream.pointee.avail_out)
        switch code {
        case Z_OK, Z_STREAM_END: return Step(read: read, written: written, ended: code == Z_STREAM_END)
        case Z_BUF_ERROR: throw .truncated(.gzip)
        case Z_MEM_ERROR: throw .outOfMemory
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw .corrupt(.gzip, reason: reason ?? "code \(code)")
        }
    }
}

/// The largest window, and a gzip wrapper instead of zlib's own.
let gzipWindow: Int32 = 15 + 16
