import Glibc
import TestKit
import Testing

extension FaultTests {
    /// Workers that are stopped for longer than their lease, and then go on as if nothing had happened.
    @Suite struct ZombieTests {
        @Test(arguments: ["after-claim", "in-work"])
        func aWorkerThatWakesUpTooLateStoresNothing(point: String) async throws {
            let rig = try FaultRig()
            // A busy worker claims in the commit of its ends: only the first claim is sure to be one by itself.
            let strike = ["--strike", point, "--signal", "stop", "--pass", point == "in-work" ? "3" : "1"]
            try rig.enqueue(60)
            var zombies: [ChildProcess] = []
            for name in ["zombie-1", "zombie-2"] {
                let zombie = try await rig.worker(name, strike)
                try await eventually("\(name) has stopped") { zombie.struck }
                zombies.append(zombie)
            }
            try await rig.worker("living")
            try await eventually("others have done the zombies' jobs") {
                try rig.count("SELECT count(DISTINCT worker) FROM job_attempt WHERE outcome = 'expired'") == 2
                    && rig.count("SELECT count(*) FROM job WHERE state <> 'done'") == 0 ? true : nil
            }
            for zombie in zombies { zombie.signal(SIGCONT) }
            for zombie in zombies {
                try await eventually("the zombie is refused") { zombie.says("job lease lost") }
            }
            try await rig.settle()
            let verdict = try Verdict(rig)
            verdict.expectNothingLost("zombie \(point)", reclaim: FaultRig.lease + .seconds(1))
            #expect(verdict.reclaims.count >= 2)
        }

        /// Who holds the write lock holds everybody up, the one that would take its jobs away too.
        @Test func aWorkerThatIsStoppedInsideItsTransactionLosesNothing() async throws {
            let rig = try FaultRig()
            try rig.enqueue(30)
            let zombie = try await rig.worker("zombie", ["--strike", "before-commit", "--signal", "stop"])
            try await rig.worker("living")
            try await eventually("the worker has stopped") { zombie.struck }
            let end = ContinuousClock.now + FaultRig.lease * 2
            try await eventually("its lease is long over") { ContinuousClock.now > end ? true : nil }
            zombie.signal(SIGCONT)
            try await rig.settle()
            try Verdict(rig).expectNothingLost("zombie before-commit")
        }
    }
}
