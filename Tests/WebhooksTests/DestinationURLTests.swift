import Testing

@testable import Webhooks

@Suite struct DestinationURLTests {
    private func read(
        _ text: String, allowHTTP: Bool = false, allowing blocks: [String] = []
    ) throws(DestinationRefusal) -> DestinationURL {
        try DestinationURL(text, allowHTTP: allowHTTP, policy: AddressPolicy(allowing: blocks.compactMap { CIDR($0) }))
    }

    @Test(arguments: [
        ("https://example.com", "https://example.com/"), ("https://example.com/", "https://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://EXAMPLE.com/A?b=C", "https://example.com/A?b=C"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("https://example.com:80/", "https://example.com:80/"),
        ("https://example.com?x=1", "https://example.com/?x=1"), ("https://8.8.8.8/h", "https://8.8.8.8/h"),
        ("https://[2606:4700::1111]/h", "https://[2606:4700::1111]/h"),
        ("https://[2606:4700::1111]:8080/", "https://[2606:4700::1111]:8080/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://a-b.c1.example/", "https://a-b.c1.example/"),
        ("https://intranet/", "https://intranet/"), ("https://1a.example/", "https://1a.example/"),
        ("https://1.2.3.4.example/", "https://1.2.3.4.example/"), ("https://0x7f.example/", "https://0x7f.example/"),
        (
            "https://example.com/%7Euser/%2f?q=%20&r=/?:@!$&'()*+,;=",
            "https://example.com/%7Euser/%2f?q=%20&r=/?:@!$&'()*+,;="
        ),
        ("https://example.com/a..b/.c/d.", "https://example.com/a..b/.c/d."),
        ("https://example.com/?a=../..", "https://example.com/?a=../.."),
        ("https://example.com//x", "https://example.com//x"),
        ("https://example.com/a@b:c", "https://example.com/a@b:c"),
        ("https://localhost.example/", "https://localhost.example/"),
        ("https://notlocalhost/", "https://notlocalhost/"),
    ])
    func anOrdinaryURLPasses(text: String, kept: String) throws {
        let url = try read(text)
        #expect(url.text == kept)
        #expect(url.isSecure)
        #expect(try read(kept) == url)
    }

    @Test(arguments: ["localhost", "LOCALHOST", "a.localhost", "a.b.localhost"])
    func namesOfThisMachineAreItsAddress(name: String) throws {
        #expect(throws: DestinationRefusal.self) { try read("https://\(name)/") }
        #expect(throws: DestinationRefusal.self) { try read("https://\(name)/", allowing: ["10.0.0.0/8"]) }
        #expect(try read("https://\(name):4711/", allowing: ["127.0.0.0/8"]).port == 4_711)
        #expect(try read("https://\(name)/", allowing: ["::1/128"]).port == 443)
    }

    @Test(
        arguments: [
            ("", .scheme), ("https:", .scheme), ("https:/example.com", .scheme), ("//example.com", .scheme),
            ("example.com", .scheme),
            ("HTTPS://example.com/", .scheme), ("ftp://example.com/", .scheme), ("file:///etc/passwd", .scheme),
            ("gopher://example.com/", .scheme), ("javascript:alert(1)", .scheme), ("https;//example.com", .scheme),
            ("http://example.com/", .httpsRequired), ("http://127.0.0.1/", .httpsRequired),
            ("https://", .noHost), ("https:///", .noHost), ("https:///example.com", .noHost), ("https://?x", .noHost),
            ("https://#x", .noHost), ("https://:443/", .noHost), ("https://[]/", .noHost),
            ("https://user@example.com/", .userInfo), ("https://user:secret@example.com/", .userInfo),
            ("https://@example.com/", .userInfo),
            ("https://:@example.com/", .userInfo), ("https://8.8.8.8@127.0.0.1/", .userInfo),
            ("https://a@b@c/", .userInfo),
            ("https://example.com:80@127.0.0.1/", .userInfo),
            ("https://example.com/#top", .fragment), ("https://example.com#@127.0.0.1/", .fragment),
            ("https://example.com/?a#b", .fragment),
            ("https://example.com./", .trailingDot), ("https://127.0.0.1./", .trailingDot),
            ("https://./", .trailingDot),
            ("https://example.com..:443/", .trailingDot),
            ("https://example.com:/", .malformedPort), ("https://example.com:0/", .malformedPort),
            ("https://example.com:65536/", .malformedPort),
            ("https://example.com:0443/", .malformedPort), ("https://example.com:+443/", .malformedPort),
            ("https://example.com:-1/", .malformedPort),
            ("https://example.com:443x/", .malformedPort), ("https://example.com:443:443/", .malformedPort),
            ("https://example.com:0x1bb/", .malformedPort),
            ("https://[2606:4700::1]x/", .malformedPort), ("https://[2606:4700::1].example.com/", .malformedPort),
            ("https://[2606:4700::1]:/", .malformedPort),
            ("https://2606:4700::1/", .addressSpelling("2606")), ("https://::1/", .noHost),
            ("https://example.com:22/", .port(22)), ("https://example.com:6379/", .port(6_379)),
            ("https://8.8.8.8:25/", .port(25)),
            ("https://[fe80::1%25eth0]/", .scopedAddress), ("https://[fe80::1%eth0]/", .scopedAddress),
            ("https://[::1%1]/", .scopedAddress),
        ] as [(String, DestinationRefusal)])
    func anOddURLIsRefused(text: String, refusal: DestinationRefusal) {
        #expect(throws: refusal) { try read(text) }
    }

    @Test(arguments: [
        "2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1",
        "127.0.0.0x1",
        "127.0.0.01", "127.0.0.001", "127.0.0.256", "1.2.3.4.5", "0", "0x", "0x0", "example.1", "example.0x1",
        "a.b.c.08", "1",
        "00000000.0", "10.1", "3232235777", "0300.0250.1.1", "0xc0.0xa8.1.1", "..1",
    ])
    func anAddressInAnotherSpellingIsRefused(host: String) {
        #expect(throws: DestinationRefusal.addressSpelling(host.lowercased())) { try read("https://\(host)/") }
        #expect(throws: DestinationRefusal.addressSpelling(host.lowercased())) {
            try read("http://\(host)/", allowHTTP: true, allowing: ["0.0.0.0/0", "::/0"])
        }
    }

