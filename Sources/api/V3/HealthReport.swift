import JSON
import Model

/// The body of v3's `GET /api/health`, which is always answered with 200.
///
/// - A snapshot must exist, the cache must work and scores must compute, else the status is `failed`.
/// - If only fetching fails, the last snapshot is still served: `degraded`.
struct HealthReport: Equatable, Sendable {
    enum Status: String, Sendable {
        case ok, degraded, failed
    }

    /// A curated model's latest fetch, in list order.
    struct CuratedFetch: Equatable, Sendable {
        let displayName: String
        /// Why its figures could not be had; `nil` when they were.
        let error: String?
    }

    /// The snapshot that is being served.
    struct Served: Equatable, Sendable {
        let updatedAt: Timestamp
        let ageSeconds: Int64
    }

    var curated: [CuratedFetch]
    /// Why the newest refresh as a whole came to nothing; `nil` when it did not.
    var refreshError: String?
    var cacheReads: Bool
    var cacheWrites: Bool
    /// Why the newest scores could not be computed; `nil` when they were.
    var scoreError: String?
    var snapshot: Served?

    /// The first failing model in list order. A refresh that failed as a whole failed for each model, so the first
    /// of the list is named.
    var fetchError: String? {
        if let failing = curated.first(where: { $0.error != nil }), let error = failing.error {
            return "\(failing.displayName): \(error)"
        }
        guard let refreshError else { return nil }
        return curated.first.map { "\($0.displayName): \(refreshError)" } ?? refreshError
    }

    var status: Status {
        guard snapshot != nil, cacheReads, cacheWrites, scoreError == nil else { return .failed }
        return fetchError == nil ? .ok : .degraded
    }

    /// Compact JSON in v3's key order.
    func document() -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string(status.rawValue)
        json.key("components")
        json.beginObject()
        json.key("huggingFaceFetch")
        json.component(error: fetchError)
        json.key("cache")
        json.beginObject()
        json.key("read")
        json.string(outcome(cacheReads))
        json.key("write")
        json.string(outcome(cacheWrites))
        json.endObject()
        json.key("scoreCompute")
        json.component(error: scoreError)
        json.endObject()
        json.key("snapshot")
        json.beginObject()
        json.key("updatedAt")
        json.string(snapshot?.updatedAt.rfc3339)
        json.key("ageSeconds")
        json.integer(snapshot?.ageSeconds)
        json.endObject()
        json.endObject()
        return json.finished()
    }
}

extension JSONWriter {
    fileprivate mutating func component(error: String?) {
        beginObject()
        key("status")
        string(outcome(error == nil))
        key("lastError")
        string(error)
        endObject()
    }
}

private func outcome(_ works: Bool) -> String {
    works ? "ok" : "failed"
}
