import HTTPClient
import Testing

@Suite struct URLPartsTests {
    @Test(
        arguments: [
            ("https://example.com", "https", "example.com", 443, "/", nil),
            ("http://example.com", "http", "example.com", 80, "/", nil),
            ("HTTPS://EXAMPLE.com:8443/A/b?Q=1#f", "https", "example.com", 8443, "/A/b", "Q=1"),
            ("https://example.com:443/x", "https", "example.com", 443, "/x", nil),
            ("https://example.com/a/../b/./c", "https", "example.com", 443, "/b/c", nil),
            ("https://example.com/a%2Fb?x=%20", "https", "example.com", 443, "/a%2Fb", "x=%20"),
            ("http://[::1]:9/", "http", "::1", 9, "/", nil),
            ("http://[2001:DB8::1]/", "http", "2001:db8::1", 80, "/", nil),
            ("http://127.0.0.1/", "http", "127.0.0.1", 80, "/", nil),
            ("http://example.com./", "http", "example.com.", 80, "/", nil),
            ("https://xn--bcher-kva.example/", "https", "xn--bcher-kva.example", 443, "/", nil),
        ] as [(String, String, String, UInt16, String, String?)])
    func partsAreRead(text: String, scheme: String, host: String, port: UInt16, path: String, query: String?) throws {
        let url = try #require(URLParts(text))
        #expect(url.scheme == scheme)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(url.query == query)
        #expect(url.hasCredentials == false)
        #expect(url.zone == nil)
        #expect(url.text.contains("#") == false)
    }

    @Test(arguments: [
        "", " ", "example.com", "//example.com", "/path", "ftp://example.com", "file:///etc/passwd", "gopher://x/",
        "javascript:alert(1)", "https://", "https:///", "http://:80/", "http://exa mple.com/",
        "http://example.com:99999/",
        "http://example.com:0x50/", "http://example.com:-1/", "http://[::1", "http://[::g]/", "http://example.com/a b",
        "http://exam\u{0}ple.com/", "http://example.com\n/", "http://a%00b/", "data:text/plain,x", "http://@/",
        "http://bücher.example/", "http://b%C3%BCcher.example/", "http://user:pa@ss@example.com/",
    ])
    func whatIsNotAnAbsoluteURLIsRefused(text: String) {
        #expect(URLParts(text) == nil)
    }

    @Test(arguments: [
        ("https://example.com/", true, "example.com"),
        ("https://Example.COM:8443/x", true, "Example.COM"),
        ("http://127.0.0.1:80/", true, "127.0.0.1"),
        ("http://[::1]/", true, "[::1]"),
        ("http://0x7f.0.0.1/", false, "0x7f.0.0.1"),
        ("http://0177.0.0.1/", false, "0177.0.0.1"),
        ("http://2130706433/", false, "2130706433"),
        ("http://127.1/", false, "127.1"),
        ("http://%31%32%37.0.0.1/", false, "%31%32%37.0.0.1"),
        ("http:/example.com/", false, ""),
        ("http://user@example.com/", true, "example.com"),
        ("http://user:pass@example.com:80/", true, "example.com"),
    ])
    func oddSpellingsAreSeen(text: String, isPlain: Bool, written: String) throws {
        let url = try #require(URLParts(text))
        #expect(url.writtenHost == written)
        #expect(url.isPlainlySpelled == isPlain)
    }

    @Test(arguments: [
        "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://2130706433/", "http://127.1/", "http://0x7F000001/",
    ])
    func loopbackIsRecognisedInEverySpelling(text: String) {
        #expect(URLParts(text)?.host == "127.0.0.1")
    }

    @Test(arguments: ["http://user@h/", "http://user:secret@h/", "http://:secret@h/"])
    func credentialsAreNoticed(text: String) {
        #expect(URLParts(text)?.hasCredentials == true)
    }

    @Test func theScopeOfAnAddressIsNoticed() {
        #expect(URLParts("http://[fe80::1%25eth0]/")?.zone == "eth0")
    }

    @Test(arguments: [
        ("https://h/a", "https://H:443/b?x", true),
        ("https://h/", "http://h/", false),
        ("https://h/", "https://h:444/", false),
        ("https://h/", "https://g.h/", false),
        ("http://127.0.0.1/", "http://127.1/", true),
    ])
    func originsAreCompared(left: String, right: String, areSame: Bool) {
        #expect((URLParts(left)?.origin == URLParts(right)?.origin) == areSame)
    }

    @Test(arguments: [
        ("?cursor=b", "https://h/api/models?cursor=b"),
        ("models?x=1", "https://h/api/models?x=1"),
        ("../v2", "https://h/v2"),
        ("/root", "https://h/root"),
        ("//other/x", "https://other/x"),
        ("http://else/y", "http://else/y"),
        ("#part", "https://h/api/models?cursor=a"),
        ("", "https://h/api/models?cursor=a"),
    ])
    func referencesAreResolved(reference: String, text: String) throws {
        let base = try #require(URLParts("https://h/api/models?cursor=a"))
        #expect(base.resolving(reference)?.text == text)
    }

    @Test(arguments: ["ftp://h/", "http://[", "http://0x/ y", "a\u{0}b", "javascript:x"])
    func referencesToNowhereAreRefused(reference: String) throws {
        let base = try #require(URLParts("https://h/a"))
        #expect(base.resolving(reference) == nil)
    }

    @Test func anOddlySpelledReferenceIsSeen() throws {
        let base = try #require(URLParts("https://h/a"))
        #expect(base.resolving("http://0x7f.1/")?.isPlainlySpelled == false)
        #expect(base.resolving("/b")?.isPlainlySpelled == true)
    }
}
