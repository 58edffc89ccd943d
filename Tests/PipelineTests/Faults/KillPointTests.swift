import Glibc
import Model
import TestKit
import Testing

extension FaultTests {
    /// Workers kill themselves at the four points where what is lost would be lost, again and again.
    @Suite struct KillPointTests {
        private static let kills = 6

        @Test(arguments: ["after-claim", "in-work", "before-commit", "after-commit"], [UInt64(1), 2])
        func everyJobIsDoneOnceWhereverAWorkerDies(point: String, seed: UInt64) async throws {
            let rig = try FaultRig()
            var random = SplitMix64(seed: seed)
            var armed: [ChildProcess] = []
            try rig.enqueue(20)
            func arm() async throws {
                let pass = Int.random(in: 1...4, using: &random)
                armed.append(
                    try await rig.worker("w\(rig.workers.count)", ["--strike", point, "--pass", "\(pass)"]))
            }
            for _ in 0..<3 { try await arm() }
            for _ in 0..<Self.kills {
                try rig.enqueue(Int.random(in: 15...30, using: &random))
                let dead = try await eventually("a worker dies") {
                    // Others may have taken the jobs that its pass needs.
                    if try rig.isIdle { try rig.enqueue(4) }
                    return armed.firstIndex { $0.ending != nil }
                }
                #expect(armed.remove(at: dead).ending == .killed(SIGKILL))
                try await arm()
            }
            for _ in 0..<2 { try await rig.worker("w\(rig.workers.count)") }
            try await rig.settle()

            let verdict = try Verdict(rig)
            verdict.expectNothingLost("kill \(point), seed \(seed)", reclaim: FaultRig.lease + .seconds(1))
            // Only after the commit is there nothing left to take back.
            #expect(point == "after-commit" || !verdict.reclaims.isEmpty)
        }
    }
}
