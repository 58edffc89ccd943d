import JSON
import Model
import Store
import Testing

@testable import api

@Suite struct LiveValueTests {
    private typealias Fixture = OperationsFixture

    private func values(_ stages: StageBacklog...) -> LiveValues {
        var figures = Fixture.figures()
        for stage in stages {
            if let place = figures.backlog.firstIndex(where: { $0.stage == stage.stage }) {
                figures.backlog[place] = stage
            }
        }
        return LiveValues(figures)
    }

    @Test func nothingIsWrongInAnEmptyQueue() {
        let values = values()
        for stage in StageName.allCases {
            #expect(values["\(stage.rawValue).state"] == "Healthy")
            #expect(values["\(stage.rawValue).alert"].isEmpty && values["\(stage.rawValue).why"].isEmpty)
        }
        #expect(values["dead.alert"].isEmpty && values["hub.alert"].isEmpty)
        #expect(values["total.oldest"] == "—" && values["total.oldest.note"] == "Nothing waits")
        #expect(values["total.retries.note"] == "No attempts in the last hour")
    }

    @Test func aStageThatIsBehindSaysHowLongAndWhatWasPromised() {
        let values = values(
            Fixture.stage(.normalize) {
                $0.ready = 12
                $0.oldestReadyAge = .seconds(18 * 60 + 42)
            })
        #expect(values["normalize.state"] == "Behind")
        #expect(values["normalize.alert"] == "Normalize is behind.")
        #expect(values["normalize.why"] == "Oldest job has waited 18m 42s (objective 1m 00s).")
        #expect(values["total.oldest"] == "18m 42s" && values["total.oldest.note"] == "Normalize, objective 1m 00s")
        #expect(values["fetch.state"] == "Healthy")
    }

    @Test func aPauseSaysWhyByWhomAndUntilWhen() {
        let until = Fixture.now + .minutes(15)
        let values = values(
            Fixture.stage(.score) { $0.pauses = [Fixture.pause("score", until: until)] },
            Fixture.stage(.fetch) { $0.pauses = [Fixture.pause("fetch-page")] })
        #expect(values["score.state"] == "Paused" && values["score.alert"] == "Score is paused.")
        #expect(values["score.why"] == "“deploy <b>”, by page:ada, until \(TimeText.moment(until)).")
        #expect(values["fetch.state"] == "Healthy", "a kind of it is paused, the others go on")
        #expect(values["fetch.alert"] == "fetch-page is paused.")
        #expect(values["fetch.why"] == "fetch-page: “deploy <b>”, by page:ada, until somebody resumes it.")
    }

    @Test func aStageWithoutAProcessHasStopped() {
        var figures = Fixture.figures(Fixture.stage(.notify) { $0.ready = 3 })
        figures.listening.remove(.notify)
        let values = LiveValues(figures)
        #expect(values["notify.state"] == "Stopped" && values["notify.alert"] == "Notify has stopped.")
        #expect(values["notify.why"] == "No process listens for its work; 3 jobs wait.")
    }

    @Test(arguments: [
        (0, 0, "", ""), (1, 0, "1 job is dead.", "None in the last hour."),
        (1_700, 12, "1,700 jobs are dead.", "12 in the last hour."),
    ])
    func deadJobsAreWrong(dead: Int, died: Int, what: String, why: String) {
        let values = values(
            Fixture.stage(.fetch) {
                $0.dead = dead
                $0.died = died
            })
        #expect(values["dead.alert"] == what && values["dead.why"] == why)
    }

    @Test func totalsAreTheSumsOfTheStages() {
        var figures = Fixture.figures(
            Fixture.stage(.fetch) { ($0.ready, $0.scheduled, $0.retrying) = (1_000, 200, 3) },
            Fixture.stage(.notify) { ($0.ready, $0.dead, $0.died) = (1, 17, 12) })
        figures.ends = [.fetch: StageEnds(done: 12_000, retried: 20), .notify: StageEnds(done: 60, died: 12)]
        let values = LiveValues(figures)
        #expect(values["total.backlog"] == "1,204")
        #expect(values["total.backlog.note"] == "1,001 ready, 200 scheduled, 3 retrying")
        #expect(values["total.rate"] == "201" && values["fetch.rate"] == "200" && values["notify.rate"] == "1")
        #expect(values["total.retries"] == "20" && values["total.retries.note"] == "0.17% of attempts")
        #expect(values["total.dead"] == "17" && values["total.dead.note"] == "12 in the last hour")
    }

