import JSON
import Testing

@Suite struct RefusalTests {
    @Test(arguments: [
        ("", JSONError.Kind.empty, 0), (" \n\t", .empty, 0), ("[1,2", .truncated, 4), ("{\"a\":1", .truncated, 6),
        ("[[1]", .truncated, 4), ("[1 2]", .malformed, 3), ("{\"a\" 1}", .malformed, 5), ("{\"a\":1,}", .malformed, 7),
        ("[1,]", .malformed, 3), ("[1]]", .trailingContent, 3), ("[1] x", .trailingContent, 4),
        ("{} {}", .trailingContent, 3),
        ("1 2", .trailingContent, 2), ("[1],[2]", .trailingContent, 3), ("1],[2", .trailingContent, 1),
        ("tru", .malformed, 0), ("nulll", .malformed, 0), ("[nan]", .malformed, 1), ("01", .malformed, 0),
        ("-", .malformed, 0), ("[1x]", .malformed, 1), ("[1.]", .malformed, 1), ("[.5]", .malformed, 1),
        ("[+1]", .malformed, 1), ("[0x10]", .malformed, 1), ("[1e400]", .malformed, 1), ("{1:2}", .malformed, 1),
        ("{\"a\":[1,2,\"b\":3}", .malformed, 13), ("]", .malformed, 0), ("}", .malformed, 0), (",", .malformed, 0),
        ("[,1]", .malformed, 1), ("{\"a\":1 \"b\":2}", .malformed, 7), ("{\"a\":}", .malformed, 5),
        ("  [1}  ", .malformed, 4),
        ("[1 , 2 ; 3]", .malformed, 7), ("['a']", .malformed, 1), ("[1/**/]", .malformed, 1),
        ("[123456789012345678901 2]", .malformed, 23), ("[123456789012345678901,tru]", .malformed, 23),
        ("[123456789012345678901,\"123456789012345678901\",{\"a\":1e999}]", .malformed, 52),
    ])
    func aMalformedTextIsRefusedWithItsPlace(text: String, kind: JSONError.Kind, offset: Int?) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
        #expect(error?.kind == kind, "\(text): \(error?.description ?? "")")
        #expect(error?.byteOffset == offset, "\(text): \(error?.description ?? "")")
    }

    @Test(arguments: [
        (#"["\x"]"#, JSONError.Kind.malformed, 1), (#"["\u12"]"#, .malformed, 1), (#"["a","\ud800"]"#, .malformed, 5),
        (#"["a","\udc00"]"#, .malformed, 5), (#"["a","\uDFFFx"]"#, .malformed, 5), (#"{"\ude00":1}"#, .malformed, 1),
        (#"["\ud800A"]"#, .malformed, 1), (#"["abc"#, .truncated, 5), (#"["abc\"]"#, .truncated, 8),
        ("[\"a\nb\"]", .malformed, 3), ("[\"\u{1}\"]", .malformed, 2),
        ("[\"\\\n\"]", .malformed, 3), (#"[\"a"]"#, .malformed, 1), ("[\"\\\\\", \"a\tb\"]", .malformed, 9),
    ])
    func aMalformedStringIsRefusedWithItsPlace(text: String, kind: JSONError.Kind, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
        #expect(error?.kind == kind, "\(text): \(error?.description ?? "")")
        #expect(error?.byteOffset == offset, "\(text): \(error?.description ?? "")")
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0xC3, 0x22], 1), ([0x5B, 0x22, 0x61, 0xED, 0xA0, 0x80, 0x22, 0x5D], 3),
            ([0x22, 0xC0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x5B, 0x31, 0x5D, 0x80], 3),
        ] as [([UInt8], Int)])
    func invalidUTF8IsRefusedWithItsPlace(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: bytes) }
        #expect(error?.kind == .invalidUTF8)
        #expect(error?.byteOffset == offset)
    }

    @Test func aByteOrderMarkIsNoJSON() {
        #expect(throws: JSONError.self) { try JSONDocument(parsing: [0xEF, 0xBB, 0xBF, 0x31]) }
    }

    @Test(arguments: [0, 1, 2, 15, 31, 63, 64, 65, 127, 4_096])
    func aNullByteIsRefusedAnywhere(padding: Int) {
        let text = [UInt8](repeating: 0x20, count: padding) + [0x00, 0x31]
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
        #expect(error?.kind == .malformed)
        #expect(error?.byteOffset == padding)
    }

    @Test(arguments: [1, 2, 3, 127, 128, 1_024])
    func depthIsLimited(limit: Int) throws {
        let limits = JSONLimits(depth: limit)
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        _ = try JSONDocument(parsing: nested(limit), limits: limits)
        let error = #expect(throws: JSONError.self) {
            try JSONDocument(parsing: nested(limit + 1), limits: limits)
        }
        #expect(error?.kind == .tooDeep)
        #expect(error?.byteOffset == limit)
        let empty = try JSONDocument(parsing: "[[],\(nested(limit - 1)),{}]", limits: limits)
        #expect(empty.root.count == 3)
        let objects = String(repeating: "{\"a\":", count: limit + 1) + "1" + String(repeating: "}", count: limit + 1)
        let inObjects = #expect(throws: JSONError.self) { try JSONDocument(parsing: objects, limits: limits) }
        #expect(inObjects?.kind == .tooDeep)
        #expect(inObjects?.byteOffset == limit * 5)
    }

    @Test func aMillionOpenBracketsAreRefusedCheaply() {
        let error = #expect(throws: JSONError.self) {
            try JSONDocument(parsing: [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))
        }
        #expect(error?.kind == .tooDeep)
    }

    @Test func lengthIsLimited() throws {
        let limits = JSONLimits(bytes: 4)
        _ = try JSONDocument(parsing: "[12]", limits: limits)
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: "[123]", limits: limits) }
        #expect(error?.kind == .tooLarge)
    }

    @Test func anErrorSaysWhere() {
        let error = #expect(throws: JSONError.self) { try JSONDocument(parsing: "[1 2]") }
        #expect(error?.description == "unexpected token at byte 3")
    }

    @Test func linesAreCutBeforeTheyAreParsed() throws {
        let text = "{\"a\":1}\r\n\n  \n[2\n3\n\"x\""
        let lines = Array(JSONLines([UInt8](text.utf8)))
        #expect(lines.map(\.number) == [1, 4, 5, 6])
        #expect(try lines[0].parsed().root["a"]?.int64 == 1)
        let error = #expect(throws: JSONError.self) { try lines[1].parsed() }
        #expect(error?.byteOffset == 2)
        #expect(try lines[2].parsed().root.int64 == 3)
        #expect(try lines[3].parsed().root.string == "x")
        #expect(lines.map { String(decoding: $0.bytes, as: UTF8.self) }[0] == "{\"a\":1}")
        #expect(Array(JSONLines([])).isEmpty && Array(JSONLines([UInt8]("\n\n".utf8))).isEmpty)
    }
}
