import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

/// A worker on a real database: what it takes, what it stores, and what it leaves to others.
@Suite(.timeLimit(.minutes(10))) struct WorkerTests {
    @Test func aResultIsStoredWithTheEnd() async throws {
        let shop = try await Workshop()
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                StageResult(writes: [saidWord(work.word, by: context.job)], next: [OtherWork(number: 7).job()])
            })
        let ids = try shop.enqueue([SayWord(word: "hello").job(traceParent: "00-trace")])
        try await shop.run(shop.worker([runner])) { try await shop.log.wait(for: "job ended") }

        #expect(try shop.effects() == ["hello"])
        let jobs = try shop.jobs()
        #expect(jobs.map(\.state) == [.done, .ready])
        #expect(jobs[1].kind == "other-work" && jobs[1].payload == "{\"number\":7}" && jobs[1].uniqueHeld)
        #expect(jobs[1].parent == ids[0] && jobs[1].traceParent == "00-trace")
    }

    /// The write before the bad one and the follow-up go with it: they are one transaction with the end.
    @Test func whatTheSchemaRefusesMakesOnlyThatJobDead() async throws {
        let shop = try await Workshop()
        let gate = Gate()
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                await gate.pass()
                return StageResult(
                    writes: [saidWord("before", by: context.job), saidWord(work.word, by: context.job)],
                    next: [OtherWork(number: 0).job()])
            })
        _ = try shop.enqueue(["one", "bad", "two", "three"].map { SayWord(word: $0).job() })
        try await shop.run(shop.worker([runner])) {
            gate.open()
            try await shop.log.wait(for: "job ended", count: 3)
            try await shop.log.wait(for: "job is dead")
        }
        #expect(try shop.effects() == ["before", "one", "before", "two", "before", "three"])
        let jobs = try shop.jobs()
        #expect(jobs.prefix(4).map(\.state) == [.done, .dead, .done, .done])
        #expect(jobs[1].errorClass == "constraint")
        #expect(jobs.count == 7, "three follow-ups")
    }

    /// A statement that fails for another reason than the schema would otherwise take the whole process along, again
    /// and again.
    @Test func aStatementThatCannotRunMakesOnlyThatJobDead() async throws {
        let shop = try await Workshop()
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                work.word == "odd"
                    ? StageResult(writes: [Query<Void>("SELECT json('no json')")])
                    : StageResult(writes: [saidWord(work.word, by: context.job)])
            })
        _ = try shop.enqueue(["one", "odd", "two"].map { SayWord(word: $0).job() })
        try await shop.run(shop.worker([runner])) {
            try await shop.log.wait(for: "job ended", count: 2)
            try await shop.log.wait(for: "job is dead")
        }
        #expect(try shop.effects() == ["one", "two"])
        #expect(try shop.jobs()[1].errorClass == "statement")
    }

    @Test func aWorkerThatLostItsLeaseStoresNothing() async throws {
        let shop = try await Workshop()
        let (started, gate) = (Gate(), Gate())
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                started.open()
                await gate.pass()
                return StageResult(
                    writes: [saidWord(work.word, by: context.job)], next: [OtherWork(number: 0).job()])
            })
        let ids = try shop.enqueue([SayWord(word: "late").job()])
        try await shop.run(shop.worker([runner], timing: Workshop.asleep)) {
            defer { gate.open() }
            await started.pass()
            let taken = try shop.place.open().transaction { other throws(SQLiteError) in
                try other.expireLeases(leaseNow: .max, now: shop.time.now())
                return try other.claim(
                    kind: SayWord.name, stage: .fetch, limit: 1, worker: "other", leaseUntil: .max,
                    now: shop.time.now())
            }
            #expect(taken.map(\.id) == ids)
            gate.open()
            try await shop.log.wait(for: "job lease lost")
        }
        #expect(try shop.effects().isEmpty)
        let jobs = try shop.jobs()
        #expect(jobs.map(\.state) == [.running] && jobs[0].worker == "other" && jobs[0].attempt == 2)
    }

    @Test(arguments: [
        ("{}", 1, "does not decode"), ("no json", 1, "is not an object"), ("{\"word\":5}", 1, "does not decode"),
        ("", 1, "is not an object"), ("5", 1, "is not an object"),
        ("{\"word\":\"hello\"}", 0, "there is no payload version 0"),
        ("{\"word\":\"hello\"}", 2, "newer than this binary's"),
    ])
    func aPayloadThatCannotBeReadIsDeadAtOnce(payload: String, version: Int, reason: String) async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([
            NewJob(kind: SayWord.name, stage: .fetch, payload: payload, payloadVersion: version, maxAttempts: 3)
        ])
        try await shop.run(shop.worker([saying])) { try await shop.log.wait(for: "job is dead") }
        let job = try #require(try shop.jobs().first)
        #expect(job.state == .dead && job.attempt == 1 && job.errorClass == "payload")
        #expect(job.errorMessage?.contains(reason) == true)
    }

    @Test func aFieldThatIsNewMayBeMissingAndOneThatIsOldMayStay() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([
            NewJob(kind: SayWord.name, stage: .fetch, payload: "{\"word\":\"a\",\"gone\":1}", maxAttempts: 1)
        ])
        try await shop.run(shop.worker([saying])) { try await shop.log.wait(for: "job ended") }
        #expect(try shop.effects() == ["a"])
    }

    @Test func anUnknownKindIsNeverClaimed() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([
            NewJob(kind: "from-the-future", stage: .fetch, payload: "{}", priority: 10, maxAttempts: 1),
            SayWord(word: "a").job(), SayWord(word: "b").job(),
        ])
        try await shop.run(shop.worker([saying])) { try await shop.log.wait(for: "job ended", count: 2) }
        let job = try #require(try shop.jobs().first)
        #expect(job.state == .ready && job.attempt == 0)
    }

    @Test func twoWorkersShareTheJobsAndDoEachOnce() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue((0..<200).map { SayWord(word: "w\($0)").job() })
        try await shop.run(shop.worker([saying], name: "a"), shop.worker([saying], name: "b")) {
            try await shop.log.wait(for: "job ended", count: 200)
        }
        #expect(try shop.effects() == (0..<200).map { "w\($0)" })
        #expect(try shop.jobs().allSatisfy { $0.state == .done && $0.attempt == 1 })
        #expect(shop.log.named("job ended").count == 200)
        #expect(shop.log.named("job lease lost").isEmpty)
    }

    @Test func neverRunsMoreOfAKindThanItsConcurrency() async throws {
        let shop = try await Workshop()
        let gate = Gate()
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                context.log.log(.info, "started")
                await gate.pass()
                return StageResult()
            })
        _ = try shop.enqueue((0..<10).map { SayWord(word: "\($0)").job() })
        try await shop.run(shop.worker([runner])) {
            defer { gate.open() }
            try await shop.log.wait(for: "started", count: SayWord.concurrency)
            #expect(try shop.place.open().count(of: .running) == SayWord.concurrency)
            gate.open()
            try await shop.log.wait(for: "job ended", count: 10)
        }
    }

    @Test func aFailureIsTriedAgainInItsTimeAndThenGivenUp() async throws {
        let shop = try await Workshop()
        let runner = KindRunner(
            Closure(SayWord.self) { _, context throws(JobFailure) in
                #expect(context.isLastAttempt == (context.attempt == 3))
                throw .transient("timeout", "attempt \(context.attempt)")
            })
        let ids = try shop.enqueue([SayWord(word: "a").job()])
        try await shop.run(shop.worker([runner])) {
            for attempt in 1...2 {
                try await shop.log.wait(for: "job will be tried again", count: attempt)
                let job = try #require(try shop.jobs().first)
                #expect(job.state == .scheduled && job.runAt - shop.time.now() == .seconds(attempt))
                shop.time.advance(by: .seconds(attempt))
            }
            try await shop.log.wait(for: "job is dead")
        }
        let job = try #require(try shop.jobs().first)
        #expect(job.state == .dead && job.errorMessage == "gave up after 3 attempts: attempt 3")
        #expect(try shop.place.open().attempts(of: ids[0]).map(\.outcome) == ["retried", "retried", "dead"])
    }
}
