import Model
import Testing

@testable import Scoring

@Suite struct BaselineTests {
    private func epoch(_ hours: Double, _ state: EpochState = .settled) -> Epoch {
        Epoch(snapshotKey: point(hours).key, snapshot: point(hours).reference, state: state)
    }

    private func choose(at newest: Double = 240, snapshots: [Double] = [], epochs: [Epoch] = []) -> Baselines {
        Baselines(newest: point(newest), snapshots: snapshots.map(point), epochs: epochs)
    }

    @Test func withoutAnEpochEverythingIsPending() {
        let chosen = choose()
        #expect(chosen.current == .missing(.epochPending))
        #expect(chosen.downloads24h == .missing(.epochPending))
        #expect(chosen.downloads7d == .missing(.epochPending))
        #expect(chosen.published == DeltaBaselines())
    }

    @Test(arguments: [
        (17.9, false), (18, true), (24, true), (36, true), (36.1, false), (48, false), (3, false),
    ])
    func theDayBeforeIsThePreviousEpochIfItIs18To36HoursEarlier(age: Double, found: Bool) {
        let chosen = choose(epochs: [epoch(238 - age), epoch(238)])
        #expect(chosen.downloads24h == (found ? .at(point(238 - age)) : .missing(.missedRefresh)))
        #expect(chosen.current == .at(point(238)))
    }

    @Test func anOlderEpochNeverStandsInForThePrevious() {
        let chosen = choose(epochs: [epoch(214), epoch(235), epoch(238)])
        #expect(chosen.downloads24h == .missing(.missedRefresh))
    }

    @Test(
        arguments: [
            ([155.9], nil), ([156], 156), ([180], 180), ([180.1], nil), ([160, 170, 179], 170), ([162, 174], 162),
            ([163, 172], 172), ([], nil),
        ] as [([Double], Double?)])
    func theWeekBeforeIsTheNearestEpochWithin12Hours(at: [Double], expected: Double?) {
        let chosen = choose(at: 340, epochs: at.map { epoch($0) } + [epoch(336)])
        #expect(chosen.downloads7d == (expected.map { .at(point($0)) } ?? .missing(.missedRefresh)))
    }

    @Test(arguments: [(EpochState.suspect, EpochState.settled), (.settled, .suspect), (.suspect, .suspect)])
    func eitherSuspectEpochWithholdsTheDeltaAndIsStillNamed(baseline: EpochState, newest: EpochState) {
        let chosen = choose(epochs: [epoch(70, baseline), epoch(214, baseline), epoch(238, newest)])
        #expect(chosen.downloads24h == .withheld(point(214), .suspectEpoch))
        #expect(chosen.downloads7d == .withheld(point(70), .suspectEpoch))
        #expect(chosen.downloads24h.usable == nil)
        #expect(chosen.published.downloads24h == point(214).reference)
        #expect(chosen.published.current == point(238).reference)
    }

    @Test func aMissedRefreshIsSaidEvenWhenTheNewestEpochIsSuspect() {
        let chosen = choose(epochs: [epoch(190), epoch(238, .suspect)])
        #expect(chosen.downloads24h == .missing(.missedRefresh))
    }

    @Test(
        arguments: [
            ([209.9], nil), ([210], 210), ([222], 222), ([222.1], nil), ([213, 219], 213), ([214, 217], 217),
            ([212, 213, 218.5], 218.5), ([240], nil), ([], nil),
        ] as [([Double], Double?)])
    func likesOfTheDayBeforeAreOfTheNearestSnapshotWithin6Hours(at: [Double], expected: Double?) {
        let chosen = choose(snapshots: at + [240])
        #expect(chosen.likes24h == (expected.map { .at(point($0)) } ?? .missing(.missedRefresh)))
    }

    @Test(arguments: [([59.9], nil), ([60], 60), ([84], 84), ([84.1], nil), ([66, 78], 66)] as [([Double], Double?)])
    func likesOfTheWeekBeforeAreOfTheNearestSnapshotWithin12Hours(at: [Double], expected: Double?) {
        let chosen = choose(snapshots: at)
        #expect(chosen.likes7d == (expected.map { .at(point($0)) } ?? .missing(.missedRefresh)))
    }

    @Test func theOrderOfReadingDoesNotMatterForSnapshots() {
        #expect(choose(snapshots: [219, 213]).likes24h == choose(snapshots: [213, 219]).likes24h)
    }

    @Test func whatCameAfterTheChosenSnapshotIsLeftOut() {
        let chosen = choose(snapshots: [216, 240, 264], epochs: [epoch(214), epoch(238), epoch(262)])
        #expect(chosen.current == .at(point(238)))
        #expect(chosen.likes24h == .at(point(216)))
    }
}
