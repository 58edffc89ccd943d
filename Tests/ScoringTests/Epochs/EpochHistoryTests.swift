import Model
import Testing

@testable import Scoring

/// A snapshot some hours after the first.
func point(_ hours: Double) -> SnapshotPoint {
    let moment = Timestamp(milliseconds: 1_777_000_000_000 + Int64(hours * 3_600_000))
    return SnapshotPoint(
        key: Int64(hours * 100),
        reference: SnapshotReference(id: Snapshot.id(feed: "hub", observedAt: moment), observedAt: moment))
}

extension EpochStep {
    static let quiet = EpochStep(cohort: 100, changed: 1, median: 0, deviation: 0)
    static let refresh = EpochStep(cohort: 100, changed: 97, median: 0.01, deviation: 0.02)
    static let half = EpochStep(cohort: 100, changed: 40, median: 0, deviation: 0)
}

@Suite struct EpochHistoryTests {
    @Test func isPendingUntilARefreshIsSeen() {
        var history = EpochHistory()
        #expect(history.state == .pending)
        history.record(.quiet, at: point(3))
        #expect(history.state == .pending)
        #expect(history.epochs.isEmpty)
        history.record(.refresh, at: point(6))
        #expect(history.state == .settled)
        #expect(history.newest?.snapshot == point(6).reference)
        #expect(history.newest?.snapshotKey == point(6).key)
    }

    @Test func theFirstSnapshotThatShowsItRepresentsIt() {
        var history = EpochHistory()
        for (hours, step) in [(6.0, EpochStep.refresh), (9, .quiet), (12, .quiet), (30, .refresh), (33, .quiet)] {
            history.record(step, at: point(hours))
        }
        #expect(history.epochs.map(\.snapshot) == [point(6).reference, point(30).reference])
    }

    @Test func aRefreshSeenHalfDoneGivesASuspectEpochAndThenTheRest() {
        var history = EpochHistory()
        history.record(.half, at: point(6))
        history.record(EpochStep(cohort: 100, changed: 58, median: 0.01, deviation: 0.02), at: point(9))
        #expect(history.epochs.map(\.state) == [.suspect, .settled])
    }

    @Test func forgetsEpochsOfSnapshotsThatAreGone() {
        var history = EpochHistory()
        for hours in [6.0, 30, 54] { history.record(.refresh, at: point(hours)) }
        history.forget(before: point(30).observedAt)
        #expect(history.epochs.map(\.snapshot) == [point(30).reference, point(54).reference])
    }
}
