import Daemon
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

/// What makes a worker look, and what makes it look when that was lost.
@Suite(.timeLimit(.minutes(10))) struct WakingTests {
    /// The worker looks around once an hour by itself, so everything here is done by rings.
    @Test func aRingIsEnough() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([SayWord(word: "before").job()])
        try await shop.run(shop.worker([saying], timing: Workshop.asleep)) {
            // It listens before it claims.
            try await shop.log.wait(for: "job ended")
            for count in 2...20 {
                _ = try shop.enqueue([SayWord(word: "\(count)").job()])
                shop.doorbell.ring("fetch")
                try await shop.log.wait(for: "job ended", count: count)
            }
        }
        #expect(try shop.effects().count == 20)
    }

    @Test func aLostRingLosesNoJob() async throws {
        let shop = try await Workshop()
        try await shop.run(shop.worker([saying])) {
            for count in 1...5 {
                _ = try shop.enqueue([SayWord(word: "\(count)").job()])
                try await shop.log.wait(for: "job ended", count: count)
            }
        }
    }

    /// Follow-ups of a stage that are its own work need no slow poll.
    @Test func aChainOfJobsRunsByItself() async throws {
        let shop = try await Workshop()
        let runner = KindRunner(
            Closure(SayWord.self) { work, context throws(JobFailure) in
                let next = work.word.count < 30 ? [SayWord(word: work.word + "x").job()] : []
                return StageResult(writes: [saidWord(work.word, by: context.job)], next: next)
            })
        _ = try shop.enqueue([SayWord(word: "x").job()])
        try await shop.run(shop.worker([runner], timing: Workshop.asleep)) {
            try await shop.log.wait(for: "job ended", count: 30)
        }
        let jobs = try shop.jobs()
        #expect(jobs.count == 30 && zip(jobs, jobs.dropFirst()).allSatisfy { $1.parent == $0.id })
    }

    @Test func oneStageWakesTheOther() async throws {
        let shop = try await Workshop()
        let first = KindRunner(
            Closure(SayWord.self) { _, _ throws(JobFailure) in StageResult(next: [OtherWork(number: 1).job()]) })
        let second = KindRunner(
            Closure(OtherWork.self) { _, context throws(JobFailure) in
                StageResult(writes: [saidWord("other", by: context.job)])
            })
        let (a, b) = try (
            shop.worker([first], name: "a", timing: Workshop.asleep), shop.worker([second], name: "b")
        )
        _ = try shop.enqueue([SayWord(word: "x").job()])
        try await shop.run(a, b) { try await shop.log.wait(for: "job ended", count: 2) }
        #expect(try shop.effects() == ["other"])
    }

    @Test func aScheduledJobRunsWhenItsTimeHasCome() async throws {
        let shop = try await Workshop()
        let later = shop.time.now() + .seconds(60)
        _ = try shop.enqueue([SayWord(word: "later").job(runAt: later), SayWord(word: "now").job()])
        try await shop.run(shop.worker([saying])) {
            try await shop.log.wait(for: "job ended")
            #expect(try shop.effects() == ["now"])
            shop.time.advance(by: .seconds(60))
            try await shop.log.wait(for: "job ended", count: 2)
        }
        #expect(try shop.effects() == ["later", "now"])
    }

    /// Nobody rings and nobody writes when a pause ends by itself.
    @Test func aPauseEndsByItself() async throws {
        let shop = try await Workshop()
        let end = shop.time.now() + .seconds(30)
        try shop.place.open().run(
            Query<Void>(
                "INSERT INTO pause VALUES ('fetch', 'fetch', 'x', 'y', 0, ?1)",
                [.integer(end.milliseconds)]))
        _ = try shop.enqueue([SayWord(word: "patient").job(), OtherWork(number: 1).job()])
        let other = KindRunner(Closure(OtherWork.self) { _, _ throws(JobFailure) in StageResult() })
        try await shop.run(shop.worker([saying, other])) {
            try await shop.log.wait(for: "job ended")
            // By then the worker has looked in vain, and waits.
            try await shop.log.wait(for: "looked around", count: shop.log.named("looked around").count + 5)
            #expect(try shop.effects().isEmpty)
            shop.time.advance(by: .seconds(30))
            try await shop.log.wait(for: "job ended", count: 2)
        }
        #expect(try shop.effects() == ["patient"])
    }

    /// A claim that finds the disk full is repeated; the long name makes it need new pages.
    @Test func aFullDiskDelaysTheClaim() async throws {
        let shop = try await Workshop()
        let database = try shop.place.database()
        _ = try shop.enqueue([SayWord(word: "a").job()])
        try await database.access { db throws(SQLiteError) in try db.runScript("PRAGMA max_page_count = 1") }
        let name = String(repeating: "x", count: 100_000)
        try await shop.run(shop.worker([saying], name: name, database: database)) {
            try await shop.log.wait(for: "database waits", count: 3)
            try await database.access { db throws(SQLiteError) in
                try db.runScript("PRAGMA max_page_count = 1000000")
            }
            try await shop.log.wait(for: "job ended")
        }
        #expect(try shop.effects() == ["a"])
        #expect(!shop.log.named("no doorbell: new jobs wait for the slow poll").isEmpty)
    }

    /// Work that is done waits for space and is not done again.
    @Test func aFullDiskDelaysTheEnd() async throws {
        let shop = try await Workshop()
        let database = try shop.place.database()
        let word = String(repeating: "x", count: 500_000)
        let runner = KindRunner(
            Closure(SayWord.self) { _, context throws(JobFailure) in
                context.log.log(.info, "started")
                return StageResult(writes: [saidWord(word, by: context.job)])
            })
        try await database.access { db throws(SQLiteError) in
            let pages = try db.run(Query("PRAGMA page_count") { $0.count(0) }).first ?? 0
            try db.runScript("PRAGMA max_page_count = \(pages + 5)")
        }
        _ = try shop.enqueue([SayWord(word: "a").job()])
        try await shop.run(shop.worker([runner], database: database)) {
            try await shop.log.wait(for: "commit waits")
            try await database.access { db throws(SQLiteError) in
                try db.runScript("PRAGMA max_page_count = 1000000")
            }
            try await shop.log.wait(for: "job ended")
        }
        #expect(try shop.effects() == [word])
        #expect(shop.log.named("started").count == 1)
    }
}
