import Compression
import Testing

/// Unpacking as bytes arrive gives what unpacking the whole gives, and refuses what that refuses.
@Suite struct ZstdReaderTests {
    private func unpack(_ bytes: [UInt8], by size: Int) throws -> [UInt8] {
        var reader = try ZstdReader()
        var whole: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try reader.unpack(Array(bytes[start..<min(start + size, bytes.count)])) { (piece: [UInt8]) in whole += piece
            }
        }
        try reader.finish()
        return whole
    }

    @Test(arguments: RoundTripTests.sizes, [1_000, 65_536, 1 << 20])
    func chunksOfAnySizeGiveTheWhole(size: Int, chunk: Int) throws {
        for bytes in [sample(size), noise(size), [UInt8](repeating: 0, count: size)] {
            #expect(try unpack(Zstd.compress(bytes), by: chunk) == bytes)
        }
    }

    @Test func framesToBeSkippedAreSkipped() throws {
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9]
        let bytes = sample(100_000)
        for chunk in [1, 7, 1_000_000] {
            #expect(try unpack(skipped + Zstd.compress(bytes), by: chunk) == bytes)
        }
    }

    @Test func whatEndsEarlyIsRefused() throws {
        let packed = Zstd.compress(sample(300_000))
        for length in [1, 5, 100, packed.count / 2, packed.count - 1] {
            #expect(throws: CompressionError.truncated(.zstd)) { try unpack(Array(packed[..<length]), by: 4_096) }
        }
    }

    /// The checksum of the frame finds what the format itself would take.
    @Test(arguments: 0..<40)
    func aChangedByteIsRefused(seed: Int) throws {
        var packed = Zstd.compress(noise(50_000))
        packed[packed.count - 1 - seed * 1_200] ^= 1
        #expect(throws: CompressionError.self) { try unpack(packed, by: 4_096) }
    }

    @Test func bytesBehindTheLastFrameAreRefused() throws {
        let packed = Zstd.compress(sample(1_000))
        #expect(throws: CompressionError.self) { try unpack(packed + [0], by: 4_096) }
        #expect(throws: CompressionError.self) { try unpack(packed + Array("garbage".utf8), by: 4_096) }
    }
}
