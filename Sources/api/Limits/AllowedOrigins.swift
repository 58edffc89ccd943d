import Daemon
import HTTPServer

/// Web pages elsewhere whose scripts may read v4 (`HELICARRIER_CORS_ORIGINS`); none by default. Pages send no cookie
/// here, so a page can do what its own token can and no more.
struct AllowedOrigins: Setting, Equatable, Sendable {
    static let expectation = "origins such as https://app.example.org,https://example.com, without a path"
    static let none = AllowedOrigins(origins: [])

    private static let readable =
        "ETag, Link, Location, X-Request-Id, X-Plan, X-SLA, RateLimit, RateLimit-Policy, X-RateLimit-Limit, "
        + "X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, Idempotency-Replayed, Deprecation, Sunset"
    let origins: [String]

    private init(origins: [String]) {
        self.origins = origins
    }

    init?(setting text: String) {
        let origins = text.split(separator: ",").map { String($0.filter { $0 != " " }) }
        for origin in origins {
            let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty, !parts[2].isEmpty,
                !origin.contains("*"), origin == origin.lowercased()
            else { return nil }
        }
        guard !origins.isEmpty else { return nil }
        self.init(origins: origins)
    }

    var isEmpty: Bool { origins.isEmpty }

    /// Lets the page that asks read the answer, if it may.
    func mark(_ response: inout Response, _ request: Request) {
        guard !isEmpty else { return }
        // Others get another answer, and a cache in between must know.
        if let place = response.headers.firstIndex(where: { $0.isNamed("Vary") }) {
            response.headers[place] = HeaderField("Vary", response.headers[place].value + ", Origin")
        } else {
            response.headers.append(HeaderField("Vary", "Origin"))
        }
        guard let origin = request.headers.first("Origin"), origins.contains(origin) else { return }
        response.headers += [
            HeaderField("Access-Control-Allow-Origin", origin),
            HeaderField("Access-Control-Expose-Headers", Self.readable),
        ]
    }

    /// The answer to a browser that asks before it sends.
    func preflight(_ request: Request, methods: [String]) -> Response {
        var response = Response(status: 204)
        mark(&response, request)
        guard response.header("Access-Control-Allow-Origin") != nil else { return response }
        response.headers += [
            HeaderField("Access-Control-Allow-Methods", methods.sorted().joined(separator: ", ")),
            HeaderField(
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, traceparent"),
            HeaderField("Access-Control-Max-Age", "600"),
        ]
        return response
    }
}
