import Daemon
import Jobs
import Model
import SQLite
import Store

/// The queue's part of `/metrics`: the figures of the view `queue_backlog` and the counters of all workers.
struct QueueMetrics: Sendable {
    let backlog: [StageBacklog]
    /// Since ever.
    let counts: [QueueCount]
    let quota: UpstreamQuota?

    /// To be read at one moment.
    @Sendable static func read(_ db: borrowing Connection) throws(SQLiteError) -> QueueMetrics {
        QueueMetrics(
            backlog: try db.backlog(), counts: try db.run(.queueCounts(since: nil)),
            quota: try db.run(.upstreamQuota()).first)
    }

    func write(to metrics: inout OpenMetrics) {
        writeDepth(to: &metrics)
        writeCounters(to: &metrics)
        for (what, name, help) in [
            ("wait", "helicarrier_queue_wait_seconds", "From due to started, of attempts that ended."),
            ("run", "helicarrier_queue_run_seconds", "From started to ended, of attempts that ended."),
        ] {
            writeTimes(what, name, help, to: &metrics)
        }
        guard let remaining = quota?.remaining else { return }
        metrics.family("helicarrier_upstream_quota_remaining", .gauge, "Calls left, as the upstream last said.")
        metrics.sample("helicarrier_upstream_quota_remaining", [], remaining)
    }

    private func writeDepth(to metrics: inout OpenMetrics) {
        metrics.family("helicarrier_queue_jobs", .gauge, "Jobs by stage and state.")
        for stage in backlog {
            let states = [
                ("ready", stage.ready), ("scheduled", stage.scheduled), ("retrying", stage.retrying),
                ("running", stage.running), ("dead", stage.dead),
            ]
            for (state, count) in states {
                metrics.sample("helicarrier_queue_jobs", [("stage", stage.stage.rawValue), ("state", state)], count)
            }
        }
        let gauges: [(name: String, help: String, value: (StageBacklog) -> Double?)] = [
            (
                "helicarrier_queue_oldest_ready_seconds", "Age of the job that has waited longest; 0 if none waits.",
                { ($0.oldestReadyAge ?? .zero).inSeconds }
            ),
            (
                "helicarrier_queue_objective_seconds", "How old the oldest waiting job may become.",
                { $0.objective?.inSeconds }
            ),
            (
                "helicarrier_queue_depth_limit", "How many jobs may wait before producers are refused.",
                { $0.depthLimit.map { Double($0) } }
            ),
            (
                "helicarrier_queue_paused", "1 where a stage or a kind of it is paused.",
                { $0.pauses.isEmpty ? 0 : 1 }
            ),
            ("helicarrier_queue_done_1h", "Jobs that ended well in the last hour.", { Double($0.done) }),
            ("helicarrier_queue_retried_1h", "Attempts of the last hour that are repeated.", { Double($0.retried) }),
            ("helicarrier_queue_dead_1h", "Jobs that became dead in the last hour.", { Double($0.died) }),
            (
                "helicarrier_queue_run_p50_seconds", "How long half of the last hour's attempts took at most.",
                { $0.p50?.inSeconds }
            ),
            (
                "helicarrier_queue_run_p95_seconds", "How long 95 % of the last hour's attempts took at most.",
                { $0.p95?.inSeconds }
            ),
        ]
        for gauge in gauges {
            metrics.family(gauge.name, .gauge, gauge.help)
            for stage in backlog {
                guard let value = gauge.value(stage) else { continue }
                metrics.sample(gauge.name, [("stage", stage.stage.rawValue)], value)
            }
        }
    }

    private func writeCounters(to metrics: inout OpenMetrics) {
        metrics.family("helicarrier_queue_attempts", .counter, "Attempts that ended, by how.")
        for end in ["done", "retried", "dead", "released", "snoozed", "cancelled", "expired"] {
            for (labels, amount) in known(end) {
                metrics.sample("helicarrier_queue_attempts_total", labels + [("outcome", end)], amount)
            }
        }
        for (what, name, help) in [
            ("retried", "helicarrier_queue_retries", "Attempts that failed and are repeated."),
            ("expired", "helicarrier_queue_leases_expired", "Jobs taken back from workers that had gone quiet."),
            ("fenced", "helicarrier_queue_finishes_fenced", "Ends that were refused: the lease was lost before."),
        ] {
            metrics.family(name, .counter, help)
            for (labels, amount) in known(what) { metrics.sample(name + "_total", labels, amount) }
        }
        metrics.family("helicarrier_busy_waits", .counter, "Sleeps while another process held the lock, by stage.")
        metrics.sample("helicarrier_busy_waits_total", [("stage", "api")], BusyWaits.count)
        for count in counts where count.what == "busy" {
            metrics.sample("helicarrier_busy_waits_total", [("stage", count.stage)], count.amount)
        }
    }

    /// How often something has happened, by kind. What never has is 0 and is there: a series that begins with its first
    /// event shows no increase.
    private func known(_ what: String) -> [(labels: [(String, String)], amount: Int)] {
        let found = counts.filter { $0.what == what }
        let others = Catalog.kinds.filter { kind in !found.contains { $0.kind == kind.name } }
        return found.map { ([("stage", $0.stage), ("kind", $0.kind)], $0.amount) }
            + others.map { ([("stage", $0.stage.rawValue), ("kind", $0.name)], 0) }
    }

    /// The bounds are powers of two milliseconds, up to half an hour: every fourth of the stored ones.
    private func writeTimes(_ what: String, _ name: String, _ help: String, to metrics: inout OpenMetrics) {
        metrics.family(name, .histogram, help)
        let times = Dictionary(grouping: counts.filter { $0.what == what }) { [$0.stage, $0.kind] }
        for key in times.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let labels = [("stage", key[0]), ("kind", key[1])]
            let buckets = times[key] ?? []
            for power in 0...21 {
                let bound = Int64(1) << power
                let within = buckets.reduce(0) { $1.bound <= bound ? $0 + $1.amount : $0 }
                metrics.sample(name + "_bucket", labels + [("le", "\(Double(bound) / 1_000)")], within)
            }
            let all = buckets.reduce(0) { $0 + $1.amount }
            let sum = counts.first { [$0.stage, $0.kind] == key && $0.what == what + "_ms" }?.amount ?? 0
            metrics.sample(name + "_bucket", labels + [("le", "+Inf")], all)
            metrics.sample(name + "_sum", labels, Double(sum) / 1_000)
            metrics.sample(name + "_count", labels, all)
        }
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(milliseconds) / 1_000 }
}
