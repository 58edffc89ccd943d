import Testing

@testable import HTTPServer

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/", "/"),
        ("*", "*"),
        ("/a%20b", "/a b"),
        ("/a+b", "/a+b"),
        ("/%e2%82%ac/%E2%82%AC", "/€/€"),
        ("/a%2fb", "/a/b"),
        ("/a?x#".replacing("#", with: "%23"), "/a"),
        ("http://h/p?q", "/p"),
        ("https://h", "/"),
        ("/http://h/p", "/http://h/p"),
        ("/ü", "/ü"),
        ("/%25zz", "/%zz"),
    ])
    func pathIsDecoded(raw: String, path: String) throws {
        #expect(try RequestTarget(raw).path == path)
    }

    @Test(arguments: [
        ("/", []),
        ("/?", []),
        ("/?a=1&b=2", [QueryItem("a", "1"), QueryItem("b", "2")]),
        ("/?b=2&a=1&b=3", [QueryItem("b", "2"), QueryItem("a", "1"), QueryItem("b", "3")]),
        ("/?a", [QueryItem("a", "")]),
        ("/?a=", [QueryItem("a", "")]),
        ("/?=v", [QueryItem("", "v")]),
        ("/?&&a=1&", [QueryItem("a", "1")]),
        ("/?a=b=c", [QueryItem("a", "b=c")]),
        ("/?a+b=c+d%2B", [QueryItem("a b", "c d+")]),
        ("/?q=%C3%BC&r=?/", [QueryItem("q", "ü"), QueryItem("r", "?/")]),
        ("/?a%26b=%3D", [QueryItem("a&b", "=")]),
    ])
    func queryIsDecodedInOrder(raw: String, items: [QueryItem]) throws {
        #expect(try RequestTarget(raw).query == items)
    }

    @Test(arguments: [
        "", "a", "?a=1", "/a b", "/a\tb", "/a#b", "/\u{7f}", "/%", "/%a", "/%zz", "/%0g", "/%00", "/%ff", "/%C3",
        "/%ed%a0%80", "/?a=%", "/?a=%00", "/?a=%ff", "/?%f0%28=1", "host:80", "ftp://h/p",
    ])
    func whatCannotBeDecodedIsRefused(raw: String) {
        #expect(throws: RequestTarget.Malformed.self) { try RequestTarget(raw) }
    }

    @Test(arguments: [
        ("X-A", ["1", "3"]),
        ("x-a", ["1", "3"]),
        ("X-B", ["2"]),
        ("X-", []),
        ("X-@", ["4"]),
        ("X-`", []),
    ])
    func headerNamesAreComparedWithoutCase(name: String, values: [String]) {
        let headers: HeaderFields = [
            HeaderField("X-a", "1"), HeaderField("X-B", "2"), HeaderField("x-A", "3"), HeaderField("X-@", "4"),
        ]
        #expect(headers.all(name) == values)
        #expect(headers.first(name) == values.first)
    }

    @Test(arguments: [
        ([], "/", RequestHead.Verdict.accept(try? RequestTarget("/"), 0)),
        ([HeaderField("Content-Length", "10")], "/a", .accept(try? RequestTarget("/a"), 10)),
        ([HeaderField("Content-Length", "11")], "/", .refuse(.payloadTooLarge(limit: 10))),
        ([HeaderField("Content-Length", "99999999999999999999")], "/", .refuse(.payloadTooLarge(limit: 10))),
        (
            [HeaderField("content-length", "3"), HeaderField("Content-Length", "3")], "/",
            .accept(try? RequestTarget("/"), 3)
        ),
        ([], "/12345678", .refuse(.uriTooLong(limit: 8))),
        ([HeaderField("A", String(repeating: "a", count: 46))], "/", .refuse(.headersTooLarge(limit: 50))),
    ])
    func theHeadDecidesWhatItCan(headers: [HeaderField], target: String, verdict: RequestHead.Verdict?) {
        let settings = ServerSettings(bodyLimit: 10, uriLimit: 8, headerLimit: 50)
        let head = RequestHead(target: target, headers: HeaderFields(headers))
        #expect(head.verdict(settings) == verdict)
    }

    @Test(arguments: [
        [HeaderField("Content-Length", "3"), HeaderField("Content-Length", "4")],
        [HeaderField("Content-Length", "3"), HeaderField("Transfer-Encoding", "chunked")],
    ])
    func aBodyOfTwoLengthsIsRefused(headers: [HeaderField]) {
        let head = RequestHead(target: "/", headers: HeaderFields(headers))
        guard case .refuse(.badRequest) = head.verdict(ServerSettings()) else {
            Issue.record("not refused: \(headers)")
            return
        }
        #expect(head.hasBody)
    }

    @Test(arguments: [
        ServerSettings(threads: 0), ServerSettings(bodyLimit: -1), ServerSettings(uriLimit: 0),
        ServerSettings(idleTimeout: .milliseconds(10)), ServerSettings(threads: 4, connections: 3),
    ])
    func settingsOutOfRangeAreRefused(settings: ServerSettings) {
        #expect(throws: ServerError.self) {
            try Server(router: Router([]) { _, _ in Response(status: 404) }, settings: settings)
        }
    }
}

extension RequestHead.Verdict {
    /// `nil` when the expected target is not one.
    fileprivate static func accept(_ parts: RequestTarget?, _ length: Int) -> RequestHead.Verdict? {
        parts.map { .accept($0, length: length) }
    }
}