    @Test(arguments: [
        "127.0.0.1", "1.1.1.1", "::FFFF:1.1.1.1", "::ffff:1.1.1.1", "::ffff:127.0.0.1", "::ffff:7f00:1",
        "0:0:0:0:0:0:0:1", "2606:4700:0::1",
        "2606:4700::1111:", "v1.fe80", "2606:4700::G", "example.com", "2606:4700::1::1", "[2606:4700::1",
        "02606:4700::1", "::0001",
    ])
    func aBracketedOddityIsRefused(inside: String) {
        #expect(throws: DestinationRefusal.addressSpelling("[\(inside)]")) { try read("https://[\(inside)]/") }
    }

    @Test(arguments: ["https://[2606:4700::1/", "https://[::1", "https://["])
    func aBracketWithoutItsEndIsRefused(text: String) {
        #expect(throws: DestinationRefusal.self) { try read(text) }
    }

    @Test(arguments: [
        "127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "255.255.255.255", "100.64.0.1", "[::1]", "[::]",
        "[fe80::1]", "[fd00::1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]", "[ff02::1]",
    ])
    func anAddressThatIsNotPublicIsRefused(host: String) {
        let refusal = #expect(throws: DestinationRefusal.self) { try read("https://\(host)/") }
        guard case .address = refusal else {
            Issue.record("\(host): \(String(describing: refusal))")
            return
        }
    }

    @Test(arguments: [
        ("https://exa mple.com/", 11), ("https://example.com/\n", 20), ("https://example.com/\r\nHost: x", 20),
        ("https://example.com/\0", 20),
        ("https://example.com\\@127.0.0.1/", 19), ("https://example.com/a\\b", 21), ("https://bücher.example/", 9),
        ("https://ｅxample.com/", 8), ("https://127。0。0。1/", 11), ("https://example.com/\u{7F}", 20),
        (" https://example.com/", 0),
        ("https://example.com/{x}", 20), ("https://example.com/<x>", 20), ("https://example.com/\"", 20),
        ("https://example.com/^", 20),
        ("https://example.com/`", 20), ("https://example.com/a|b", 21), ("https://example.com/\u{202E}", 20),
        ("https://①②⑦.0.0.1/", 8),
        ("https://exam\tple.com/", 12),
    ])
    func aCharacterThatURLsLackIsRefused(text: String, offset: Int) {
        #expect(throws: DestinationRefusal.character(byteOffset: offset)) { try read(text) }
    }

    @Test(arguments: [
        "a..b", ".example.com", "-a.example", "a-.example", "a_b.example", "a%2eb", "%31%32%37.0.0.a", "xn--",
        "a.xn--.b", "ex!ample.com",
        "a,b.example", "a;b", "a=b", "*.example", "~a", "a+b.example", "$host", "(a)", "'a'", "a&b",
    ])
    func aMalformedNameIsRefused(host: String) {
        let refusal = #expect(throws: DestinationRefusal.self) { try read("https://\(host)/") }
        guard case .hostName = refusal else {
            Issue.record("\(host): \(String(describing: refusal))")
            return
        }
    }

