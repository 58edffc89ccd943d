import Daemon
import Glibc
import Model
import SQLite
import Store
import TestKit
import Testing

extension FaultTests {
    /// The write-ahead log under stress: readers that hold it, and everybody who would like to empty it.
    @Suite struct LogFaultTests {
        private static func logSize(_ rig: FaultRig) -> Int64 { FileSize.of(rig.location.path + "-wal") }

        @Test func aLongReaderHoldsTheLogUntilItEndsAndNobodyElse() async throws {
            let rig = try FaultRig()
            let worker = try await rig.worker("only", ["--ballast", "100000", "--work", "0"])
            let reader = try await rig.reader()
            try rig.enqueue(80)
            try await eventually("the work is done beside the reader") {
                try rig.count("SELECT count(*) FROM job WHERE state <> 'done'") == 0 ? true : nil
            }
            try await eventually("the checkpoint waits") { worker.says("a reader holds the log") }
            let held = Self.logSize(rig)
            #expect(held > 8_000_000)
            // However it ends.
            reader.signal(SIGKILL)
            try await reader.wait()
            try await eventually("the log is emptied") { Self.logSize(rig) < held / 10 ? true : nil }
            try rig.enqueue(10)
            try await rig.settle()
            try Verdict(rig).expectNothingLost("long reader")
        }

        /// The fault of SQLite before 3.51.3: two checkpoints at once lose acknowledged commits. All four processes
        /// stand for election all the time, the elected one is killed, and the log is emptied many times.
        @Test func noCommitIsLostHoweverManyProcessesWantToCheckpoint() async throws {
            let rig = try FaultRig()
            let flags = ["--ballast", "40000", "--work", "0", "--slots", "16", "--lease", "2000"]
            var workers: [ChildProcess] = []
            for _ in 0..<4 { workers.append(try await rig.worker("hammer-\(workers.count)", flags)) }
            var elected: [ChildProcess] = []
            for round in 0..<3 {
                let chosen = try await eventually("one is elected") {
                    workers.first { $0.ending == nil && $0.says("checkpointer elected") != nil }
                }
                elected.append(chosen)
                let goal = chosen.count("checkpoint done") + 12
                try await eventually("it has emptied the log twelve times") {
                    if try rig.count("SELECT count(*) FROM job WHERE state = 'ready'") < 400 { try rig.enqueue(400) }
                    return chosen.count("checkpoint done") >= goal ? true : nil
                }
                guard round < 2 else { break }
                chosen.signal(SIGKILL)
                try await chosen.wait()
                workers.append(try await rig.worker("hammer-\(workers.count)", flags))
            }
            // Counted while all live: those that stop one after the other elect one after the other.
            #expect(workers.count { $0.says("checkpointer elected") != nil } == elected.count, "two worked at once")
            try await rig.settle()

            let said = Set(workers.flatMap { $0.acknowledged })
            let kept = Set(try rig.open().run(Query("SELECT job FROM effect") { $0.integer(0) }))
            #expect(said.count > 1_000 && said.isSubset(of: kept), "\(said.subtracting(kept).count) commits are lost")
            let checkpoints = workers.map { $0.count("checkpoint done") }.reduce(0, +)
            try Verdict(rig).expectNothingLost("log hammer, \(said.count) commits, \(checkpoints) checkpoints")
        }
    }
}

extension ChildProcess {
    /// Jobs that it has said are stored.
    var acknowledged: [Int64] {
        output.split(separator: "\n").filter { $0.hasPrefix("done ") }.compactMap { Int64($0.dropFirst(5)) }
    }
}
