import Compression
import HTTPServer

/// How rows become lines of a file.
protocol ExportLines: Sendable {
    /// What stands before the first row.
    var header: [UInt8] { get }

    func append(_ row: Int, to bytes: inout [UInt8])
}

/// A file of rows, made in chunks while it is sent: one chunk is in memory, however many rows there are.
actor ExportStream: BodyStream {
    private static let chunk = 64 << 10

    private let lines: any ExportLines
    private let rows: [UInt32]
    private var place = 0
    private var hasBegun = false
    private var gzip: GzipBox?

    /// The compressor, which cannot be copied, behind a reference that can.
    private final class GzipBox {
        private var stream: GzipStream? = GzipStream(level: 5)

        func compress(_ chunk: [UInt8]) -> [UInt8] { stream?.compress(chunk) ?? [] }
        func finish() -> [UInt8] { stream.take()?.finish() ?? [] }
    }

    init(_ lines: any ExportLines, rows: [UInt32], compressing: Bool) {
        self.lines = lines
        self.rows = rows
        gzip = compressing ? GzipBox() : nil
        isCompressing = compressing
    }

    private let isCompressing: Bool

    func next() async -> [UInt8]? {
        while let chunk = nextChunk() {
            guard isCompressing else { return chunk }
            guard let packed = gzip?.compress(chunk) else { return nil }
            if !packed.isEmpty { return packed }
        }
        // The compressor keeps the last bytes back.
        let rest = gzip?.finish()
        gzip = nil
        return rest
    }

    /// - Returns: `nil` behind the last row.
    private func nextChunk() -> [UInt8]? {
        var bytes: [UInt8] = []
        if !hasBegun {
            hasBegun = true
            bytes += lines.header
        } else if place == rows.count {
            return nil
        }
        bytes.reserveCapacity(Self.chunk + 4_096)
        while place < rows.count, bytes.count < Self.chunk {
            lines.append(Int(rows[place]), to: &bytes)
            place += 1
        }
        return bytes
    }
}

/// One model a line, as the API answers it.
struct NDJSONLines: ExportLines {
    let body: ModelBody

    var header: [UInt8] { [] }

    func append(_ row: Int, to bytes: inout [UInt8]) {
        bytes += body.encode(row)
        bytes.append(UInt8(ascii: "\n"))
    }
}
