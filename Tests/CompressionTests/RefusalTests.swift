import Compression
import Testing

@Suite struct RefusalTests {
    @Test(arguments: [0, 1, 999, 65_535, 65_536, 999_999])
    func aBombIsRefusedAtTheLimit(limit: Int) {
        let zeros = [UInt8](repeating: 0, count: 1_000_000)
        let gzip = Gzip.compress(zeros, level: 9)
        let zstd = Zstd.compress(zeros)
        #expect(gzip.count < 2_000 && zstd.count < 200)
        #expect(throws: CompressionError.tooLarge(limit: limit)) { try Gzip.decompress(gzip, limit: limit) }
        #expect(throws: CompressionError.tooLarge(limit: limit)) { try Zstd.decompress(zstd, limit: limit) }
    }

    @Test func aBombOfManyMembersIsRefusedAtTheLimit() {
        let member = Gzip.compress([UInt8](repeating: 0, count: 100_000))
        let bomb = Array(repeatElement(member, count: 100).joined())
        #expect(throws: CompressionError.tooLarge(limit: 1_000_000)) { try Gzip.decompress(bomb, limit: 1_000_000) }
    }

    @Test(arguments: [sample(0), sample(50), sample(3_000)])
    func everyTruncationIsRefused(bytes: [UInt8]) {
        let gzip = Gzip.compress(bytes)
        for count in 0..<gzip.count {
            #expect(throws: CompressionError.truncated(.gzip)) {
                try Gzip.decompress(Array(gzip[..<count]), limit: 10_000)
            }
        }
        let zstd = Zstd.compress(bytes)
        for count in 0..<zstd.count {
            #expect(throws: CompressionError.truncated(.zstd)) {
                try Zstd.decompress(Array(zstd[..<count]), limit: 10_000)
            }
        }
    }

    @Test func noDamageGivesOtherBytes() {
        let bytes = sample(2_000)
        for (packed, isGzip) in [(Gzip.compress(bytes), true), (Zstd.compress(bytes), false)] {
            for place in packed.indices {
                var damaged = packed
                damaged[place] ^= 0x10
                let result =
                    try? isGzip ? Gzip.decompress(damaged, limit: 1 << 20) : Zstd.decompress(damaged, limit: 1 << 20)
                // Damage to the header's time or system number goes unnoticed, and harms nothing.
                #expect(result == nil || result == bytes)
            }
        }
    }

    @Test func bytesBehindTheEndAreRefused() {
        let error = CompressionError.corrupt(.gzip, reason: "bytes after the last member")
        #expect(throws: error) { try Gzip.decompress(Gzip.compress([1]) + [0], limit: 10) }
        #expect(throws: error) { try Gzip.decompress(Gzip.compress([1]) + [0x1F, 0x8B], limit: 10) }
        #expect(throws: CompressionError.self) { try Zstd.decompress(Zstd.compress([1]) + [0, 0, 0, 0, 0], limit: 10) }
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func randomBytesNeverCrashADecoder(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        for start in [[0x1F, 0x8B, 0x08, 0], [0x28, 0xB5, 0x2F, 0xFD], []] as [[UInt8]] {
            for _ in 0..<200 {
                let tail = (0..<60).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 40)
                }
                let bytes = start + tail
                let gzip = try? Gzip.decompress(bytes, limit: 100_000)
                let zstd = try? Zstd.decompress(bytes, limit: 100_000)
                #expect((gzip?.count ?? 0) <= 100_000 && (zstd?.count ?? 0) <= 100_000)
            }
        }
    }

    /// A frame's header may ask for gigabytes of window; it is refused before anything is allocated.
    @Test func aHugeWindowIsRefused() {
        let header: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA0, 0x01, 0x00, 0x00]
        let error = #expect(throws: CompressionError.self) { try Zstd.decompress(header, limit: 1_000) }
        guard case .corrupt(.zstd, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("memory"))
    }

    @Test func errorsSayWhatIsWrong() {
        #expect(CompressionError.truncated(.gzip).description == "gzip data ends early")
        #expect(CompressionError.tooLarge(limit: 5).description == "more than 5 bytes when decompressed")
        #expect(CompressionError.corrupt(.zstd, reason: "x").description == "corrupt zstd data: x")
    }
}
