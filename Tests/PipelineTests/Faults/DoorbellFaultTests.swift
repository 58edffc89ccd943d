import FoundationEssentials
import Model
import Store
import TestKit
import Testing

extension FaultTests {
    /// Rings that nobody hears.
    @Suite struct DoorbellFaultTests {
        @Test func theSlowPollFindsWhatNoBellHasRung() async throws {
            let rig = try FaultRig()
            let listener = try await rig.worker("listener")
            try FileManager.default.removeItem(atPath: rig.location.bells)
            try rig.enqueue(8)
            try await eventually("the jobs are found") {
                try rig.count("SELECT count(*) FROM job WHERE state <> 'done'") == 0 ? true : nil
            }
            // Who comes later makes the directory again, and those from before are deaf for ever.
            let late = try await rig.worker("late")
            try rig.enqueue(32)
            try await rig.settle()
            #expect(listener.count("done ") + late.count("done ") == 60)
            try Verdict(rig).expectNothingLost("lost doorbell")
        }

        /// A directory that takes no sockets: the worker says so, and works.
        @Test func aWorkerWithoutABellWorksAllTheSame() async throws {
            let rig = try FaultRig()
            // The name of a socket has little room; a worker's may be too long for it.
            let deaf = try await rig.worker("deaf-" + String(repeating: "o", count: 200))
            try rig.enqueue(8)
            try await rig.settle()
            #expect(deaf.says("no doorbell") != nil)
            try Verdict(rig).expectNothingLost("no doorbell")
        }
    }
}
