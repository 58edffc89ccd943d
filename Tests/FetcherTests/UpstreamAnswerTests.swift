import HTTPClient
import Model
import Testing

@testable import fetcher

@Suite struct UpstreamAnswerTests {
    /// 2026-01-01T00:00:00Z, a Thursday.
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)
    private static let limit = ("RateLimit", #""api";r=0;t=23"#)

    private static func answer(_ status: Int, _ headers: [(String, String)] = []) -> UpstreamAnswer {
        UpstreamAnswer(
            status: status, headers: ResponseHeaders(headers.map { HeaderLine($0.0, $0.1) }), now: now)
    }

    @Test(
        arguments: [
            (200, [], .page), (304, [], .notModified), (400, [], .refused), (401, [], .refused), (403, [], .refused),
            (404, [], .refused), (410, [], .refused), (418, [], .refused), (422, [], .refused), (201, [], .refused),
            (204, [], .refused), (206, [], .refused), (300, [], .refused), (303, [("Location", "/x")], .refused),
            (301, [], .refused), (307, [], .refused), (501, [], .refused), (505, [], .refused), (0, [], .refused),
            (301, [("Location", "/x")], .moved("/x")), (302, [("location", "/x")], .moved("/x")),
            (307, [("LOCATION", "https://hub.example/y")], .moved("https://hub.example/y")),
            (308, [("Location", "../z")], .moved("../z")),
            (408, [], .unavailable(after: nil)), (500, [], .unavailable(after: nil)),
            (502, [], .unavailable(after: nil)), (503, [], .unavailable(after: nil)),
            (504, [], .unavailable(after: nil)),
            (503, [("Retry-After", "120")], .unavailable(after: .seconds(120))),
            (200, [limit], .page), (503, [limit], .unavailable(after: nil)),
        ] as [(Int, [(String, String)], UpstreamAnswer)])
    func aStatusMeans(status: Int, headers: [(String, String)], answer: UpstreamAnswer) {
        #expect(Self.answer(status, headers) == answer)
    }

    @Test(
        arguments: [
            ("0", Duration.zero), ("7", .seconds(7)), (" 7 ", .seconds(7)), ("3600", .hours(1)), ("3601", .hours(1)),
            ("99999999999999999999999", .hours(1)), ("-5", .zero), ("Thu, 01 Jan 2026 00:00:30 GMT", .seconds(30)),
            ("Wed, 31 Dec 2025 23:00:00 GMT", .zero), ("Fri, 01 Jan 2100 00:00:00 GMT", .hours(1)), ("soon", nil),
            ("", nil), ("1.5", nil), ("7 seconds", nil),
        ] as [(String, Duration?)])
    func theEdgeSaysWhenToComeBackWithinReason(header: String, wait: Duration?) {
        #expect(Self.answer(429, [("Retry-After", header)]) == .throttled(after: wait))
        #expect(Self.answer(502, [("Retry-After", header)]) == .unavailable(after: wait))
    }

    @Test(
        arguments: [
            ([], .throttled(after: nil)), ([("RateLimit", #""api";r=1;t=23"#)], .throttled(after: nil)),
            ([("RateLimit", "nonsense")], .throttled(after: nil)),
            ([("RateLimit", #""api";r=0"#)], .throttled(after: nil)),
            ([("RateLimit-Policy", #""fixed window";"api";q=500;w=300"#)], .throttled(after: nil)),
            ([limit], .quotaExhausted(until: now + .seconds(24))),
            ([("ratelimit", #""api";r=0;t=0"#)], .quotaExhausted(until: now + .seconds(1))),
            ([("RateLimit", #""api";r=9;t=9, "pages";r=0;t=60"#)], .quotaExhausted(until: now + .seconds(61))),
            ([limit, ("Retry-After", "5")], .quotaExhausted(until: now + .seconds(24))),
            ([limit, ("Retry-After", "300")], .quotaExhausted(until: now + .seconds(300))),
            ([limit, ("Retry-After", "999999")], .quotaExhausted(until: now + .hours(1))),
            ([("RateLimit", #""api";r=0;t=9223372036854775807"#)], .quotaExhausted(until: now + .seconds(86_401))),
        ] as [([(String, String)], UpstreamAnswer)])
    func onlyAnEmptyQuotaIsCalledUsedUp(headers: [(String, String)], answer: UpstreamAnswer) {
        #expect(Self.answer(429, headers) == answer)
    }

    @Test(
        arguments: [
            ([("RateLimit", #""api";r=495;t=23"#)], 495, 23, nil),
            (
                [("RateLimit", #""api";r=495;t=23"#), ("RateLimit-Policy", #""fixed window";"api";q=500;w=300"#)], 495,
                23,
                500
            ), ([("RateLimit", #""api";r=1;t=99999999999"#)], 1, 86_400, nil),
        ] as [([(String, String)], Int, Int, Int?)])
    func theQuotaIsRead(headers: [(String, String)], remaining: Int, reset: Int, quota: Int?) throws {
        let lines = ResponseHeaders(headers.map { HeaderLine($0.0, $0.1) })
        let read = try #require(UpstreamAnswer.Quota(lines))
        #expect(read.remaining == remaining && read.resetSeconds == reset && read.quota == quota)
    }
}
