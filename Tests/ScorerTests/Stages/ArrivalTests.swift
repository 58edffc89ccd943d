import Deployment
import Model
import TestKit
import Testing

@testable import scorer

/// Snapshots may arrive in any order: what readers get in the end depends on what was observed alone.
@Suite struct ArrivalTests {
    private static let names = [
        "2026-04-28T0702Z", "2026-04-29T0528Z", "2026-04-29T0832Z", "2026-04-30T0835Z", "2026-05-01T1041Z",
        "2026-05-02T1350Z", "2026-05-03T0816Z", "2026-05-04T0843Z",
    ]

    @Test func everyOrderOfArrivalEndsInTheSameState() async throws {
        let ordered = try StageRig()
        let curated = Set(ordered.curated.map(\.id.text))
        let observed = try Self.names.map { try Observed.recorded($0, curated: curated) }
        for one in observed { try await ordered.arrive(one) }
        let (steps, standings, document) = (try ordered.steps(), try ordered.standings(), try ordered.document())
        #expect(steps.count == observed.count - 1)
        #expect(standings.count > 250 && document != nil)
        #expect(standings.contains { $0.deltas.downloads24h.value != nil })
        for seed in UInt64(1)...3 {
            var chance = SplitMix64(seed: seed)
            let rig = try StageRig()
            for one in observed.shuffled(using: &chance) { try await rig.arrive(one) }
            #expect(try rig.steps() == steps, "seed \(seed)")
            #expect(try rig.standings() == standings, "seed \(seed)")
            #expect(try rig.document() == document, "seed \(seed)")
            let (here, there) = (try rig.publication(), try ordered.publication())
            #expect(here.snapshot.id == there.snapshot.id && here.epochState == there.epochState)
            #expect(here.epoch == there.epoch && here.baselines == there.baselines)
            #expect(here.historyDays == there.historyDays && here.snapshotCount == there.snapshotCount)
        }
    }
}
