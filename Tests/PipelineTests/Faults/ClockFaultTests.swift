import Glibc
import Model
import SQLite
import TestKit
import Testing

extension FaultTests {
    /// Clocks that are set, and clocks that several processes look at.
    @Suite struct ClockFaultTests {
        /// Wall time jumps by hours while jobs run; leases know nothing of it.
        @Test func leasesSurviveStepsOfTheClock() async throws {
            let rig = try FaultRig()
            let folder = try TemporaryDirectory()
            let clock = try folder.write(Array("0".utf8), to: "clock")
            // A lease that a busy machine does not outlast, or an honest delay would look like a clock's fault.
            let flags = ["--clock", clock, "--lease", "4000", "--heartbeat", "300", "--work", "400", "--slots", "2"]
            try rig.enqueue(30)
            let workers = [try await rig.worker("one", flags), try await rig.worker("two", flags)]
            for hours in [5, -4, 48, -3] {
                try folder.write(Array("\(hours * 3_600_000)".utf8), to: "clock")
                let goal = workers.map { $0.count("done") }.reduce(0, +) + 6
                try rig.enqueue(4)
                try await eventually("jobs go on with a clock \(hours) h wrong") {
                    workers.map { $0.count("done") }.reduce(0, +) >= goal ? true : nil
                }
            }
            #expect(try rig.count("SELECT count(*) FROM job_attempt WHERE outcome = 'expired'") == 0)

            // An orphan is taken back at its time, in a clock three hours behind.
            let doomed = try await rig.worker("doomed", flags + ["--strike", "in-work", "--pass", "1"])
            try rig.enqueue(20)
            #expect(try await doomed.wait() == .killed(SIGKILL))
            try await rig.settle()
            let verdict = try Verdict(rig, clockError: .hours(-3))
            verdict.expectNothingLost("clock steps", reclaim: .seconds(5))
            #expect(!verdict.reclaims.isEmpty)
        }

        /// Four processes ask ten times for each tick, and two of them die meanwhile.
        @Test func aTickFiresOnceHoweverManySchedulersThereAre() async throws {
            let rig = try FaultRig()
            let every = 250
            let flags = ["--tick", "\(every)"]
            for index in 0..<2 { try await rig.worker("scheduler-\(index)", flags) }
            for (index, point) in ["before-commit", "after-commit"].enumerated() {
                try await rig.worker("mortal-\(index)", flags + ["--strike", point, "--pass", "2"])
            }
            try await eventually("many ticks have come") {
                try rig.count("SELECT count(*) FROM firing") >= 14 ? true : nil
            }
            try await rig.stop()
            try await rig.worker("last")
            try await rig.settle()

            let ticks = try rig.open().run(Query("SELECT tick FROM firing ORDER BY tick") { $0.count(0) })
            #expect(Set(ticks).count == ticks.count, "a tick fired twice")
            #expect(ticks.allSatisfy { ($0 - (ticks.first ?? 0)) % every == 0 }, "the ticks have moved")
            #expect(try rig.count("SELECT count(*) FROM job WHERE kind = 'tick'") == ticks.count)
            try Verdict(rig).expectNothingLost("two schedulers and more", reclaim: FaultRig.lease + .seconds(1))
        }
    }
}
