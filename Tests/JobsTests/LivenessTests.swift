import Model
import Store
import TestKit
import Testing

@testable import Jobs

/// What a watchdog is told: that a worker gets anywhere, and not merely that it is there.
@Suite struct LivenessTests {
    @Test func aLoopThatDoesNotComeRoundIsNotAlive() {
        var liveness = Liveness()
        var verdicts: [Bool] = []
        for turns in [0, 1, 1, 1, 2, 7, 7] { verdicts.append(liveness.isAlive(turns: turns, longest: nil)) }
        #expect(verdicts == [true, true, false, false, true, true, false])
    }

    @Test(arguments: [(Duration?.none, true), (.seconds(3_599), true), (.hours(1), false), (.days(2), false)])
    func aRunBeyondAllMeasureIsNoProgress(longest: Duration?, alive: Bool) {
        var liveness = Liveness()
        let verdict = liveness.isAlive(turns: 1, longest: longest)
        #expect(verdict == alive)
    }

    /// What was not said for the run's sake is said once it is over.
    @Test func whatWasHeldUpGoesOn() {
        var liveness = Liveness()
        let verdicts = [
            liveness.isAlive(turns: 4, longest: .hours(2)), liveness.isAlive(turns: 4, longest: .seconds(1)),
        ]
        #expect(verdicts == [false, true])
    }

    @Test(arguments: [
        (0, 0, "waits for jobs, 0 ended"), (1, 7, "runs 1 job, 7 ended"), (3, 1_200, "runs 3 jobs, 1200 ended"),
    ])
    func aPulseSaysWhatTheWorkerDoes(held: Int, ended: Int, words: String) {
        #expect(WorkerPulse(held: held, ended: ended).words == words)
    }
}
