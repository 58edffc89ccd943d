import Ledger
import Synchronization

/// What this process has been sent to take, by what became of it, and how many sessions went into one commit.
final class IngestMeter: Sendable {
    /// Upper bounds of the buckets.
    static let bounds = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    static let outcomes = [
        "fresh", "updated", "replayed", "conflict", "invalid", "unsupported", "malformed", "unavailable", "failed",
    ]

    private struct Tally {
        var outcomes: [String: Int] = [:]
        var within = [Int](repeating: 0, count: IngestMeter.bounds.count)
        var groups = 0
        var entries = 0
    }

    private let tally = Mutex(Tally())

    func count(_ outcome: String) { tally.withLock { $0.outcomes[outcome, default: 0] += 1 } }

    /// One transaction.
    func count(group outcomes: [Result<RecordOutcome, LedgerFailure>]) {
        tally.withLock { tally in
            tally.groups += 1
            tally.entries += outcomes.count
            for (index, bound) in Self.bounds.enumerated() where outcomes.count <= bound { tally.within[index] += 1 }
            for outcome in outcomes { tally.outcomes[Self.word(outcome), default: 0] += 1 }
        }
    }

    private static func word(_ outcome: Result<RecordOutcome, LedgerFailure>) -> String {
        switch outcome {
        case .success(.fresh): "fresh"
        case .success(.updated): "updated"
        case .success(.replayed): "replayed"
        case .success(.conflict): "conflict"
        case .failure(.unavailable): "unavailable"
        case .failure(.broken): "failed"
        }
    }

    func write(to metrics: inout OpenMetrics) {
        let tally = tally.withLock { $0 }
        metrics.family("helicarrier_ingests", .counter, "Envelopes that this process was sent, by what became of them.")
        for outcome in Self.outcomes {
            metrics.sample("helicarrier_ingests_total", [("outcome", outcome)], tally.outcomes[outcome] ?? 0)
        }
        let name = "helicarrier_ingest_group_size"
        metrics.family(name, .histogram, "Sessions that one transaction recorded together.")
        for (bound, count) in zip(Self.bounds, tally.within) {
            metrics.sample("\(name)_bucket", [("le", "\(bound).0")], count)
        }
        metrics.sample("\(name)_bucket", [("le", "+Inf")], tally.groups)
        metrics.sample("\(name)_sum", [], tally.entries)
        metrics.sample("\(name)_count", [], tally.groups)
    }
}