    @Test(arguments: [
        "/%", "/%4", "/%4g", "/a%", "/?%zz", "/../x", "/a/..", "/a/./b", "/.", "/..", "/%2e%2e/x", "/.%2E/x", "/%2E",
        "/[x]", "/?a[]=1",
    ])
    func aMalformedPathIsRefused(path: String) {
        let refusal = #expect(throws: DestinationRefusal.self) { try read("https://example.com\(path)") }
        guard case .path = refusal else {
            Issue.record("\(path): \(String(describing: refusal))")
            return
        }
    }

    @Test func lengthsAreLimited() throws {
        let label = String(repeating: "a", count: 63)
        #expect(try read("https://\(label).example/").port == 443)
        #expect(throws: DestinationRefusal.self) { try read("https://\(label)a.example/") }
        let longest = "\(label).\(label).\(label).\(String(repeating: "a", count: 61))"
        #expect(try read("https://\(longest)/").host == .name(longest))
        #expect(throws: DestinationRefusal.hostTooLong) { try read("https://\(longest)a/") }
        let path = String(repeating: "p", count: 2_048 - "https://example.com/".count)
        #expect(try read("https://example.com/\(path)").target == "/" + path)
        #expect(throws: DestinationRefusal.tooLong(limit: 2_048)) { try read("https://example.com/\(path)p") }
    }

    @Test func encryptionMayBeWaived() throws {
        let url = try read("http://example.com/hook", allowHTTP: true)
        #expect(!url.isSecure && url.port == 80 && url.text == "http://example.com/hook")
        #expect(try read("http://example.com:443/", allowHTTP: true).text == "http://example.com:443/")
        #expect(try read("https://example.com/", allowHTTP: true).isSecure)
        #expect(throws: DestinationRefusal.scheme) { try read("ftp://example.com/", allowHTTP: true) }
    }

    @Test func theAllowListOpensAddressesAndTheirPorts() throws {
        let blocks = ["10.1.0.0/16", "::1/128"]
        #expect(try read("http://10.1.2.3:9000/", allowHTTP: true, allowing: blocks).port == 9_000)
        #expect(try read("https://[::1]:9000/", allowing: blocks).text == "https://[::1]:9000/")
        #expect(throws: DestinationRefusal.port(9_000)) { try read("https://8.8.8.8:9000/", allowing: blocks) }
        #expect(throws: DestinationRefusal.self) { try read("https://10.2.0.1/", allowing: blocks) }
        // A name's addresses are known only when it is dialled; its port is judged then.
        #expect(try read("https://service.internal:9000/", allowing: blocks).port == 9_000)
        #expect(throws: DestinationRefusal.port(9_000)) { try read("https://service.internal:9000/") }
    }

    @Test func aLogDoesNotShowTheQuery() throws {
        #expect(try read("https://example.com/hook?token=secret").redacted == "https://example.com/hook?…")
        #expect(try read("https://example.com/hook").redacted == "https://example.com/hook")
    }

    @Test func everyRefusalSaysWhatToDo() {
        let all: [DestinationRefusal] = [
            .tooLong(limit: 1), .character(byteOffset: 3), .scheme, .httpsRequired, .userInfo, .fragment, .noHost,
            .hostTooLong,
            .hostName("x"), .trailingDot, .addressSpelling("x"), .scopedAddress, .malformedPort, .port(1), .path("x"),
            .noAddress,
            .address(.v4(0), range: "0.0.0.0/8", meaning: "this host"),
        ]
        #expect(Set(all.map(\.description)).count == all.count)
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func whateverPassesIsReadTheSameAgain(seed: UInt64) {
        let pieces = [
            "https://", "http://", "example", ".com", "127.0.0.1", "[::1]", "[", "]", ":", "443", "0", "@", "/", "?",
            "#", "%", "2e", ".", "..",
            "\\", "é", "xn--", "-", "0x7f", "a",
        ]
        var state = seed &* 77 &+ 5
        for _ in 0..<2_000 {
            var text = seed % 2 == 0 ? "https://" : ""
            for _ in 0..<6 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            guard let url = try? read(text, allowHTTP: true) else { continue }
            #expect((try? read(url.text, allowHTTP: true)) == url, "\(text)")
            if case .address = url.host { Issue.record("\(text) passes") }
        }
    }
}
