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
        let isReady = if case .open = site.current { 1 } else { 0 }
        metrics.sample("helicarrier_ready", [], isReady)
        writeRequests(to: &metrics)
        if let open = site.open, let queue = try? await open.reader.read(QueueMetrics.read) {
            queue.write(to: &metrics)
        }
        let moment = SystemClock.now()
        let deliveries = try? await site.open?.reader.read { db throws(SQLiteError) in
            try DeliveryMetrics.read(db, now: moment)
        }
        deliveries?.write(to: &metrics)
        let alerts = try? await site.open?.reader.read { db throws(SQLiteError) in
            try AlertMetrics.read(db, now: moment)
        }
        alerts?.write(to: &metrics)
        await writeLedger(to: &metrics)
        writeCache(to: &metrics)
        metrics.family("helicarrier_wal_bytes", .gauge, "Size of the write-ahead log.")
        metrics.sample("helicarrier_wal_bytes", [], Int(FileSize.of(site.settings.location.path + "-wal")))
        metrics.family("helicarrier_database_bytes", .gauge, "Size of the database file.")
        metrics.sample("helicarrier_database_bytes", [], Int(FileSize.of(site.settings.location.path)))
        if let free = FileSize.free(at: site.settings.location.path) {
            metrics.family("helicarrier_disk_free_bytes", .gauge, "Free on the file system of the database.")
            metrics.sample("helicarrier_disk_free_bytes", [], Int(free))
        }
        writePublished(at: moment, to: &metrics)
        writeCheckpoint(to: &metrics)
        writeBackup(to: &metrics)
        return Response(
            status: 200,
            headers: [
                HeaderField("Content-Type", OpenMetrics.contentType), HeaderField("Cache-Control", "no-store"),
                HeaderField("X-Content-Type-Options", "nosniff"),
            ],
            body: .bytes(metrics.finished()))
    }

    /// Bodies that are kept as they are sent.
    private func writeCache(to metrics: inout OpenMetrics) {
        let bodies = site.bodies.figures
        metrics.family("helicarrier_cache_requests", .counter, "Answers that were kept ready (hit) or made (miss).")
        metrics.sample("helicarrier_cache_requests_total", [("result", "hit")], bodies.hits)
        metrics.sample("helicarrier_cache_requests_total", [("result", "miss")], bodies.misses)
        metrics.family("helicarrier_cache_evictions", .counter, "Kept answers that made room for others.")
        metrics.sample("helicarrier_cache_evictions_total", [], bodies.evictions)
        metrics.family("helicarrier_cache_entries", .gauge, "Answers that are kept ready.")
        metrics.sample("helicarrier_cache_entries", [], bodies.entries)
        metrics.family("helicarrier_cache_bytes", .gauge, "Size of the answers that are kept ready.")
        metrics.sample("helicarrier_cache_bytes", [], bodies.bytes)
    }

    /// How old what readers see is, by feed.
    private func writePublished(at moment: Timestamp, to metrics: inout OpenMetrics) {
        let newest = site.feeds.current.newest.sorted { $0.key < $1.key }
        guard !newest.isEmpty else { return }
        metrics.family("helicarrier_published_age_seconds", .gauge, "Since the newest snapshot was observed.")
        for (feed, view) in newest {
            let age = moment - view.publication.snapshot.observedAt
            metrics.sample("helicarrier_published_age_seconds", [("feed", feed)], Double(age.milliseconds) / 1_000)
        }
    }

    private func writeLedger(to metrics: inout OpenMetrics) async {
        site.ingests.write(to: &metrics)
        guard let counts = try? await site.open?.ledgerReader.run(.sessionCounts()) else { return }
        if let pending = try? await site.open?.ledgerReader.run(.pendingUsageCount()).first {
            metrics.family(
                "helicarrier_usage_pending", .gauge, "Sessions that the sums of usage do not show as they are yet.")
            metrics.sample("helicarrier_usage_pending", [], pending)
        }
        metrics.family("helicarrier_sessions", .gauge, "Sessions in the ledger, by status.")
        for status in SessionStatus.allCases.map(\.rawValue) {
            let count = counts.first { $0.status == status }?.count ?? 0
            metrics.sample("helicarrier_sessions", [("status", status)], count)
        }
    }

    /// How far the one checkpointer is behind.
    private func writeCheckpoint(to metrics: inout OpenMetrics) {
        guard let last = LastCheckpoint.read(site.settings.location) else { return }
        metrics.family("helicarrier_checkpoint_age_seconds", .gauge, "Since the last checkpoint of the log.")
        metrics.sample(
            "helicarrier_checkpoint_age_seconds", [], Double((SystemClock.now() - last.at).milliseconds) / 1_000)
        metrics.family("helicarrier_checkpoint_complete", .gauge, "0 where a reader kept the last one from its end.")
        metrics.sample("helicarrier_checkpoint_complete", [], last.isComplete ? 1 : 0)
    }

    /// Nothing where none was made: an alert can ask for that too.
    private func writeBackup(to metrics: inout OpenMetrics) {
        guard let last = LastBackup.read(site.settings.location) else { return }
        metrics.family("helicarrier_backup_age_seconds", .gauge, "Since the moment whose data the last backup holds.")
        metrics.sample("helicarrier_backup_age_seconds", [], Double((SystemClock.now() - last.at).milliseconds) / 1_000)
        metrics.family("helicarrier_backup_bytes", .gauge, "Size of the last backup.")
        metrics.sample("helicarrier_backup_bytes", [], Int(last.bytes))
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
}
