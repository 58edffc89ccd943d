import HTTPServer
import Model
import Store
import Testing

@testable import api

@Suite struct OperatorActTests {
    @Test(arguments: [
        OperatorAct.jobs(.requeue, [JobID(3), JobID(7)]), .jobs(.discard, [JobID(1)]),
        .dead(.requeue, DeadJobFilter()),
        .dead(
            .discard,
            DeadJobFilter(stage: .fetch, errorClass: "a=b&c d", until: Timestamp(milliseconds: 1_777_884_199_965))),
        .dead(.requeue, DeadJobFilter(errorClass: "")), .pause(.score), .resume("fetch-page"),
    ])
    func anActIsReadBackFromItsText(act: OperatorAct) {
        #expect(OperatorAct(text: act.text) == act)
    }

    @Test func theButtonOfARowNamesItsJob() {
        let fields = [QueryItem("stage", "fetch"), QueryItem("job", "5"), QueryItem("requeue", "9")]
        #expect(OperatorAct(fields) == .jobs(.requeue, [JobID(9)]))
    }

    @Test(arguments: [
        "", "act=", "act=explode", "act=requeue-selected&job=x", "act=requeue-all&stage=parse", "requeue=all",
        "act=requeue-all&until=soon", "act=pause&target=fetch-page", "act=pause", "act=resume&target=",
        "act=limit&target=parse&depth=5", "act=limit&target=fetch&depth=many", "act=limit&target=fetch-page&rate=5",
        "act=requeue-selected" + String(repeating: "&job=1", count: 101), "act=%ff",
    ])
    func whatIsNoActIsRefused(text: String) {
        #expect(OperatorAct(text: text) == nil)
    }

    @Test func aLimitIsReadBackFromItsText() throws {
        let stage = try #require(OperatorAct(text: "act=limit&target=fetch&depth=+1000&objective=&running=3"))
        #expect(stage.text == "act=limit&target=fetch&depth=1000&objective=off", "a stage has no jobs at once")
        #expect(OperatorAct(text: stage.text) == stage)
        let kind = try #require(OperatorAct(text: "act=limit&target=fetch-page&running=&rate=300/300s"))
        #expect(kind.text == "act=limit&target=fetch-page&running=off&rate=300%2F5m")
        #expect(OperatorAct(text: kind.text) == kind)
    }

    @Test(
        arguments: [
            ("203.0.113.9", nil, "203.0.113.9"), ("127.0.0.1", nil, "127.0.0.1"),
            ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"), ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("127.0.0.1", "203.0.113.9:51234", "203.0.113.9"), ("::1", "[2001:db8::5]:443", "2001:db8:0:0::/64"),
            ("::1", "::ffff:203.0.113.9", "::ffff:203.0.113.9"), ("unix", "<script>", "unix"),
            ("::1", "2001:DB8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
            ("2001:db8::5", nil, "2001:db8:0:0::/64"), ("::1", nil, "0:0:0:0::/64"),
            ("fe80::1:2:3:4", nil, "fe80:0:0:0::/64"),
        ] as [(String, String?, String)])
    func aSourceIsWhoTheNearestProxySpeaksFor(peer: String, forwarded: String?, source: String) {
        let headers = HeaderFields(forwarded.map { [HeaderField("X-Forwarded-For", $0)] } ?? [])
        let request = Request(.post, "/ops/sign-in", headers: headers, remoteAddress: peer)
        #expect(RequestSource.of(request) == SignInTry(address: source))
    }

    private func request(_ headers: HeaderFields) -> Request {
        Request(.post, "/ops/acts", headers: headers)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", true), ("https://127.0.0.1:8080", true), ("http://127.0.0.1:8081", false),
        ("http://evil.example", false), ("null", false), ("http://127.0.0.1:8080/x", false), ("", false),
    ])
    func aFormMustComeFromThePageItself(origin: String, isOwn: Bool) {
        let headers: HeaderFields = [HeaderField("Host", "127.0.0.1:8080"), HeaderField("Origin", origin)]
        #expect(OperatorGate.isOwnForm(request(headers)) == isOwn)
    }

    @Test func whatTheBrowserSaysOfTheSenderCounts() {
        for (site, isOwn) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            #expect(OperatorGate.isOwnForm(request([HeaderField("Sec-Fetch-Site", site)])) == isOwn, "\(site)")
        }
        let proxied: HeaderFields = [
            HeaderField("Host", "127.0.0.1:8080"), HeaderField("X-Forwarded-Host", "ops.example"),
            HeaderField("Origin", "https://ops.example"),
        ]
        #expect(OperatorGate.isOwnForm(request(proxied)))
        #expect(OperatorGate.isOwnForm(request([])), "a client that is no browser has no cookie to be abused")
    }

    @Test(arguments: [
        ("/ops", "/ops"), ("/ops?page=2", "/ops?page=2"), ("/ops/confirm?act=pause", "/ops/confirm?act=pause"),
        ("//evil.example", "/ops"), ("https://evil.example", "/ops"), ("/opsx", "/ops"), ("/ops?a\r\nb", "/ops"),
        ("/ops/acts", "/ops"),
    ])
    func signingInLeadsToOurOwnPagesOnly(next: String, place: String) {
        #expect(OperatorSessionEndpoints.place([QueryItem("next", next)]) == place)
    }

    @Test(arguments: [
        (HeaderField("Accept", "*/*"), false), (HeaderField("X-Forwarded-Proto", "https"), true),
        (HeaderField("X-Forwarded-Proto", "http"), false),
        (HeaderField("Forwarded", "for=1.2.3.4; proto=HTTPS;by=x"), true),
    ])
    func theCookieIsForOurPagesAndNoScript(header: HeaderField, isSecure: Bool) {
        let field = OperatorGate.setCookie("abc", for: request([header]))
        #expect(field.name == "Set-Cookie")
        #expect(field.value.hasPrefix("helicarrier_operator=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"))
        #expect(field.value.hasSuffix("; Secure") == isSecure)
    }
}
