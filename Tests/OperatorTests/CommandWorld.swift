import Daemon
import FoundationEssentials
import Model
import SQLite
import Store
import Synchronization
import TestKit

@testable import helicarrier

/// A database of its own and a terminal that keeps what is written: everything that a command can see.
final class CommandWorld: Sendable {
    /// The present: the backlog is told by the database's clock.
    static let start = SystemClock.now()

    let store: TemporaryDatabase
    private let texts = Mutex((output: "", errors: ""))
    private let answers: Mutex<[String]>
    private let clock = Mutex(start)
    private let settings: [String: String]
    private let isTerminal: Bool

    /// - Parameter answers: what a person at a terminal would type; `nil` means that there is no terminal.
    init(migrated: Bool = true, settings: [String: String] = [:], answers: [String]? = nil) throws {
        store = try TemporaryDatabase(migrated: migrated)
        self.settings = ["HELICARRIER_DB_PATH": store.path, "HELICARRIER_SYNC": "normal"].merging(settings) { $1 }
        self.answers = Mutex(answers ?? [])
        isTerminal = answers != nil
    }

    var output: String { texts.withLock(\.output) }
    var errors: String { texts.withLock(\.errors) }
    var databaseExists: Bool { FileManager.default.fileExists(atPath: store.path) }

    func forget() {
        texts.withLock { $0 = ("", "") }
    }

    func advance(by time: Duration) {
        clock.withLock { $0 = $0 + time }
    }

    func run(_ words: [String]) async -> ExitStatus {
        await Helicarrier.commands.run(words, session)
    }

    /// Runs a command that must succeed and gives its output.
    func output(of words: String...) async -> String {
        forget()
        let status = await run(words)
        return status == .fine ? output : "\(status): \(errors)"
    }

    var session: Session {
        let terminal = Terminal(
            outputIsTerminal: false, errorIsTerminal: isTerminal, inputIsTerminal: isTerminal, hasColours: false,
            write: { text in self.texts.withLock { $0.output += text } },
            writeError: { text in self.texts.withLock { $0.errors += text } },
            answer: { self.answers.withLock { $0.isEmpty ? nil : $0.removeFirst() } })
        return Session(
            environment: Environment(settings), terminal: terminal, now: { self.clock.withLock(\.self) },
            operatorName: "test")
    }

    func enqueue(
        _ kind: String = "score-snapshot", stage: StageName = .score, payload: String = "{}", key: String? = nil,
        runAt: Timestamp? = nil, attempts: Int = 3
    ) throws -> JobID {
        let job = NewJob(
            kind: kind, stage: stage, payload: payload, maxAttempts: attempts, runAt: runAt, uniqueKey: key)
        return try store.open().enqueue(job, now: clock.withLock(\.self)) ?? JobID(0)
    }

    /// Claims the job that comes next and ends it in this way.
    func end(_ end: JobEnd, of kind: String = "score-snapshot") throws {
        let connection = try store.open()
        let now = clock.withLock(\.self)
        for job in try connection.claim(kind: kind, stage: .score, limit: 1, worker: "w", leaseUntil: .max, now: now) {
            _ = try EndJob(job, end, now: now).apply(to: connection)
        }
    }

    func states() throws -> [Int64: JobState] {
        let rows = try store.open().run(.jobs(stage: nil, kind: nil, state: nil, limit: 1_000))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.id.rawValue, $0.state) })
    }

    func audit() throws -> [AuditEntry] {
        try store.open().run(.auditEntries(limit: 100)).map(\.entry)
    }
}
