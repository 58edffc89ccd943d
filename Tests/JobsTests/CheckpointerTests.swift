import Daemon
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import Jobs

/// One process at a time empties the write-ahead log, and when it goes another one does.
@Suite(.timeLimit(.minutes(10))) struct CheckpointerTests {
    private let place: TemporaryDatabase
    private let log = EventLog()
    private let time = ManualTime()

    init() throws {
        place = try TemporaryDatabase()
        try place.open().runScript("CREATE TABLE body (bytes BLOB NOT NULL)")
    }

    private func checkpointer(_ name: String) -> Checkpointer {
        Checkpointer(
            place.location, log: log.logger.with(["name": name]), now: time.now, pace: .milliseconds(5))
    }

    private var logSize: Int64 { FileSize.of(place.path + "-wal") }

    private func write(megabytes: Int) throws {
        let connection = try place.open()
        for _ in 0..<megabytes {
            try connection.run(Query<Void>("INSERT INTO body VALUES (randomblob(1000000))"))
        }
    }

    /// Some time passes without a write, and the file of the log is cut.
    private func becomeCalm() async throws {
        let before = log.named("checkpoint done").count
        time.advance(by: LogUpkeep.calm)
        try await log.wait(for: "checkpoint done", count: before + 1)
        #expect(logSize == 0)
    }

    /// A file that grows is what a commit waits for.
    @Test func whileMuchIsWrittenTheFileIsWrittenOver() async throws {
        let running = Task { [self] in try await checkpointer("only").run() }
        defer { running.cancel() }
        try await log.wait(for: "checkpointer elected")
        try write(megabytes: 20)
        try await log.wait(for: "checkpoint done")
        let size = logSize
        #expect(size > 4 << 20)
        for round in 2...6 {
            try write(megabytes: 5)
            try await log.wait(for: "checkpoint done", count: round)
        }
        #expect(logSize == size)
        try await becomeCalm()
    }

    @Test func oneOfTwoIsElectedAndTheOtherFollows() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let first = Task { [self] in try await checkpointer("first").run() }
            try await log.wait(for: "checkpointer elected")
            group.addTask { [self] in try await checkpointer("second").run() }
            for round in 1...3 {
                try write(megabytes: 5)
                try await log.wait(for: "checkpoint done", count: 2 * round - 1)
                try await becomeCalm()
            }
            #expect(log.named("checkpointer elected").map { $0.fields["name"] } == ["first"])

            first.cancel()
            try await first.value
            try await log.wait(for: "checkpointer elected", count: 2)
            try write(megabytes: 5)
            try await log.wait(for: "checkpoint done", count: 7)
            group.cancelAll()
            try await group.waitForAll()
        }
        let byName = log.named("checkpoint done").map { $0.fields["name"] }
        #expect(byName.prefix(6).allSatisfy { $0 == "first" } && byName.last == "second")
        #expect(try place.open().run(Query("SELECT count(*) FROM body") { $0.count(0) }) == [20])
        #expect(try place.open().run(Query("PRAGMA integrity_check") { $0.text(0) }) == ["ok"])
    }

    @Test func aSmallLogIsEmptiedAfterAWhile() async throws {
        let running = Task { [self] in try await checkpointer("only").run() }
        defer { running.cancel() }
        try await log.wait(for: "checkpointer elected")
        try write(megabytes: 1)
        #expect(logSize > 0)
        time.advance(by: .seconds(31))
        try await log.wait(for: "checkpoint done")
        #expect(logSize == 0)
    }

    /// A reader keeps its view; the log waits, and writers go on meanwhile.
    @Test func aReaderHoldsTheLogBackAndNobodyElse() async throws {
        let running = Task { [self] in try await checkpointer("only").run() }
        defer { running.cancel() }
        try await log.wait(for: "checkpointer elected")
        let reader = try place.open()
        try reader.runScript("BEGIN; SELECT count(*) FROM body")
        try write(megabytes: 6)
        try await log.wait(for: "a reader holds the log", count: 2)
        try write(megabytes: 6)
        #expect(try reader.run(Query("SELECT count(*) FROM body") { $0.count(0) }) == [0])
        #expect(logSize > 12_000_000)
        try reader.runScript("COMMIT")
        try await log.wait(for: "checkpoint done")
        try await becomeCalm()
        #expect(try reader.run(Query("SELECT count(*) FROM body") { $0.count(0) }) == [12])
    }

    @Test func aCommandLeavesTheLogToTheDaemon() async throws {
        try write(megabytes: 1)
        let before = logSize
        do {
            let lock = try #require(FileLock(path: place.location.checkpointLock))
            try await checkpointer("command").runOnce()
            withExtendedLifetime(lock) {}
        }
        #expect(logSize == before)
        try await checkpointer("command").runOnce()
        #expect(logSize == 0)
        #expect(TextFile.read(place.location.checkpointLock)?.contains("\"complete\":true") == true)
    }
}
