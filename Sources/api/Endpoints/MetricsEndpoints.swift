import Daemon
import HTTPServer
import Jobs
import Model
import SQLite
import Store

/// `/metrics`: what operators graph and alert on, read from the same tables as the queue's commands.
struct MetricsEndpoints: Sendable {
    let site: Site
    let meter: RequestMeter

    func metrics(_ request: Request, _ parameters: Parameters) async -> Response {
        var metrics = OpenMetrics()
        metrics.family("helicarrier_build", .info, "The release that answers.")
        metrics.sample("helicarrier_build_info", [("version", Release.version)], 1)
        metrics.family("helicarrier_ready", .gauge, "1 where the database is open and the process takes requests.")
        metrics.sample("helicarrier_ready", [], site.open == nil ? 0 : 1)
        writeRequests(to: &metrics)
        if let open = site.open, let facts = try? await open.reader.read(Self.facts) {
            write(facts, to: &metrics)
        }
        metrics.family("helicarrier_wal_bytes", .gauge, "Size of the write-ahead log.")
        metrics.sample("helicarrier_wal_bytes", [], Int(FileSize.of(site.settings.location.path + "-wal")))
        metrics.family("helicarrier_database_bytes", .gauge, "Size of the database file.")
        metrics.sample("helicarrier_database_bytes", [], Int(FileSize.of(site.settings.location.path)))
        return Response(
            status: 200,
            headers: [HeaderField("Content-Type", OpenMetrics.contentType), HeaderField("Cache-Control", "no-store")],
            body: .bytes(metrics.finished()))
    }

    /// What is read from the database for one answer.
    private struct Facts: Sendable {
        let backlog: [StageBacklog]
        let quota: UpstreamQuota?
    }

    @Sendable private static func facts(_ db: borrowing Connection) throws(SQLiteError) -> Facts {
        let backlog = try db.backlog()
        return Facts(backlog: backlog, quota: try db.run(.upstreamQuota()).first)
    }

    private func writeRequests(to metrics: inout OpenMetrics) {
        let all = meter.all
        metrics.family("helicarrier_http_requests", .counter, "Requests answered, by route template.")
        for (key, tally) in all {
            metrics.sample("helicarrier_http_requests_total", Self.labels(key), tally.count)
        }
        metrics.family("helicarrier_http_request_duration_seconds", .histogram, "How long answers took.")
        for (key, tally) in all {
            let name = "helicarrier_http_request_duration_seconds"
            for (bound, count) in zip(RequestMeter.bounds, tally.within) {
                metrics.sample("\(name)_bucket", Self.labels(key) + [("le", "\(bound)")], count)
            }
            metrics.sample("\(name)_bucket", Self.labels(key) + [("le", "+Inf")], tally.count)
            metrics.sample("\(name)_sum", Self.labels(key), tally.seconds)
            metrics.sample("\(name)_count", Self.labels(key), tally.count)
        }
    }

    private static func labels(_ key: RequestMeter.Key) -> [(String, String)] {
        [("route", key.route), ("method", key.method), ("status", "\(key.status)")]
    }

    private func write(_ facts: Facts, to metrics: inout OpenMetrics) {
        metrics.family("helicarrier_queue_jobs", .gauge, "Jobs by stage and state.")
        for stage in facts.backlog {
            let states = [
                ("ready", stage.ready), ("scheduled", stage.scheduled), ("retrying", stage.retrying),
                ("running", stage.running), ("dead", stage.dead),
            ]
            for (state, count) in states {
                metrics.sample("helicarrier_queue_jobs", [("stage", stage.stage.rawValue), ("state", state)], count)
            }
        }
        metrics.family("helicarrier_queue_oldest_ready_seconds", .gauge, "Age of the job that has waited longest.")
        for stage in facts.backlog {
            let age = Double(stage.oldestReadyAge?.milliseconds ?? 0) / 1_000
            metrics.sample("helicarrier_queue_oldest_ready_seconds", [("stage", stage.stage.rawValue)], age)
        }
        metrics.family("helicarrier_queue_paused", .gauge, "1 where a stage or a kind of it is paused.")
        for stage in facts.backlog {
            metrics.sample(
                "helicarrier_queue_paused", [("stage", stage.stage.rawValue)], stage.pauses.isEmpty ? 0 : 1)
        }
        guard let remaining = facts.quota?.remaining else { return }
        metrics.family("helicarrier_upstream_quota_remaining", .gauge, "Calls left, as the upstream last said.")
        metrics.sample("helicarrier_upstream_quota_remaining", [], remaining)
    }
}
