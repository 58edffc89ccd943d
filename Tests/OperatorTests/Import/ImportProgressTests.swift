import Model
import Store
import Testing

@testable import helicarrier

@Suite struct ImportProgressTests {
    func step(_ id: Int64, _ kind: String, _ state: JobState, parent: Int64? = nil) -> JobStep {
        JobStep(id: JobID(id), parent: parent.map { JobID($0) }, kind: kind, state: state, uniqueKey: nil)
    }

    @Test func childrenOfWhatWasAskedForBelongToIt() {
        let progress = ImportProgress(
            asked: [JobID(1)],
            steps: [
                step(1, "normalize-refresh", .done), step(2, "normalize-refresh", .ready),
                step(3, "score-snapshot", .running, parent: 1), step(4, "publish-feed", .scheduled, parent: 3),
                step(5, "score-snapshot", .ready, parent: 2),
            ], publishing: [])
        #expect(progress.total == 3)
        #expect(progress.done == 1)
        #expect(progress.open == [.score: 2])
        #expect(!progress.hasEnded)
    }

    @Test func aPublicationThatSomebodyElseAskedForIsWaitedForToo() {
        let steps = [step(5, "normalize-refresh", .done), step(6, "score-snapshot", .done, parent: 5)]
        let publishing = [step(2, "publish-feed", .running)]
        #expect(!ImportProgress(asked: [JobID(5)], steps: steps, publishing: publishing).hasEnded)
        #expect(ImportProgress(asked: [JobID(5)], steps: steps, publishing: []).hasEnded)
    }

    @Test func aPublicationIsCountedOnce() {
        let steps = [step(1, "score-snapshot", .done), step(2, "publish-feed", .ready, parent: 1)]
        #expect(ImportProgress(asked: [JobID(1)], steps: steps, publishing: [steps[1]]).total == 2)
    }

    @Test(arguments: [JobState.dead, .cancelled])
    func whatWillNotBeDoneIsLostAndEnds(state: JobState) {
        let progress = ImportProgress(asked: [JobID(1)], steps: [step(1, "normalize-refresh", state)], publishing: [])
        #expect(progress.hasEnded)
        #expect(progress.lost.map(\.id) == [JobID(1)])
    }

    @Test func theHindranceNamesTheProcessOrThePause() {
        let progress = ImportProgress(asked: [JobID(1)], steps: [step(1, "normalize-refresh", .ready)], publishing: [])
        let pause = Pause(
            target: "normalize", reason: "maintenance", pausedBy: "x", since: CommandWorld.start, until: nil)
        #expect(
            ImportHindrance.text(progress, listening: [], pauses: [])
                == "1 job waits for normalizer: start it, or all with `helicarrier up`")
        #expect(
            ImportHindrance.text(progress, listening: [.normalize], pauses: [pause])?.contains("maintenance") == true)
        #expect(ImportHindrance.text(progress, listening: [.normalize], pauses: []) == nil)
    }
}