    @Test func workersAndTheCacheAreTold() {
        var figures = Fixture.figures()
        #expect(LiveValues(figures)["fetch.workers"] == "0")
        #expect(LiveValues(figures)["cache.share"] == "none asked for yet")
        figures.workers = [.fetch: 3]
        figures.cache = BodyCache.Figures(entries: 1_204, bytes: 3_200_000, hits: 918, misses: 82, evictions: 5)
        let values = LiveValues(figures)
        #expect(values["fetch.workers"] == "3" && values["score.workers"] == "0")
        #expect(values["cache.share"] == "91.8%" && values["cache.size"] == "1,204 in 3.2 MB")
    }

    @Test func theChangeOfTheBacklogIsToldWhereAllStagesKnowIt() {
        let change: [Int?] = [1_300, -96, 0, 0]
        var figures = Fixture.figures()
        for (place, each) in change.enumerated() { figures.backlog[place].change = each }
        let known = LiveValues(figures)
        #expect(known["fetch.change.text"] == "1,300" && known["fetch.change.class"] == "delta bad")
        #expect(known["normalize.change.text"] == "96" && known["normalize.change.word"] == "down ")
        #expect(known["total.change.text"] == "1,204" && known["total.change.word"] == "up ")
        figures.backlog[3].change = nil
        let unknown = LiveValues(figures)
        #expect(unknown["total.change.text"] == "—" && unknown["notify.change.text"] == "—")
    }

    @Test func throughputIsComparedWithTheWindowBefore() {
        var figures = Fixture.figures()
        figures.window = .day
        figures.ends = [.fetch: StageEnds(done: 78)]
        #expect(LiveValues(figures)["total.rate.span"] == "None to compare with")
        figures.flow[.fetch] = Array(repeating: 0, count: 47) + [100, 78] + Array(repeating: 0, count: 47)
        let values = LiveValues(figures)
        #expect(values["total.rate.change.text"] == "22%" && values["total.rate.change.word"] == "down ")
        #expect(values["total.rate.span"] == "to the 24 hours before")
        #expect(values["fetch.bars"] == "M0 26v-26h2v26z")
        #expect(values["fetch.bars.words"] == "Fetch, jobs done: 78 in the last 24 hours")
    }

    @Test(arguments: [
        (0, "0"), (1, "< 0.1"), (3, "0.1"), (60, "1"), (204, "3.4"), (599, "10"), (630, "11"), (12_720, "212"),
    ])
    func ratesArePerMinute(perHour: Int, text: String) {
        #expect(
            Figures.rate(perHour, inMinutes: 60) == text
                && Figures.rate(perHour * 3, inMinutes: 180) == text)
    }

    @Test(arguments: [
        (0, 5, "0% of attempts"), (1, 100_000, "< 0.01% of attempts"), (3, 2_000, "0.15% of attempts"),
        (1, 2, "50.0% of attempts"),
    ])
    func sharesKeepTwoDecimalsWhereTheyMatter(part: Int, whole: Int, text: String) {
        #expect(Figures.share(part, of: whole) == text)
    }

    @Test(arguments: [
        (Int64(0), "0 B"), (999, "999 B"), (4_120, "4.1 kB"), (37_080, "37 kB"), (999_600, "1.0 MB"),
        (1_240_000_000, "1.2 GB"),
    ])
    func sizesAreInStepsOfAThousand(bytes: Int64, text: String) {
        #expect(Figures.bytes(bytes) == text)
    }

    @Test func anEventHoldsWhatHasChangedAndNothingElse() throws {
        let before = values()
        let after = values(Fixture.stage(.fetch) { $0.running = 2 })
        #expect(after.changes(since: before).map(\.key) == ["fetch.running"])
        #expect(LiveValues.event(from: after, to: after) == nil)
        let event = String(decoding: try #require(LiveValues.event(from: before, to: after)), as: UTF8.self)
        #expect(event == "data: {\"fetch.running\":\"2\"}\n\n")
        #expect(after.changes(since: nil).count == after.texts.count)
    }

    /// Whatever somebody gives as a reason, an event stays one line.
    @Test func anEventIsOneLine() throws {
        let values = values(
            Fixture.stage(.fetch) {
                $0.pauses = [
                    Pause(target: "fetch", reason: "a\n\ndata: b", pausedBy: "x", since: Fixture.now, until: nil)
                ]
            })
        let event = String(decoding: try #require(LiveValues.event(from: nil, to: values)), as: UTF8.self)
        #expect(event.occurrences(of: "\n") == 2 && event.hasSuffix("\n\n"))
    }
}
