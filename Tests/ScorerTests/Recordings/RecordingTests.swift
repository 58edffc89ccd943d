import Deployment
import JSON
import Model
import Scoring
import Testing

@testable import Scoring
@testable import scorer

/// What the scorer makes of the recordings, against what `Tests/Fixtures/tracker/expected.py` computed from them.
@Suite struct RecordingTests {
    private func scoring() throws -> Scoring {
        let profiles = try DeploymentFolder(path: repositoryFile("config")).scoreProfiles()
        return Scoring(caps: profiles.caps, weights: try #require(profiles["default"]?.weights))
    }

    @Test(arguments: ["week", "daily"])
    func everyStepIsJudgedAlike(recording: String) throws {
        let feed = try load(recording)
        let golden = try JSONDocument(parsing: bytes(of: "Tests/Fixtures/tracker/\(recording)-steps.json")).root
        let steps = feed.steps()
        #expect(steps.count == golden.count)
        for ((step, observation), expected) in zip(zip(steps, feed.observations.dropFirst()), golden.elements) {
            #expect(observation.point.observedAt.rfc3339 == expected["at"]?.string)
            #expect(Int64(step.cohort) == expected["cohort"]?.int64)
            #expect(Int64(step.changed) == expected["changed"]?.int64)
            #expect(abs(step.median - (expected["median"]?.double ?? .nan)) < 1e-12)
            #expect(abs(step.deviation - (expected["mad"]?.double ?? .nan)) < 1e-12)
            #expect(text(step.verdict) == expected["verdict"]?.string)
        }
    }

    @Test(arguments: ["week", "daily"])
    func everyModelStandsAlike(recording: String) throws {
        let feed = try load(recording)
        let golden = try JSONDocument(parsing: unpacked("Tests/Fixtures/tracker/\(recording)-standings.json.gz")).root
        let baselines = try feed.baselines()
        for (name, baseline) in [
            ("current", baselines.current), ("downloads24h", baselines.downloads24h),
            ("downloads7d", baselines.downloads7d), ("likes24h", baselines.likes24h), ("likes7d", baselines.likes7d),
        ] {
            #expect(baseline.named?.observedAt.rfc3339 == golden["baselines"]?[name]?.string, "\(name)")
        }
        let scoring = try scoring()
        let deltas = try feed.deltas(baselines, by: scoring)
        let newest = try #require(feed.observations.last)
        let ranked = feed.ranked(newest, by: scoring)
        let models = try #require(golden["models"])
        #expect(models.count == deltas.count)
        for (index, key) in newest.downloads.keys.enumerated() {
            let id = feed.ids[Int(key)].text
            let expected = try #require(models[id], "\(id)")
            let computed = deltas[index]
            #expect(matches(computed.downloads24h, expected["downloads24h"]), "\(id)")
            #expect(matches(computed.downloads7d, expected["downloads7d"]), "\(id)")
            #expect(matches(computed.likes24h, expected["likes24h"]), "\(id)")
            #expect(matches(computed.likes7d, expected["likes7d"]), "\(id)")
            #expect(matches(computed.rankChange, expected["rankChange"]), "\(id)")
            let scores = ranked.scores[index]
            #expect((scores.adoption?.count).map(Int64.init) == expected["adoption"]?.int64, "\(id)")
            #expect((scores.ecosystem?.count).map(Int64.init) == expected["ecosystem"]?.int64, "\(id)")
            #expect((scores.velocity?.count).map(Int64.init) == expected["velocity"]?.int64, "\(id)")
            #expect((scores.total?.count).map(Int64.init) == expected["total"]?.int64, "\(id)")
            #expect(ranked.ranks.values[index] == expected["rank"]?.int64, "\(id)")
        }
    }

    @Test(arguments: ["week", "daily"])
    func mostModelsThatWereThereADayEarlierHaveADelta(recording: String) throws {
        let feed = try load(recording)
        let baselines = try feed.baselines()
        let deltas = try feed.deltas(baselines, by: scoring())
        let newest = try #require(feed.observations.last)
        let before = try #require(feed.observations.first { $0.point == baselines.likes24h.usable })
        let there = Set(before.downloads.keys)
        let known = zip(newest.downloads.keys, deltas).filter { there.contains($0.0) }.map(\.1)
        #expect(known.count { $0.downloads24h.value != nil } * 100 >= known.count * 85)
    }

    @Test(arguments: [("config", "v3-default"), ("samples/config", "v3-sample")])
    func theV3DocumentIsTheSameByteForByte(folder: String, golden: String) throws {
        let feed = try RecordedFeed.week()
        let newest = try #require(feed.observations.last)
        let sources = try DeploymentFolder(path: repositoryFile(folder)).sources()
        let curated = sources.map { source -> (source: CuratedSource, outcome: CuratedOutcome) in
            guard let key = feed.key(of: source.id), let index = newest.downloads.keys.firstIndex(of: key) else {
                return (source, .error("Request failed with status 404"))
            }
            let figures = CuratedFigures(
                downloads: newest.downloads.values[index], likes: newest.likes.values[index],
                lastModified: newest.lastModified[key])
            return (source, .ready(figures))
        }
        let snapshot = V3Snapshot(updatedAt: newest.point.observedAt, curated: curated)
        let expected = try bytes(of: "Tests/Fixtures/tracker/\(golden).json")
        #expect(String(decoding: snapshot.document(), as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    private func load(_ recording: String) throws -> RecordedFeed {
        recording == "week" ? try .week() : try .daily()
    }

    private func matches(_ delta: Delta, _ expected: JSONNode?) -> Bool {
        switch delta {
        case .change(let value): expected?.int64 == value
        case .missing(let reason): expected?.string == reason.rawValue
        }
    }

    private func text(_ verdict: EpochStep.Verdict) -> String {
        switch verdict {
        case .none: "none"
        case .settled: "settled"
        case .suspect(let doubt): "suspect:\(doubt.rawValue)"
        }
    }
}
