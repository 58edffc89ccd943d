import Crypto
import Testing

@Suite struct HashTests {
    /// FIPS 180-2, appendix B, and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func theStandardsMessagesHaveTheirDigests(message: String, hex: String) {
        let bytes = [UInt8](message.utf8)
        #expect(SHA256.digest(bytes).hex == hex)
        #expect(SHA256.digest(bytes) == Digest(hex: hex))
    }

    @Test(arguments: [1, 3, 63, 64, 65, 1_000])
    func piecesGiveTheDigestOfTheWhole(size: Int) {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hash = SHA256()
        for start in stride(from: 0, to: bytes.count, by: size) {
            hash.update([UInt8](bytes[start..<min(start + size, bytes.count)]))
            hash.update([])
        }
        #expect(hash.finish() == SHA256.digest(bytes))
    }

    @Test func aDigestIsAValue() {
        let digest = SHA256.digest([UInt8]("abc".utf8))
        #expect(Digest(digest.bytes) == digest)
        #expect(digest.bytes.count == 32 && digest.bytes.first == 0xBA && digest.bytes.last == 0xAD)
        #expect("\(digest)" == digest.hex)
        #expect(Set([digest, SHA256.digest([]), SHA256.digest([])]).count == 2)
        #expect(Digest([UInt8](repeating: 0, count: 31)) == nil)
        #expect(Digest(hex: "00") == nil && Digest(hex: String(repeating: "g", count: 64)) == nil)
    }

    /// RFC 4231, section 4 (case 5 is truncated to 128 bits there), and the empty key.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "0c", count: 20), "Test With Truncation",
            "a3b6167473100ee06e0c796c2955552bfa6f7c0a6a8aef8b93f860aab0cd20c5"
        ),
        (
            String(repeating: "aa", count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            "This is a test using a larger than block-size key and a larger than block-size data. "
                + "The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
        ("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func keyedMessagesHaveTheirTags(key: String, message: String, tag: String) throws {
        let key = try #require(Hex.decode(key))
        #expect(HMACSHA256.authenticate([UInt8](message.utf8), key: key).hex == tag)
        #expect(HMACSHA256.isValid(try #require(Hex.decode(tag)), of: [UInt8](message.utf8), key: key))
        #expect(!HMACSHA256.isValid(try #require(Hex.decode(tag)), of: [UInt8]((message + " ").utf8), key: key))
        #expect(!HMACSHA256.isValid([], of: [UInt8](message.utf8), key: key))
    }

    @Test func binaryMessagesHaveTheirTags() {
        let dd = HMACSHA256.authenticate([UInt8](repeating: 0xDD, count: 50), key: [UInt8](repeating: 0xAA, count: 20))
        #expect(dd.hex == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
        let cd = HMACSHA256.authenticate([UInt8](repeating: 0xCD, count: 50), key: [UInt8](1...25))
        #expect(cd.hex == "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")
    }

    @Test(
        arguments: [
            ([], [], true), ([1, 2], [1, 2], true), ([1, 2], [1, 3], false), ([1, 2], [1], false), ([], [0], false),
        ] as [([UInt8], [UInt8], Bool)])
    func constantTimeComparisonIsEquality(left: [UInt8], right: [UInt8], equal: Bool) {
        #expect(ConstantTime.equal(left, right) == equal)
    }

    @Test func constantTimeComparisonOfTextIsByBytes() {
        #expect(ConstantTime.equal("secret", "secret") && !ConstantTime.equal("secret", "Secret"))
        #expect(!ConstantTime.equal("e\u{301}", "\u{E9}"))
    }

    @Test func randomBytesDiffer() {
        #expect(RandomBytes.generate(0).isEmpty)
        #expect(RandomBytes.generate(33).count == 33)
        #expect(Set((0..<100).map { _ in RandomBytes.generate(16) }).count == 100)
    }

    @Test func hashingFromManyTasksAtOnceIsSound() async {
        let expected = SHA256.digest([UInt8]("abc".utf8))
        let all = await withTaskGroup(of: Digest.self) { group in
            for _ in 0..<64 { group.addTask { SHA256.digest([UInt8]("abc".utf8)) } }
            return await group.reduce(into: Set<Digest>()) { $0.insert($1) }
        }
        #expect(all == [expected])
    }
}
