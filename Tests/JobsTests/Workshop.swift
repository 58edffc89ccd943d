import Daemon
import Jobs
import Model
import SQLite
import Store
import Synchronization
import Telemetry
import TestKit

/// Everything that workers need, of a test's own: a database, doorbells, a lease clock and a log, with time that passes
/// when the test says so.
final class Workshop: Sendable {
    let place: TemporaryDatabase
    let doorbell: Doorbell
    let clock: LeaseClock
    let time = ManualTime()
    let log = EventLog()

    /// Looks around often. The lease itself is reckoned in the test's own time.
    static let brisk = LeaseTiming(lease: .seconds(5), heartbeat: .milliseconds(10), slowPoll: .milliseconds(10))
    /// Never looks around by itself: what happens is done by a ring.
    static let asleep = LeaseTiming(lease: .hours(9), heartbeat: .hours(1), slowPoll: .hours(1))

    init() async throws {
        place = try TemporaryDatabase()
        try place.open().runScript(
            "CREATE TABLE effect (job INTEGER NOT NULL, word TEXT NOT NULL CHECK (word <> 'bad'))")
        doorbell = try Self.doorbell(at: place)
        clock = try await LeaseClock.join(
            try place.database(), boot: "first", sinceBoot: time.sinceBoot, now: time.now)
    }

    private struct NoDoorbell: Error {}

    private static func doorbell(at place: TemporaryDatabase) throws -> Doorbell {
        guard let doorbell = Doorbell(directory: place.location.bells) else { throw NoDoorbell() }
        return doorbell
    }

    func worker(
        _ runners: [KindRunner], name: String = "worker", timing: LeaseTiming = brisk, database: Database? = nil
    ) throws -> Worker {
        Worker(
            runners, name: name, database: try database ?? place.database(),
            doorbell: try Self.doorbell(at: place), clock: clock, timing: timing, log: log.logger, now: time.now,
            chance: { 0 }, progress: { [log] _ in log.logger.log(.debug, "looked around") })
    }

    func enqueue(_ jobs: [NewJob]) throws -> [JobID] {
        try place.open().transaction { db throws(SQLiteError) in
            var ids: [JobID] = []
            for job in jobs {
                if let id = try db.enqueue(job, now: time.now()) { ids.append(id) }
            }
            return ids
        }
    }

    /// Lets the workers work while `body` runs, then stops them and waits for their end. A worker that fails ends it.
    func run(_ workers: Worker..., while body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for worker in workers {
                group.addTask {
                    try await worker.run()
                    return false
                }
            }
            group.addTask {
                try await body()
                return true
            }
            defer { group.cancelAll() }
            while let isOver = try await group.next(), !isOver {}
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Words that stages have stored, in the order of their jobs.
    func effects() throws -> [String] {
        try place.open().run(Query("SELECT word FROM effect ORDER BY job, rowid") { $0.text(0) })
    }

    func jobs() throws -> [StoredJob] { try place.open().storedJobs() }
}

/// A kind whose work is a word.
struct SayWord: JobKind {
    static let name = "say-word"
    static let stage = StageName.fetch
    static let retry = RetryPolicy(attempts: 3, firstWait: .seconds(1), longestWait: .seconds(60))
    static let concurrency = 4
    let word: String
}

/// A kind that nobody in these tests works on, unless a test says so.
struct OtherWork: JobKind {
    static let name = "other-work"
    static let stage = StageName.score
    static let version = 2
    static let retry = RetryPolicy(attempts: 1, firstWait: .seconds(1), longestWait: .seconds(1))
    let number: Int
    var uniqueKey: String? { number == 0 ? nil : "other:\(number)" }
}

/// A stage that a test writes where it needs it.
struct Closure<Work: JobKind>: Stage {
    let body: @Sendable (Work, JobContext) async throws(JobFailure) -> StageResult

    init(
        _ work: Work.Type, _ body: @escaping @Sendable (Work, JobContext) async throws(JobFailure) -> StageResult
    ) {
        self.body = body
    }

    func run(_ work: Work, _ context: JobContext) async throws(JobFailure) -> StageResult {
        try await body(work, context)
    }
}

/// Stores the word of each job.
let saying = KindRunner(
    Closure(SayWord.self) { work, context throws(JobFailure) in
        StageResult(writes: [saidWord(work.word, by: context.job)])
    })

func saidWord(_ word: String, by job: JobID) -> Query<Void> {
    Query<Void>("INSERT INTO effect (job, word) VALUES (?1, ?2)", [.integer(job.rawValue), .text(word)])
}
