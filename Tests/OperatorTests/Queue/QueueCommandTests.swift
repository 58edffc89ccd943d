import Daemon
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct QueueCommandTests {
    let world: CommandWorld

    init() throws {
        world = try CommandWorld()
    }

    @Test func listShowsEachStageWithItsFigures() async throws {
        let start = CommandWorld.start
        _ = try world.enqueue()
        _ = try world.enqueue(runAt: start + .hours(1))
        try world.end(.retry(at: start + .seconds(9), errorClass: "io", reason: "no disk"))
        _ = try world.enqueue()
        try world.end(.dead(errorClass: "io", reason: "no disk"))
        _ = try world.enqueue()
        try world.end(.done)
        _ = try world.enqueue()
        _ = try world.enqueue()
        let json = try JSONDocument(parsing: await world.output(of: "queue", "list", "--json")).root
        let score = try #require(json.elements.first { $0["stage"]?.string == "score" })
        let figures = ["ready", "scheduled", "running", "retrying", "dead", "depthLimit", "objectiveSeconds"]
        #expect(figures.map { score[$0]?.int64 } == [2, 1, 0, 1, 1, 5_000_000, 60])
        #expect(score["oldestReadyAgeSeconds"]?.double != nil)
        #expect(score["waitingChangeLastHour"]?.isNull == true, "nobody looked an hour ago")
        let table = await world.output(of: "queue", "list")
        #expect(table.contains("\nscore          2          1        0         1          –     1  "), "\(table)")
    }

    @Test func jobsCanBeChosen() async throws {
        _ = try world.enqueue()
        _ = try world.enqueue("fetch-page", stage: .fetch)
        _ = try world.enqueue("deliver-webhook", stage: .notify)
        try world.end(.dead(errorClass: "io", reason: "x"))
        func ids(_ words: String...) async throws -> [Int64?] {
            world.forget()
            #expect(await world.run(["queue", "jobs", "--json"] + words) == .fine)
            return try JSONDocument(parsing: world.output).root.elements.map { $0["id"]?.int64 }
        }
        #expect(try await ids() == [3, 2, 1])
        #expect(try await ids("--limit", "2") == [3, 2])
        #expect(try await ids("--stage", "fetch") == [2])
        #expect(try await ids("--kind", "deliver-webhook") == [3])
        #expect(try await ids("--state", "dead") == [1])
        #expect(try await ids("--state", "dead", "--stage", "fetch") == [])
    }

    @Test func showTellsPayloadAttemptsAndErrors() async throws {
        let id = try world.enqueue(payload: #"{"snapshot":"s"}"#, key: "k")
        try world.end(.retry(at: CommandWorld.start, errorClass: "io", reason: "no\ndisk"))
        let text = await world.output(of: "queue", "show", "\(id)")
        #expect(text.contains("payload     {\"snapshot\":\"s\"} (version 1)\n"))
        #expect(text.contains("error       io: no disk\n"))
        #expect(text.contains("ATTEMPT  ENDED"))
        let json = try JSONDocument(parsing: await world.output(of: "queue", "show", "\(id)", "--json")).root
        #expect(json["uniqueKey"]?.string == "k")
        #expect(json["attempts"]?[0]?["outcome"]?.string == "retried")
        #expect(json["attempts"]?[0]?["message"]?.string == "no\ndisk")
        #expect(await world.run(["queue", "show", "99"]) == .failed)
        #expect(world.errors.contains("there is no job 99"))
    }

    /// No row is written for an attempt that ends well: the job's own figures are it.
    @Test func showTellsTheAttemptThatEndedWell() async throws {
        let id = try world.enqueue()
        try world.end(.done)
        let json = try JSONDocument(parsing: await world.output(of: "queue", "show", "\(id)", "--json")).root
        #expect(json["attempts"]?.elements.map { $0["outcome"]?.string } == ["done"])
        #expect(json["attempts"]?[0]?["attempt"]?.int64 == 1 && json["attempts"]?[0]?["durationMs"]?.int64 == 0)
        #expect(json["leaseUntil"]?.isNull == true)
    }

    @Test func showTellsWhenALeaseEnds() async throws {
        let id = try world.enqueue()
        let connection = try world.store.open()
        let offset = CommandWorld.start.milliseconds - SystemClock.sinceBoot()
        _ = try connection.run(Query<Int64>.startLeaseClock(boot: SystemClock.bootID(), offset: offset))
        let until = CommandWorld.start + .seconds(30)
        _ = try connection.claim(
            kind: "score-snapshot", stage: .score, limit: 1, worker: "w", leaseUntil: until.milliseconds,
            now: CommandWorld.start)
        let json = try JSONDocument(parsing: await world.output(of: "queue", "show", "\(id)", "--json")).root
        let shown = try #require(json["leaseUntil"]?.string.flatMap { Timestamp(rfc3339: $0) })
        #expect(shown <= until && shown > until - .hours(1), "the world's clock stands, the lease's runs")
    }

    @Test func aDeadJobRunsAgainWithAllItsAttempts() async throws {
        let id = try world.enqueue(key: "k")
        try world.end(.dead(errorClass: "io", reason: "x"))
        world.advance(by: .hours(1))
        #expect(await world.output(of: "queue", "requeue", "\(id)") == "1 job requeued\n")
        let job = try #require(try world.store.open().run(.job(id)).first)
        #expect(job.state == .ready)
        #expect(job.attempt == 0)
        #expect(job.runAt == CommandWorld.start + .hours(1))
        #expect(job.finishedAt == nil)
        #expect(try world.enqueue(key: "k") == JobID(0), "its key is taken again")
        #expect(try world.audit().first?.action == "queue requeue")
        #expect(try world.audit().first?.target == "1")
    }

    @Test func aJobWhoseWorkAnotherDoesStaysDead() async throws {
        let id = try world.enqueue(key: "k")
        try world.end(.dead(errorClass: "io", reason: "x"))
        _ = try world.enqueue(key: "k")
        #expect(await world.run(["queue", "requeue", "\(id)"]) == .failed)
        #expect(world.errors.contains("left as they were: 1; "))
        #expect(try world.states() == [1: .dead, 2: .ready])
    }

    @Test func ofTwoDeadJobsForTheSameWorkOneRunsAgain() async throws {
        for _ in 0..<2 {
            _ = try world.enqueue(key: "k")
            try world.end(.dead(errorClass: "io", reason: "x"))
        }
        #expect(await world.run(["queue", "requeue", "--dead", "--kind", "score-snapshot", "--yes"]) == .failed)
        #expect(try world.states() == [1: .ready, 2: .dead])
    }

    @Test func bulkActsSayHowManyTheyCover() async throws {
        for errorClass in ["io", "io", "payload"] {
            _ = try world.enqueue()
            try world.end(.dead(errorClass: errorClass, reason: "x"))
        }
        let words = ["queue", "discard", "--dead", "--kind", "score-snapshot", "--error-class", "io"]
        #expect(await world.run(words) == .wrongUsage)
        #expect(world.errors.contains("This covers 2 dead jobs, which would be discarded. Nobody can be asked here"))
        #expect(try world.states().values.allSatisfy { $0 == .dead })
        #expect(await world.run(words + ["--yes"]) == .fine)
        #expect(try world.states() == [1: .cancelled, 2: .cancelled, 3: .dead])
        #expect(try world.audit().map(\.result) == ["2 discarded, 0 left as they were"])
    }

    @Test(arguments: [("y", helicarrier.ExitStatus.fine, 2), ("YES", .fine, 2), ("n", .failed, 0), ("", .failed, 0)])
    func onATerminalTheyAsk(answer: String, status: helicarrier.ExitStatus, count: Int) async throws {
        let world = try CommandWorld(answers: [answer])
        _ = try world.enqueue()
        _ = try world.enqueue()
        #expect(await world.run(["queue", "cancel", "1", "2"]) == status)
        #expect(world.errors.contains("This covers 2 jobs, which would be cancelled. Go on? [y/N] "))
        #expect(try world.states().values.filter { $0 == .cancelled }.count == count)
    }

    @Test func manyJobsAreDoneInBatches() async throws {
        let connection = try world.store.open()
        for _ in 0..<1_100 { _ = try world.enqueue() }
        try connection.runScript("UPDATE job SET state = 'dead', finished_at_ms = 1")
        let words = ["queue", "requeue", "--dead", "--kind", "score-snapshot", "--yes"]
        #expect(await world.run(words) == .fine)
        #expect(world.output == "1100 jobs requeued\n")
        #expect(try world.audit().map(\.result) == ["1100 requeued, 0 left as they were"])
    }

    @Test func cancellingEndsWhatHasNotEndedAndFencesTheWorker() async throws {
        let id = try world.enqueue()
        let connection = try world.store.open()
        let job = try #require(
            try connection.claim(
                kind: "score-snapshot", stage: .score, limit: 1, worker: "w", leaseUntil: .max,
                now: CommandWorld.start
            ).first)
        #expect(await world.run(["queue", "cancel", "\(id)"]) == .fine)
        #expect(try world.states() == [1: .cancelled])
        let attempts = try connection.run(
            Query("SELECT outcome, attempt, worker FROM job_attempt") { "\($0.text(0)) \($0.integer(1)) \($0.text(2))" }
        )
        #expect(attempts == ["cancelled 1 w"], "the history keeps what was ended")
        #expect(try EndJob(job, .done, now: CommandWorld.start).apply(to: connection) == false)
        #expect(await world.run(["queue", "cancel", "\(id)"]) == .failed)
    }

    @Test func aPauseHasAReasonAndAnEnd() async throws {
        #expect(await world.run(["queue", "pause", "score", "--reason", "new disk", "--for", "1h"]) == .fine)
        let pause = try #require(try world.store.open().run(.pauses(now: CommandWorld.start)).first)
        #expect(pause.reason == "new disk")
        #expect(pause.pausedBy == "test")
        #expect(pause.until == CommandWorld.start + .hours(1))
        #expect(await world.output(of: "queue", "list").contains("score: new disk until "))
        #expect(await world.run(["queue", "pause", "score", "--reason", "new disk", "--for", "1s"]) == .fine)
        try await eventually("the pause is over") {
            await world.output(of: "queue", "list").contains("new disk") ? nil : true
        }
    }

    @Test func aPausedKindIsShownAtItsStage() async throws {
        #expect(await world.run(["queue", "pause", "publish-feed"]) == .fine)
        let json = try JSONDocument(parsing: await world.output(of: "queue", "list", "--json")).root
        #expect(json[2]?["paused"]?[0]?["target"]?.string == "publish-feed")
        #expect(await world.output(of: "queue", "resume", "publish-feed") == "publish-feed goes on\n")
        #expect(await world.output(of: "queue", "resume", "publish-feed") == "publish-feed was not paused\n")
        #expect(try world.audit().map(\.action) == ["queue resume", "queue resume", "queue pause"])
    }

    @Test func drainingPausesAndWaits() async throws {
        #expect(await world.output(of: "queue", "drain", "score") == "score is paused and none of its jobs runs\n")
        _ = try world.enqueue()
        try world.store.open().runScript("UPDATE job SET state = 'running', worker = 'w', lease_until_ms = 1")
        #expect(await world.run(["queue", "drain", "score", "--timeout", "1s"]) == .failed)
        #expect(world.errors.contains("1 job of score still run"))
    }

    private static let limits: [(words: [String], says: String)] = [
        (["score"], "score: at most 5000000 jobs wait; the oldest should wait no longer than 1m 0s"),
        (["score", "--depth", "5"], "score: at most 5 jobs wait; the oldest should wait no longer than 1m 0s"),
        (["score", "--depth", "off", "--objective", "5m"], "score: the oldest should wait no longer than 5m 0s"),
        (["score", "--depth", "off", "--objective", "off"], "score: no limits"),
        (["score-snapshot"], "score-snapshot: no limits"),
        (["score-snapshot", "--running", "2"], "score-snapshot: at most 2 jobs run at once"),
        (["score-snapshot", "--rate", "10/1s"], "score-snapshot: a job starts every 100 ms, 10 at once"),
    ]

    @Test(arguments: limits)
    func limitsAreSetAndTold(words: [String], says: String) async throws {
        #expect(await world.run(["queue", "limit"] + words) == .fine)
        #expect(world.output == says + "\n")
        let audits = Query<Int>("SELECT count(*) FROM audit WHERE action = 'queue limit'") { $0.count(0) }
        #expect(try world.store.open().run(audits) == [words.count > 1 ? 1 : 0])
    }

    @Test(arguments: [
        ["nonsense"], ["score", "--running", "2"], ["publish-feed", "--depth", "2"], ["score", "--depth", "0"],
        ["score", "--depth", "many"], ["publish-feed", "--rate", "10"], ["publish-feed", "--rate", "0/1s"],
    ])
    func wrongLimitsAreWrongUsage(words: [String]) async throws {
        #expect(await world.run(["queue", "limit"] + words) == .wrongUsage)
    }
}
