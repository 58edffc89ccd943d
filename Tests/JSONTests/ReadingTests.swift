import JSON
import Testing

@Suite struct ReadingTests {
    @Test(arguments: [
        ("{}", JSONKind.object), ("[]", .array), ("\"\"", .string), ("0", .integer), ("-9223372036854775808", .integer),
        ("9223372036854775807", .integer), ("9223372036854775808", .double), ("18446744073709551615", .double),
        ("18446744073709551616", .double), ("-9223372036854775809", .double), ("1.0", .double), ("1e2", .double),
        ("true", .bool), ("false", .bool), ("null", .null), (" \t\r\n1 \n", .integer),
    ])
    func aValueHasItsKind(text: String, kind: JSONKind) throws {
        #expect(try JSONDocument(parsing: text).root.kind == kind)
    }

    @Test(arguments: [
        ("9223372036854775808", 9_223_372_036_854_775_808.0), ("18446744073709551615", 0x1p64),
        ("100000000000000000000000000000", 1e29),
        ("-123456789012345678901", -123_456_789_012_345_683_968.0), ("1", 1), ("-2.5", -2.5), ("1E3", 1_000),
        ("0.1234567890123456789012", 0.1234567890123456789012),
        ("12345678901234567890123e-10", 1_234_567_890_123.4567890123),
        ("-0", 0), ("5e-324", .leastNonzeroMagnitude), ("1.7976931348623157e308", 1.7976931348623157e308),
    ])
    func aNumberIsReadAsTheNearestDouble(text: String, expected: Double) throws {
        #expect(try JSONDocument(parsing: text).root.double == expected)
        #expect(try JSONDocument(parsing: "{\"a\":[\(text),\"\(text)\"]}").root["a"]?[0]?.double == expected)
        #expect(try JSONDocument(parsing: "[\(text),\"\(text)\"]").root[1]?.string == text)
    }

    @Test(arguments: [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9é""#, "éé"),
        (#""\ud83d\ude00""#, "😀"), (#""\u0000""#, "\0"), ("\"\u{2028}\"", "\u{2028}"), (#""\u005C""#, "\\"),
    ])
    func aStringIsUnescaped(text: String, expected: String) throws {
        let node = try JSONDocument(parsing: text).root
        #expect(node.string.map { Array($0.utf8) } == Array(expected.utf8))
        #expect(node.equals(expected) && !node.equals(expected + "x"))
    }

    @Test func aListingIsReadWithoutDictionaries() throws {
        let row = #"{"id":"a/b","downloads":12,"gated":false,"tags":["x","license:mit"],"deep":{"k":[1,{"z":null}]}}"#
        let root = try JSONDocument(parsing: "[\(row),\(row)]").root
        #expect(root.count == 2)
        for node in root.elements {
            #expect(node.count == 5)
            #expect(node["id"]?.string == "a/b")
            #expect(node["downloads"]?.int64 == 12 && node["downloads"]?.double == 12)
            #expect(node["gated"]?.bool == false)
            #expect(node["tags"]?.elements.compactMap(\.string) == ["x", "license:mit"])
            #expect(node["deep"]?["k"]?[1]?["z"]?.isNull == true)
            #expect(node.members.map(\.key) == ["id", "downloads", "gated", "tags", "deep"])
            #expect(node["absent"] == nil && node["id"]?["x"] == nil && node["tags"]?[2] == nil && node[0] == nil)
        }
    }

    @Test func theWrongTypeIsNil() throws {
        let root = try JSONDocument(parsing: #"{"s":"1","i":1,"d":1.0,"b":true,"n":null}"#).root
        #expect(root["s"]?.int64 == nil && root["s"]?.double == nil && root["s"]?.bool == nil)
        #expect(root["i"]?.string == nil && root["i"]?.bool == nil)
        #expect(root["d"]?.int64 == nil)
        #expect(root["b"]?.int64 == nil && root["n"]?.bool == nil && root["n"]?.string == nil)
        #expect(
            root["s"]?.count == 0 && root["s"].map { Array($0.elements).isEmpty && Array($0.members).isEmpty } == true)
        #expect(Array(root.elements).isEmpty && root.string == nil)
    }

    @Test func aNodeKeepsItsDocument() throws {
        func node() throws -> JSONNode? { try JSONDocument(parsing: "[[\"kept\"]]").root[0]?[0] }
        #expect(try node()?.string == "kept")
    }

    @Test func theBodyOfAnIterationMayThrow() throws {
        struct Stop: Error, Equatable { let at: Int64? }
        let root = try JSONDocument(parsing: #"[1,2,3]"#).root
        #expect(throws: Stop(at: 2)) {
            try root.forEachElement { node throws(Stop) in
                if node.int64 == 2 { throw Stop(at: 2) }
            }
        }
        var seen: [String] = []
        try JSONDocument(parsing: #"{"a":1,"b":{"c":2},"d":[3]}"#).root.forEachMember { key, value in
            seen.append("\(key)=\(value.kind)")
        }
        #expect(seen == ["a=integer", "b=object", "d=array"])
    }

    @Test func anOwnedValueKeepsOrderAndRepeatedKeys() throws {
        let value = try JSONDocument(parsing: #"{"b":1,"a":[true,null,"x",1.5],"b":2}"#).root.value
        #expect(
            value
                == .object([
                    JSONMember("b", .integer(1)),
                    JSONMember("a", .array([.bool(true), .null, .string("x"), .double(1.5)])),
                    JSONMember("b", .integer(2)),
                ]))
        #expect(value["b"] == .integer(1) && value["c"] == nil)
    }

    @Test func namesAreEqualByTheirBytes() throws {
        let root = try JSONDocument(parsing: "{\"e\u{301}\":1,\"\u{E9}\":2}").root
        #expect(root["\u{E9}"]?.int64 == 2)
        #expect(root["e\u{301}"]?.int64 == 1)
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, "/a"), (#"{"a":{"b/c":[0,{"x":1,"y":2,"x":3}]}}"#, "/a/b~1c/1/x"),
        (#"[{"a":1},{"a":1,"\u0061":1}]"#, "/1/a"), (#"{"~":1,"":2,"":3}"#, "/"),
    ])
    func aRepeatedKeyIsFoundWithItsPlace(text: String, pointer: String) throws {
        #expect(try JSONDocument(parsing: text).firstDuplicateKey()?.pointer.text == pointer)
    }

    @Test(arguments: [#"{"a":1,"b":{"a":2}}"#, "[1,1]", "{}", "1", "{\"e\u{301}\":1,\"\u{E9}\":2}"])
    func differentKeysAreNotRepeated(text: String) throws {
        #expect(try JSONDocument(parsing: text).firstDuplicateKey() == nil)
    }

    @Test(arguments: [
        (#"{"a":"x\u0000"}"#, "/a"), (#"[1,{"\u0000":1}]"#, "/1/\0"), (#""\u0000""#, ""), (#"["0"]"#, nil), ("0", nil),
    ])
    func aNullCharacterIsFoundWithItsPlace(text: String, pointer: String?) throws {
        #expect(try JSONDocument(parsing: text).firstNullCharacter()?.text == pointer)
    }

    @Test func pointersAreEscaped() {
        #expect(JSONPointer.root.text == "")
        #expect(JSONPointer("models").appending(3).appending("a/b~c").text == "/models/3/a~1b~0c")
        #expect(JSONPointer("~1", "").description == "/~01/")
    }
}
