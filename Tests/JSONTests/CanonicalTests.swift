import JSON
import TestKit
import Testing

/// The canonical form, by the vectors of RFC 8785 and by its own rules.
@Suite struct CanonicalTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: CanonicalJSON.bytes(of: try JSONDocument(parsing: text).root), as: UTF8.self)
    }

    /// RFC 8785, section 3.2.2.
    @Test func theExampleOfTheRFC() throws {
        let text = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50,
                          2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try canonical(text) == expected)
    }

    /// RFC 8785, section 3.2.3.
    @Test func keysAreSortedByUTF16() throws {
        let text = #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
             "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#
        let names = try JSONDocument(parsing: canonical(text)).root.members.compactMap(\.value.string)
        #expect(
            names == [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
                "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
            ])
    }

    /// RFC 8785, appendix B.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func numbersAreECMAScripts(bits: UInt64, expected: String) throws {
        // Seventeen digits name every double, so the text that is read is not the text that is to be written.
        let number = Double(bitPattern: bits)
        #expect(try canonical("[\(number)]") == "[\(expected)]")
    }

    @Test(arguments: [
        ("1.0", "1"), ("-0", "0"), ("-0.0", "0"), ("1e3", "1000"), ("10000000000000000000", "10000000000000000000"),
        ("9007199254740993", "9007199254740992"), ("9223372036854775807", "9223372036854776000"),
        ("-9223372036854775808", "-9223372036854776000"), ("18446744073709551615", "18446744073709552000"),
        ("{ }", "{}"), ("[ [ ] , {\"b\":1,\"a\":{\"d\":[],\"c\":null}}]", #"[[],{"a":{"c":null,"d":[]},"b":1}]"#),
        ("\"\\u007f\\u2028\\/\"", "\"\u{7f}\u{2028}/\""),
        (#"{"":1,"a":2,"A":3,"aa":4}"#, #"{"":1,"A":3,"a":2,"aa":4}"#),
    ])
    func oneFormForEach(text: String, expected: String) throws {
        #expect(try canonical(text) == expected)
        #expect(try canonical(expected) == expected)
    }

    /// The order of keys is that of Swift's own UTF-16 views, over characters of every length.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func keysOfAnyKindAreInTheOrderOfUTF16(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet: [Unicode.Scalar] = [
            "a", "B", "\u{7f}", "\u{80}", "é", "\u{7ff}", "€", "\u{d7ff}", "\u{e000}", "\u{fb33}", "\u{ffff}", "😀",
            "\u{10ffff}",
        ]
        var keys = Set<[Unicode.Scalar]>()
        for _ in 0..<40 {
            keys.insert(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                })
        }
        var json = JSONWriter()
        json.beginObject()
        for key in keys.shuffled(using: &random) {
            json.key(text: String(String.UnicodeScalarView(key)))
            json.null()
        }
        json.endObject()
        let document = try JSONDocument(parsing: json.finished())
        let sorted = try JSONDocument(parsing: CanonicalJSON.bytes(of: document.root)).root.members.map {
            Array($0.key.utf16)
        }
        #expect(sorted.count == keys.count)
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }
}
