import HTTPClient
import Model

/// What an answer of the upstream means, decided from its status and headers alone.
enum UpstreamAnswer: Equatable, Sendable {
    case page
    /// The page has not changed since its validator was given.
    case notModified
    case moved(String)
    /// The quota is used up: nobody calls before that moment.
    case quotaExhausted(until: Timestamp)
    /// The edge cache throttles, whatever the quota says: this call backs off by itself.
    case throttled(after: Duration?)
    /// May be better later.
    case unavailable(after: Duration?)
    /// Asking again will get the same answer.
    case refused

    /// The longest wait that a `Retry-After` may impose.
    private static let longestWait = Duration.hours(1)

    init(status: Int, headers: ResponseHeaders, now: Timestamp) {
        let after = headers.first("Retry-After")
            .flatMap { RetryAfter.wait($0, now: now.milliseconds) }.map { min($0, Self.longestWait) }
        switch status {
        case 200: self = .page
        case 304: self = .notModified
        case 301, 302, 307, 308: self = headers.first("Location").map { .moved($0) } ?? .refused
        case 429:
            if let limit = Quota(headers), limit.remaining == 0 {
                let reset = Duration.seconds(Int64(limit.resetSeconds) + 1)
                self = .quotaExhausted(until: now + max(reset, after ?? .zero))
            } else {
                self = .throttled(after: after)
            }
        case 408, 500, 502, 503, 504: self = .unavailable(after: after)
        default: self = .refused
        }
    }

    /// What the headers say about the upstream's own limit.
    struct Quota: Equatable, Sendable {
        /// No window of the upstream's is near this long; a header that says more is wrong, and no sum overflows on it.
        private static let longestReset = 86_400
        let remaining: Int
        let resetSeconds: Int
        let quota: Int?

        init?(_ headers: ResponseHeaders) {
            guard let limit = headers.first("RateLimit").flatMap({ RateLimitHeader.limit(in: $0) }) else { return nil }
            remaining = limit.remaining
            resetSeconds = min(limit.resetSeconds, Self.longestReset)
            quota = headers.first("RateLimit-Policy").flatMap { RateLimitHeader.policy(in: $0) }?.quota
        }
    }
}
