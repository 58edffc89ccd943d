import Daemon
import Deployment
import HTTPServer
import Model
import SQLite
import Store
import Synchronization

/// Counts the requests of each account against a limit that all api processes share.
///
/// A process takes slices of a sixteenth of what is left, at least one request, from the shared row, and counts in
/// memory while a slice lasts. So the limit is never exceeded, however many processes there are. What a process took
/// and did not spend within ``sliceLife`` it gives back when it takes the next; until then it is missing to the others,
/// at most a sixteenth of the limit for each process.
final class RateLimiter: Sendable {
    static let sliceLife: Duration = .seconds(5)
    private static let share = 16
    /// Accounts in memory; beyond it those without a slice are forgotten.
    private static let mostAccounts = 20_000

    private struct Slice {
        var granted: Int
        /// What was left for everybody when the slice was taken.
        var shared: Int
        var endsAt: Timestamp
        /// Where nothing was granted: no need to ask the database again before then.
        var blockedUntil: Timestamp?
    }

    /// How a slice is taken; `nil` where the database cannot be asked.
    /// - unspent: what is given back of the slice before.
    typealias Take =
        @Sendable (_ account: String, _ wanted: Int, _ unspent: Int, _ limit: RateLimit, Timestamp) async -> RateSlice?

    private let slices = Mutex<[String: Slice]>([:])
    private let take: Take

    init(take: @escaping Take) {
        self.take = take
    }

    /// What became of one request.
    struct Verdict: Equatable, Sendable {
        let isGranted: Bool
        let limit: RateLimit
        let remaining: Int
        /// Whole seconds until the limit is whole again.
        let reset: Int64
        /// Whole seconds until a request will be let through, at least 1.
        let retryAfter: Int64
    }

    func charge(_ account: String, _ limit: RateLimit, now: Timestamp) async -> Verdict {
        if let verdict = spend(account, limit, now: now) { return verdict }
        let (left, unspent) = slices.withLock { slices in
            guard let slice = slices[account] else { return (limit.requests, 0) }
            // It is given back once: whoever asks beside this one finds nothing left of it.
            if slice.endsAt <= now { slices[account]?.granted = 0 }
            return (slice.shared, slice.endsAt <= now ? slice.granted : 0)
        }
        let wanted = max(1, min(left, limit.requests) / Self.share)
        guard let slice = await take(account, wanted, unspent, limit, now) else {
            // A database that is busy must not turn readers away who are within their limit.
            return verdict(true, limit, remaining: 0, now: now, freeAt: now)
        }
        slices.withLock { slices in
            if slices.count >= Self.mostAccounts { slices = slices.filter { $0.value.endsAt > now } }
            // Another request may have taken one meanwhile.
            let held = slices[account].map { $0.endsAt > now ? $0.granted : 0 } ?? 0
            slices[account] = Slice(
                granted: held + slice.granted, shared: slice.left, endsAt: now + Self.sliceLife,
                blockedUntil: slice.granted == 0 && held == 0 ? slice.freeAt : nil)
        }
        return spend(account, limit, now: now) ?? verdict(false, limit, remaining: 0, now: now, freeAt: slice.freeAt)
    }

    /// A request that turned out to be free.
    func giveBack(_ account: String, _ verdict: Verdict) -> Verdict {
        guard verdict.isGranted else { return verdict }
        slices.withLock { $0[account]?.granted += 1 }
        return Verdict(
            isGranted: true, limit: verdict.limit, remaining: min(verdict.limit.requests, verdict.remaining + 1),
            reset: verdict.reset, retryAfter: verdict.retryAfter)
    }

    /// - Returns: `nil` where a slice must be taken first.
    private func spend(_ account: String, _ limit: RateLimit, now: Timestamp) -> Verdict? {
        let left: (remaining: Int, freeAt: Timestamp?)? = slices.withLock { slices in
            guard let slice = slices[account] else { return nil }
            if let blocked = slice.blockedUntil, blocked > now { return (0, blocked) }
            guard slice.endsAt > now, slice.granted > 0 else { return nil }
            slices[account]?.granted -= 1
            return (slice.granted - 1 + slice.shared, nil)
        }
        guard let left else { return nil }
        return verdict(left.freeAt == nil, limit, remaining: left.remaining, now: now, freeAt: left.freeAt ?? now)
    }

    private func verdict(
        _ isGranted: Bool, _ limit: RateLimit, remaining: Int, now: Timestamp, freeAt: Timestamp
    ) -> Verdict {
        let used = Double(limit.requests - min(remaining, limit.requests)) / Double(limit.requests)
        let reset = Int64((used * Double(limit.seconds)).rounded(.up))
        let wait = max(1, ((freeAt - now).milliseconds + 999) / 1_000)
        return Verdict(
            isGranted: isGranted, limit: limit, remaining: min(remaining, limit.requests), reset: reset,
            retryAfter: wait)
    }
}

extension RateLimiter {
    /// Over the database that all processes share. Times are the wall clock's, as every process has the same.
    convenience init(open: @escaping @Sendable () -> Site.Open?) {
        self.init { account, wanted, unspent, limit, now in
            // Nobody comes near it, so nobody pays for sharing it.
            if limit == .generous { return RateSlice(granted: wanted, left: limit.requests - wanted, freeAt: now) }
            guard let open = open() else { return nil }
            return try? await open.writer.write { db throws(SQLiteError) in
                try db.takeRate(
                    account, wanted: wanted, unspent: unspent, requests: limit.requests, window: limit.window, now: now)
            }
        }
    }
}

extension RateLimiter.Verdict {
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11), and the older names.
    var headers: [HeaderField] {
        [
            HeaderField("RateLimit-Policy", "\"default\";q=\(limit.requests);w=\(limit.seconds)"),
            HeaderField("RateLimit", "\"default\";r=\(remaining);t=\(reset)"),
            HeaderField("X-RateLimit-Limit", "\(limit.requests)"),
            HeaderField("X-RateLimit-Remaining", "\(remaining)"), HeaderField("X-RateLimit-Reset", "\(reset)"),
        ]
    }
}
