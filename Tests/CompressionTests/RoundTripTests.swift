import Compression
import Testing

/// Bytes that compress to about a half, the same for the same length.
func sample(_ count: Int) -> [UInt8] {
    var state: UInt64 = 7
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(ascii: "a") + UInt8(truncatingIfNeeded: state >> 60)
    }
}

/// Bytes that do not compress, the same for the same length.
func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 99
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}

@Suite struct RoundTripTests {
    static let sizes = [0, 1, 2, 100, 65_535, 65_536, 65_537, 131_072, 1_000_000]

    @Test(arguments: sizes)
    func whatIsCompressedIsDecompressed(size: Int) throws {
        for bytes in [sample(size), noise(size), [UInt8](repeating: 0, count: size)] {
            #expect(try Gzip.decompress(Gzip.compress(bytes), limit: size) == bytes)
            #expect(try Zstd.decompress(Zstd.compress(bytes), limit: size) == bytes)
            #expect(try CompressedFormat.decompressed(Gzip.compress(bytes), limit: size) == bytes)
            #expect(try CompressedFormat.decompressed(Zstd.compress(bytes), limit: size) == bytes)
        }
    }

    @Test(arguments: [1, 3, 6, 9])
    func everyLevelIsReadable(level: Int) throws {
        let bytes = sample(200_000)
        #expect(try Gzip.decompress(Gzip.compress(bytes, level: level), limit: bytes.count) == bytes)
        #expect(try Zstd.decompress(Zstd.compress(bytes, level: level * 2), limit: bytes.count) == bytes)
        #expect(Gzip.compress(bytes, level: level).count < bytes.count * 7 / 10)
    }

    @Test func theResultDependsOnTheBytesAlone() {
        let bytes = sample(10_000)
        let packed = Gzip.compress(bytes)
        #expect(packed == Gzip.compress(bytes))
        #expect(packed[..<10] == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3])
        #expect(Zstd.compress(bytes) == Zstd.compress(bytes))
    }

    @Test func severalMembersAreOneText() throws {
        let parts = [sample(10), [], sample(100_000), [1, 2, 3]]
        let whole = parts.flatMap { $0 }
        #expect(try Gzip.decompress(parts.flatMap { Gzip.compress($0) }, limit: whole.count) == whole)
        #expect(try Zstd.decompress(parts.flatMap { Zstd.compress($0) }, limit: whole.count) == whole)
    }

    @Test func aSkippedFrameIsSkipped() throws {
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9]
        let bytes = skipped + Zstd.compress([1, 2, 3])
        #expect(CompressedFormat.detect(bytes) == .zstd)
        #expect(try CompressedFormat.decompressed(bytes, limit: 3) == [1, 2, 3])
    }

    @Test(
        arguments: [
            ([], .plain), ([0x1F], .plain), ([0x1F, 0x8B], .plain), ([0x1F, 0x8B, 8], .gzip),
            ([0x1F, 0x8B, 7], .plain),
            ([0x28, 0xB5, 0x2F, 0xFD], .zstd), ([0x28, 0xB5, 0x2F], .plain), ([0x5F, 0x2A, 0x4D, 0x18], .zstd),
            ([0x60, 0x2A, 0x4D, 0x18], .plain), ([0x7B, 0x7D], .plain),
        ] as [([UInt8], CompressedFormat)])
    func theFormatIsToldFromTheFirstBytes(bytes: [UInt8], format: CompressedFormat) {
        #expect(CompressedFormat.detect(bytes) == format)
    }

    @Test func plainBytesStayAsTheyAre() throws {
        #expect(try CompressedFormat.decompressed([1, 2, 3], limit: 3) == [1, 2, 3])
        #expect(throws: CompressionError.tooLarge(limit: 2)) { try CompressedFormat.decompressed([1, 2, 3], limit: 2) }
    }
}

@Suite struct StreamTests {
    @Test(arguments: [1, 1_000, 65_536, 300_000])
    func chunksGiveOneWhole(size: Int) throws {
        let bytes = Array((sample(150_000) + noise(150_000)).prefix(size == 1 ? 5_000 : 300_000))
        let chunks = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(try Gzip.decompress(whole(GzipStream(), of: chunks), limit: bytes.count) == bytes)
        #expect(try Zstd.decompress(whole(ZstdStream(), of: chunks), limit: bytes.count) == bytes)
    }

    @Test func nothingGivesAnEmptyWhole() throws {
        #expect(try Gzip.decompress(GzipStream().finish(), limit: 0) == [])
        #expect(try Zstd.decompress(ZstdStream().finish(), limit: 0) == [])
        #expect(try Zstd.decompress(whole(ZstdStream(), of: [[], []]), limit: 0) == [])
    }

    @Test func afterAFlushTheOtherSideHasAll() throws {
        var gzip = GzipStream()
        let start = gzip.compress([1, 2, 3]) + gzip.flush()
        // The start alone lacks only its end mark: with one from a stream of nothing it would be whole.
        #expect(throws: CompressionError.truncated(.gzip)) { try Gzip.decompress(start, limit: 100) }
        #expect(throws: CompressionError.tooLarge(limit: 2)) { try Gzip.decompress(start, limit: 2) }
        #expect(
            try Gzip.decompress(start + gzip.flush() + gzip.compress([4]) + gzip.finish(), limit: 4) == [1, 2, 3, 4])
        var zstd = ZstdStream()
        let head = zstd.compress([1, 2, 3]) + zstd.flush()
        #expect(throws: CompressionError.tooLarge(limit: 2)) { try Zstd.decompress(head, limit: 2) }
        #expect(
            try Zstd.decompress(head + zstd.flush() + zstd.compress([4]) + zstd.finish(), limit: 4) == [1, 2, 3, 4])
    }

    private func whole<Stream: CompressingStream & ~Copyable>(_ stream: consuming Stream, of chunks: [[UInt8]])
        -> [UInt8]
    {
        var stream = stream
        var result: [UInt8] = []
        for chunk in chunks { result += stream.compress(chunk) }
        return result + stream.finish()
    }
}
