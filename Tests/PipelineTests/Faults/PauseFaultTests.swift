import SQLite
import Store
import TestKit
import Testing

extension FaultTests {
    /// An operator stops a stage while several processes work on it.
    @Suite struct PauseFaultTests {
        private func helicarrier(_ rig: FaultRig, _ words: String...) async throws {
            let command = try ChildProcess(
                "helicarrier", words, environment: ["HELICARRIER_DB_PATH": rig.location.path])
            #expect(try await command.wait() == .exited(0), "\(command.errorOutput)")
        }

        @Test func aPauseHoldsInEveryProcessWithinASecond() async throws {
            let rig = try FaultRig()
            for name in ["a", "b", "c"] { try await rig.worker(name, ["--slots", "2", "--work", "5"]) }
            let ids = try rig.enqueue((0..<1_500).map { _ in FaultRig.job(follows: false) })
            try await eventually("work has begun") {
                try rig.count("SELECT count(*) FROM job WHERE state = 'done'") > 20 ? true : nil
            }
            try await helicarrier(rig, "queue", "pause", "fetch", "--reason", "new disk")
            try await eventually("nothing runs, and a while has passed") {
                try rig.count(
                    """
                    SELECT (now_ms - since_ms > 1500)
                           AND NOT EXISTS (SELECT 1 FROM job WHERE state = 'running') FROM wall_clock, pause
                    """) == 1 ? true : nil
            }
            #expect(try rig.count("SELECT count(*) FROM job, pause WHERE started_at_ms > since_ms + 1000") == 0)
            let waiting = try rig.count("SELECT count(*) FROM job WHERE state = 'ready'")
            #expect(waiting > 0, "the backlog was done before the pause")
            try await helicarrier(rig, "queue", "resume", "fetch")
            try await rig.settle()
            #expect(try rig.count("SELECT count(*) FROM job WHERE state = 'done'") == ids.count)
            try Verdict(rig).expectNothingLost("pause with \(waiting) waiting")
        }
    }
}
