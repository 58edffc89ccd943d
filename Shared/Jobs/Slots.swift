import Model
import Synchronization

/// A job that was claimed, with what runs it.
struct Claim: Sendable {
    let runner: KindRunner
    let job: ClaimedJob
}

/// How many jobs of each kind a worker may still start, and how many it holds.
///
/// Places are taken before a claim and given back after it, so that two claims at a time never count on the same ones.
final class Slots: Sendable {
    private struct State {
        var free: [String: Int]
        var held = 0
        var ended = 0
    }

    /// Free places of a kind that are being claimed for.
    struct Free: Sendable {
        let runner: KindRunner
        let count: Int
    }

    private let runners: [KindRunner]
    /// What waits to be stored is held too: a disk that is full must not let ends pile up without end.
    private let mostHeld: Int
    private let state: Mutex<State>

    init(_ runners: [KindRunner]) {
        self.runners = runners
        mostHeld = 2 * runners.reduce(0) { $0 + $1.concurrency }
        state = Mutex(State(free: Dictionary(uniqueKeysWithValues: runners.map { ($0.kind, $0.concurrency) })))
    }

    /// Takes all places that are free.
    func takeFree() -> [Free] {
        state.withLock { state in
            guard state.held < mostHeld else { return [] }
            return runners.compactMap { runner in
                guard let count = state.free[runner.kind], count > 0 else { return nil }
                state.free[runner.kind] = 0
                return Free(runner: runner, count: count)
            }
        }
    }

    /// Gives the places back that no job was found for.
    func settle(_ taken: [Free], for claims: [Claim]) {
        state.withLock { state in
            for free in taken { state.free[free.runner.kind, default: 0] += free.count }
            for claim in claims { state.free[claim.job.kind, default: 0] -= 1 }
            state.held += claims.count
        }
    }

    /// The run of a job is over; its end is not stored yet.
    func leave(_ kind: String) {
        state.withLock { $0.free[kind, default: 0] += 1 }
    }

    /// Ends of jobs are stored, and the worker holds them no longer.
    func letGo(_ count: Int) {
        state.withLock { state in
            state.held -= count
            state.ended += count
        }
    }

    var pulse: WorkerPulse { state.withLock { WorkerPulse(held: $0.held, ended: $0.ended) } }

    /// Whether there is no lease to renew.
    var holdsNothing: Bool { state.withLock { $0.held == 0 } }
}

/// Claims on their way from the commit that made them to the loop that starts them.
final class Handover: Sendable {
    private let claims = Mutex<[Claim]>([])

    func add(_ more: [Claim]) {
        claims.withLock { $0 += more }
    }

    func takeAll() -> [Claim] {
        claims.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
