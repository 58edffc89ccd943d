import HTTPClient
import Testing

@Suite struct HeaderReaderTests {
    @Test(arguments: [
        (#"<https://h/api?cursor=a%3D%3D&limit=1>; rel="next""#, "https://h/api?cursor=a%3D%3D&limit=1"),
        ("<https://h/a>; rel=next", "https://h/a"),
        ("<https://h/a>;rel=NEXT", "https://h/a"),
        ("<https://h/a> ; REL = \"next\"", "https://h/a"),
        (#"</p>; rel="prev", </n>; rel="next""#, "/n"),
        (#"</p>; rel="prev",</n>;rel="next",</l>; rel="last""#, "/n"),
        (#"<https://h/a,b;c>; rel="next""#, "https://h/a,b;c"),
        (#"</n>; rel="prefetch next""#, "/n"),
        (#"</n>; title="a, <b>; rel=\"prev\""; rel="next""#, "/n"),
        (#"</p>; title="x\\"; rel=prev, </n>; rel=next"#, "/n"),
        (#"</n>; title*=UTF-8''a%20b; rel="next"; type="application/json""#, "/n"),
        (#", ,</n>; rel=next"#, "/n"),
        (#"garbage, </n>; rel=next"#, "/n"),
        (#"gar"b,a"ge; x, </n>; rel=next"#, "/n"),
        (#"</a>; rel="prev" nonsense, </n>; rel=next"#, "/n"),
        (#"<>; rel=next"#, ""),
        (#"</n>; crossorigin; rel=next"#, "/n"),
        (#"</n>;; rel=next"#, "/n"),
        (#"</a>; rel=next, </b>; rel=next"#, "/a"),
    ])
    func nextLinkIsFound(header: String, target: String) {
        #expect(LinkHeader.next(in: header) == target)
    }

    @Test(arguments: [
        "", " ", ",", ";", "<", "<https://h/a", "https://h/a; rel=next", "<https://h/a>",
        #"</p>; rel="prev""#, #"</n>; rel="nextish""#, #"</n>; rel="next-archive""#, #"</n>; title="rel=next""#,
        #"</n>; rel="prev"; rel="next""#, #"</n>; rel=next; anchor="/other""#, #"</n>, rel=next"#,
        #"</n>; rel="#, #"</n>; rel=""#, #"</n>; rev=next"#, #"<</n>; rel"#, #"</n>; title="unclosed; rel=next"#,
    ])
    func noNextLinkIsFound(header: String) {
        #expect(LinkHeader.next(in: header) == nil)
    }

    @Test(arguments: [
        (#""api";r=495;t=23"#, 495, 23),
        (#""api"; r=495; t=23"#, 495, 23),
        (#""api";t=23;r=0"#, 0, 23),
        (#"api;R=1;T=2"#, 1, 2),
        (#"r=1;t=2"#, 1, 2),
        (#""a;r=9,t=9";r=1;t=2"#, 1, 2),
        (#""api";r=495;t=23;r=1"#, 495, 23),
        (#""burst";r=50;t=1, "daily";r=7;t=3600"#, 7, 3600),
        (#""odd";x, "api";r=5;t=6"#, 5, 6),
        (#""api" ; r = 5 ; t = 6 ; pk=:abc=:"#, 5, 6),
    ])
    func limitIsRead(header: String, remaining: Int, reset: Int) {
        #expect(RateLimitHeader.limit(in: header) == .init(remaining: remaining, resetSeconds: reset))
    }

    @Test(arguments: [
        "", "garbage", #""api""#, #""api";r=495"#, #""api";t=23"#, #""api";r=-1;t=2"#, #""api";r=1.5;t=2"#,
        #""api";r=a;t=b"#, #""api";r=99999999999999999999;t=1"#, #""api;r=1;t=2""#, #""api";r=;t="#, ";;;===,,,",
        #""api";r="1";t="2""#, "\"",
    ])
    func garbageHasNoLimit(header: String) {
        #expect(RateLimitHeader.limit(in: header) == nil)
    }

    @Test(arguments: [
        (#""fixed window";"api";q=500;w=300"#, 500, 300),
        (#""api";q=1000;w=60"#, 1000, 60),
        (#""burst";q=100;w=1, "hour";q=3600;w=3600"#, 3600, 3600),
    ])
    func policyIsRead(header: String, quota: Int, window: Int) {
        #expect(RateLimitHeader.policy(in: header) == .init(quota: quota, windowSeconds: window))
    }

    @Test(arguments: ["", "x", #""api";q=500"#, #""api";w=300"#, #""api";q=500;w=0"#, #""api";q=x;w=300"#])
    func garbageHasNoPolicy(header: String) {
        #expect(RateLimitHeader.policy(in: header) == nil)
    }

    /// 1994-11-06T08:49:37Z.
    private static let example: Int64 = 784_111_777_000

    @Test(
        arguments: [
            ("0", example, Duration.zero),
            ("120", example, .seconds(120)),
            (" 120\t", example, .seconds(120)),
            ("-5", example, .zero),
            ("007", example, .seconds(7)),
            ("99999999999999999999999", example, .seconds(100 * 366 * 86_400)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", example, .zero),
            ("Sun, 06 Nov 1994 08:49:37 GMT", example - 1_500, .milliseconds(1_500)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", example + 90_000, .zero),
            ("Sunday, 06-Nov-94 08:49:37 GMT", example - 10_000, .seconds(10)),
            ("Sun Nov  6 08:49:37 1994", example - 10_000, .seconds(10)),
            ("Sun Nov 16 08:49:37 1994", example, .seconds(864_000)),
            ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800_000 - 1_000, .seconds(1)),
            ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200_000 - 1_000, .seconds(1)),
            ("Thu, 31 Dec 1998 23:59:60 GMT", 915_148_800_000 - 1_000, .seconds(1)),
            ("Tue, 19 Jan 2038 03:14:08 GMT", 2_147_483_648_000 - 1_000, .seconds(1)),
            ("Wednesday, 01-Jan-25 00:00:00 GMT", 1_735_689_600_000 - 1_000, .seconds(1)),
            // Seen from 2024, the year 80 lies more than 50 years ahead, so it is 1980.
            ("Tuesday, 01-Jan-80 00:00:00 GMT", 1_709_164_800_000, .zero),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0, .zero),
            ("Fri, 31 Dec 9999 23:59:59 GMT", example, .seconds(100 * 366 * 86_400)),
        ] as [(String, Int64, Duration)])
    func waitIsRead(header: String, now: Int64, wait: Duration) {
        #expect(RetryAfter.wait(header, now: now) == wait)
    }

    @Test(arguments: [
        "", " ", "-", "1.5", "1 2", "+5", "soon", "0x10", "１２", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 29 Feb 2023 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 199 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Sun Nov  6 08:49 1994", "a b c d e",
        "a, b c d e GMT",
    ])
    func garbageIsNoWait(header: String) {
        #expect(RetryAfter.wait(header, now: Self.example) == nil)
    }
}
