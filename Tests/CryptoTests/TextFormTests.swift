import Crypto
import Testing

@Suite struct TextFormTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", "", "", ""), ("f", "Zg==", "Zg", "66"), ("fo", "Zm8=", "Zm8", "666f"), ("foo", "Zm9v", "Zm9v", "666f6f"),
        ("foob", "Zm9vYg==", "Zm9vYg", "666f6f62"), ("fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"),
        ("foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"),
    ])
    func theStandardsBytesHaveTheirForms(text: String, standard: String, urlSafe: String, hex: String) {
        let bytes = [UInt8](text.utf8)
        #expect(Base64.encode(bytes) == standard && Base64.decode(standard) == bytes)
        #expect(Base64.encode(bytes, .urlSafe) == urlSafe && Base64.decode(urlSafe, .urlSafe) == bytes)
        #expect(Hex.encode(bytes) == hex && Hex.decode(hex) == bytes)
    }

    @Test func theAlphabetsDifferInTwoCharacters() {
        let bytes: [UInt8] = [0xFB, 0xEF, 0xFF]
        #expect(Base64.encode(bytes) == "++//" && Base64.encode(bytes, .urlSafe) == "--__")
        #expect(Base64.decode("--__") == nil && Base64.decode("++//", .urlSafe) == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm8=Zm8=", "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm 9v",
        "Zm9v====",
        "Zm9é", "Zm\09", "Z*9v", "=Zm9", "Zm=v",
    ])
    func looseBase64IsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm+v", "Zm/v", "Zm9v\n"])
    func looseURLSafeBase64IsRefused(text: String) {
        #expect(Base64.decode(text, .urlSafe) == nil)
    }

    @Test(arguments: ["0", "0g", "abc", "0x00", " 00", "é", "00 0"])
    func looseHexIsRefused(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test func hexIsReadInEitherCase() {
        #expect(Hex.decode("aBcDeF09") == [0xAB, 0xCD, 0xEF, 0x09])
    }

    @Test(arguments: 0..<200)
    func whatIsEncodedIsDecoded(length: Int) {
        let bytes = RandomBytes.generate(length)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.decode(Base64.encode(bytes, .urlSafe), .urlSafe) == bytes)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }
}
