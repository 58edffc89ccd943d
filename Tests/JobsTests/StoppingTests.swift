import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

/// What a stop does to work that is going on.
@Suite(.timeLimit(.minutes(10))) struct StoppingTests {
    @Test func unfinishedJobsAreGivenBackWithoutACountedAttempt() async throws {
        let shop = try await Workshop()
        let runner = KindRunner(
            Closure(SayWord.self) { _, context throws(JobFailure) in
                context.log.log(.info, "started")
                await waitForCancellation()
                throw .interrupted
            })
        let ids = try shop.enqueue(["a", "b", "c"].map { SayWord(word: $0).job() })
        try await shop.run(shop.worker([runner])) { try await shop.log.wait(for: "started", count: 3) }
        #expect(try shop.jobs().allSatisfy { $0.state == .ready && $0.attempt == 0 })
        #expect(try shop.place.open().attempts(of: ids[0]).map(\.outcome) == ["released"])
    }

    /// Whatever the stop meets: jobs that run, that wait to be stored, or that a commit has just claimed.
    @Test(arguments: 1...8)
    func aBusyWorkerLeavesNothingBehind(stopAfter: Int) async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue((0..<200).map { SayWord(word: "\($0)").job() })
        let worker = try shop.worker([saying])
        try await shop.run(worker) { try await shop.log.wait(for: "job ended", count: stopAfter * 10) }
        let jobs = try shop.jobs()
        #expect(jobs.allSatisfy { $0.state == .done && $0.attempt == 1 || $0.state == .ready && $0.attempt == 0 })
        #expect(try shop.effects().count == jobs.count { $0.state == .done })
    }

    /// The stop is asked for while the stage still works, and the test's own time passes: far more than a lease.
    @Test func aStageThatFinishesAfterTheStopKeepsItsLeaseAndIsStored() async throws {
        let shop = try await Workshop()
        let (started, gate) = (Gate(), Gate())
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                started.open()
                await gate.pass()
                return StageResult(writes: [saidWord(work.word, by: context.job)])
            })
        _ = try shop.enqueue([SayWord(word: "slow").job()])
        let worker = try shop.worker([runner])
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { gate.open() }
            group.addTask { try await worker.run() }
            await started.pass()
            group.cancelAll()
            for _ in 0..<4 {
                shop.time.advance(by: .seconds(4))
                let beats = shop.log.named("leases renewed").count
                try await shop.log.wait(for: "leases renewed", count: beats + 2)
                let taken = try shop.place.open().expireLeases(leaseNow: shop.clock.now(), now: shop.time.now())
                #expect(taken.isEmpty)
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(try shop.effects() == ["slow"])
        #expect(try shop.jobs().map(\.state) == [.done])
    }

    @Test func aHeartbeatKeepsALongJob() async throws {
        let shop = try await Workshop()
        let (started, gate) = (Gate(), Gate())
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                started.open()
                await gate.pass()
                return StageResult(writes: [saidWord(work.word, by: context.job)])
            })
        _ = try shop.enqueue([SayWord(word: "long").job()])
        let (first, second) = try (shop.worker([runner], name: "a"), shop.worker([runner], name: "b"))
        try await shop.run(first, second) {
            defer { gate.open() }
            await started.pass()
            for _ in 0..<5 {
                shop.time.advance(by: .seconds(3))
                let beats = shop.log.named("leases renewed").count
                try await shop.log.wait(for: "leases renewed", count: beats + 2)
            }
            gate.open()
            try await shop.log.wait(for: "job ended")
        }
        #expect(try shop.effects() == ["long"])
        #expect(try shop.jobs().map(\.attempt) == [1])
        #expect(shop.log.named("lease expired").isEmpty)
    }

    /// The run of a job that an operator cancels is told so at the next heartbeat, and stores nothing.
    @Test func aCancelledJobsRunIsStopped() async throws {
        let shop = try await Workshop()
        let (started, gate) = (Gate(), Gate())
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                started.open()
                await withTaskCancellationHandler {
                    await gate.pass()
                } onCancel: {
                    gate.open()
                }
                return StageResult(writes: [saidWord(work.word, by: context.job)])
            })
        let ids = try shop.enqueue([SayWord(word: "unwanted").job()])
        try await shop.run(shop.worker([runner])) {
            await started.pass()
            try shop.place.open().run(Query<String>.cancel(ids[0], now: shop.time.now()))
            try await shop.log.wait(for: "job lease lost")
        }
        #expect(try shop.effects().isEmpty)
        #expect(try shop.jobs().map(\.state) == [.cancelled])
        let fenced = Query<Int>("SELECT sum(amount) FROM queue_count WHERE what = 'fenced'") { $0.count(0) }
        #expect(try shop.place.open().run(fenced) == [1])
    }

    @Test func anAbandonedJobIsDoneByAnother() async throws {
        let shop = try await Workshop()
        let ids = try shop.enqueue([SayWord(word: "orphan").job()])
        let lost = try shop.place.open().claim(
            kind: SayWord.name, stage: .fetch, limit: 1, worker: "killed", leaseUntil: shop.clock.now() + 5_000,
            now: shop.time.now())
        #expect(lost.count == 1)
        try await shop.run(shop.worker([saying])) {
            shop.time.advance(by: .seconds(6))
            try await shop.log.wait(for: "job ended")
        }
        #expect(try shop.effects() == ["orphan"])
        #expect(try shop.jobs().map(\.attempt) == [2])
        #expect(shop.log.named("lease expired").first?.fields["lost.worker"] == "killed")
        #expect(try shop.place.open().attempts(of: ids[0]).map(\.outcome) == ["expired"])
    }
}
