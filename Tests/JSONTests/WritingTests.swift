import JSON
import Testing

@Suite struct WritingTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.finished(), as: UTF8.self)
    }

    @Test func commasAreSetByThemselves() {
        let text = written { json in
            json.beginObject()
            json.key("empty")
            json.beginArray()
            json.endArray()
            json.key("list")
            json.beginArray()
            json.integer(1)
            json.beginObject()
            json.endObject()
            json.string(nil)
            json.bool(false)
            json.endArray()
            json.key(text: "a\"b")
            json.raw([UInt8]("{\"x\":[]}".utf8))
            json.key("n")
            json.null()
            json.endObject()
        }
        #expect(text == #"{"empty":[],"list":[1,{},null,false],"a\"b":{"x":[]},"n":null}"#)
    }

    @Test func linesAreSeparatedByTheCaller() {
        let text = written { json in
            for number in 1...3 {
                json.beginArray()
                json.integer(number)
                json.endArray()
                json.separator(UInt8(ascii: "\n"))
            }
        }
        #expect(text == "[1]\n[2]\n[3]\n")
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"\\", #""\"\\""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000b\u001f""#), ("/é😀\u{7F}\u{2028}", "\"/é😀\u{7F}\u{2028}\""),
        ("12345678\n", #""12345678\n""#), ("1234567\n9", #""1234567\n9""#),
        ("\n12345678901234567", #""\n12345678901234567""#),
        ("a\u{80}\u{FF}\"", "\"a\u{80}\u{FF}\\\"\""), ("!!!!!!! ! !!!!!#[]", "\"!!!!!!! ! !!!!!#[]\""),
    ])
    func stringsAreEscapedAsECMAScriptDoes(text: String, expected: String) {
        #expect(written { $0.string(text) } == expected)
    }

    @Test(arguments: 0..<64)
    func anEscapeIsSeenAtEveryPosition(position: Int) {
        for byte in UInt8(0)...127 {
            var bytes = [UInt8](repeating: UInt8(ascii: "~"), count: 64)
            bytes[position] = byte
            let text = String(decoding: bytes, as: UTF8.self)
            let json = written { $0.string(text) }
            let escaped = byte < 0x20 || byte == 0x22 || byte == 0x5C
            #expect((json.utf8.count > 66) == escaped)
            #expect((try? JSONDocument(parsing: json).root.string) == text)
        }
    }

    @Test(
        arguments: [
            (0, "0"), (-1, "-1"), (10, "10"), (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
            (1_000_000_000_000, "1000000000000"),
        ] as [(Int64, String)])
    func integersAreDecimal(number: Int64, expected: String) {
        #expect(written { $0.integer(number) } == expected)
    }

    /// The expected texts were printed by an ECMAScript engine.
    @Test(
        arguments: [
            (1, "1"), (-1, "-1"), (11.2, "11.2"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-7, "1e-7"),
            (1e-6, "0.000001"), (-0.0, "0"), (0, "0"), (0.1, "0.1"), (1.5e-10, "1.5e-10"),
            (123456789.125, "123456789.125"),
            (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (9007199254740991, "9007199254740991"), (9007199254740992, "9007199254740992"),
            (9007199254740994, "9007199254740994"),
            (123456789012345683968, "123456789012345680000"), (1.2345678901234568e+21, "1.2345678901234568e+21"),
            (0.3333333333333333, "0.3333333333333333"), (100.5, "100.5"), (-1e-5, "-0.00001"), (1.25e22, "1.25e+22"),
            (2251799813685249.5, "2251799813685249.5"), (18014398509481984, "18014398509481984"),
            (1e16, "10000000000000000"),
            (9.5367431640625e-7, "9.5367431640625e-7"), (0.30000000000000004, "0.30000000000000004"), (1e100, "1e+100"),
            (-123.456e-12, "-1.23456e-10"), (12345.678e15, "12345678000000000000"),
            (.leastNonzeroMagnitude * 4, "2e-323"),
        ] as [(Double, String)])
    func doublesAreWrittenAsECMAScriptDoes(number: Double, expected: String) {
        #expect(written { $0.double(number) } == expected)
    }

    @Test func aParsedDocumentIsWrittenBack() throws {
        let text = #"{"b":[1,-2.5,true,false,null,"x\n"],"a":{},"b":[],"c":1e+21}"#
        let root = try JSONDocument(parsing: " " + text + " ").root
        #expect(written { $0.node(root) } == text)
        #expect(written { $0.value(root.value) } == text)
    }
}
