import Model
import SQLite
import TestKit
import Testing

extension FaultTests {
    /// Jobs that nobody can do.
    @Suite struct PayloadFaultTests {
        @Test func aPayloadThatDoesNotDecodeIsDeadAtOnceAndHarmsNobody() async throws {
            let rig = try FaultRig()
            try rig.enqueue(10)
            let bad = try rig.enqueue([
                FaultRig.job(payload: "{"), FaultRig.job(payload: "null"), FaultRig.job(payload: ""),
                FaultRig.job(payload: "{\"follows\":\"perhaps\"}"),
                FaultRig.job(payload: "{\"follows\":false}", version: 2),
                FaultRig.job(payload: String(repeating: "[", count: 100_000)),
            ])
            // Half of a character, which no text of ours can hold.
            try rig.open().run(
                Query<Void>(
                    "UPDATE job SET payload = CAST(x'7b22c3' AS TEXT) WHERE id = ?1", [.integer(bad[1].rawValue)]))
            try rig.enqueue(10)
            let worker = try await rig.worker("only")
            try await rig.settle()

            #expect(worker.count("ready") == 1 && worker.says("failed") == nil)
            for job in try rig.open().storedJobs() where bad.contains(job.id) {
                #expect(job.state == .dead && job.attempt == 1 && job.errorClass == "payload", "\(job)")
                #expect(job.errorMessage?.isEmpty == false)
                #expect(try rig.open().attempts(of: job.id).map(\.outcome) == ["dead"])
            }
            try Verdict(rig, refused: Set(bad)).expectNothingLost("corrupted payload")
        }

        @Test func anUnknownKindIsNeverClaimed() async throws {
            let rig = try FaultRig()
            let strange = try rig.enqueue((0..<10).map { _ in FaultRig.job(kind: "strange", payload: "{}") })
            try rig.enqueue(40)
            try await rig.worker("one")
            try await rig.worker("two")
            try await rig.settle()
            for job in try rig.open().storedJobs() where strange.contains(job.id) {
                #expect(job.state == .ready && job.attempt == 0 && job.worker == nil)
            }
            try Verdict(rig, refused: Set(strange)).expectNothingLost("unknown kind")
        }
    }
}
