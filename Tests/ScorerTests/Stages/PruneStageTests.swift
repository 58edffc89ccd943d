import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import scorer

@Suite struct PruneStageTests {
    private static let base: [Int64?] = (1...40).map { Int64($0) * 1_000 }

    @Test func whatIsOlderThanTheWindowGoesWithAllThatBelongsToIt() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 40)
        for day in days { try await rig.arrive(day) }
        try rig.place.open().runScript(
            """
            INSERT INTO page (refresh_id, number, shape, url, status, fetched_at_ms, sha256, raw_bytes, body_gzip)
            SELECT id, 1, 'listing', 'u', 200, 0, zeroblob(32), 1, zeroblob(100) FROM refresh;
            INSERT INTO rejected_row SELECT id, 1, 0, NULL, '', 'reason', '{}' FROM refresh;
            """)
        let before = try rig.standings()
        #expect(try await rig.prune() > 1, "one small batch does not take everything")
        let kept = 31
        #expect(try rig.count("SELECT count(*) FROM snapshot") == kept)
        #expect(try rig.count("SELECT count(*) FROM listing") == kept * 40)
        #expect(try rig.count("SELECT count(*) FROM score") == kept * 40)
        #expect(try rig.count("SELECT count(*) FROM page") == kept)
        #expect(try rig.count("SELECT count(*) FROM rejected_row") == kept)
        #expect(try rig.count("SELECT count(*) FROM refresh") == kept)
        #expect(try rig.count("SELECT count(*) FROM epoch_step") == kept - 1)
        #expect(try rig.count("SELECT count(*) FROM pragma_foreign_key_check") == 0)
        _ = try await rig.publish("hub")
        #expect(try rig.publication().historyDays == 30 && rig.publication().snapshotCount == kept)
        #expect(try rig.standings() == before, "nothing that is shown depends on what has gone")
        #expect(try await rig.prune() == 1, "and nothing is left to do")
    }

    /// Whatever the order of arrival, and whenever what is old is pruned.
    @Test(arguments: UInt64(1)...3)
    func theOrderOfArrivalDoesNotMatter(seed: UInt64) async throws {
        let days = Observed.steady(days: 45, jumps: [41: 7])
        var chance = SplitMix64(seed: seed)
        let (ordered, shuffled) = (try StageRig(), try StageRig())
        for day in days {
            try await ordered.arrive(day)
            try await ordered.prune()
        }
        for day in days.shuffled(using: &chance) {
            try await shuffled.arrive(day)
            if Bool.random(using: &chance) { try await shuffled.prune() }
        }
        for rig in [ordered, shuffled] {
            _ = try await rig.publish("hub")
            try await rig.prune()
        }
        #expect(try ordered.standings() == shuffled.standings())
        #expect(try ordered.steps() == shuffled.steps())
        let (left, right) = (try ordered.publication(), try shuffled.publication())
        #expect(left.historyDays == right.historyDays && left.snapshotCount == right.snapshotCount)
        #expect(left.baselines == right.baselines && left.epoch == right.epoch)
        #expect(try ordered.seen() == shuffled.seen(), "when a model was first seen outlives the snapshot that saw it")
        #expect(try ordered.count("SELECT count(*) FROM snapshot") == shuffled.count("SELECT count(*) FROM snapshot"))
    }

    /// A snapshot may be pruned while its neighbour is being scored.
    @Test func aVerdictOnWhatHasLeftTheHistoryIsNotKept() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        let db = try rig.place.open()
        let key = try #require(try db.run(.scoredSnapshots(feed: "hub")).first).key
        for (snapshot, previous) in [(key, key + 7), (key + 7, key)] {
            try db.run(
                Query<Void>.saveStep(
                    StoredStep(
                        snapshot: snapshot, previous: previous, verdict: "settled", reason: nil, cohort: 1, changed: 1,
                        median: nil, deviation: nil)))
        }
        #expect(try rig.steps().isEmpty)
    }

    @Test func whatAPublicationShowsStaysHoweverOld() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        let pinned = try rig.publication().snapshot.id
        try await rig.arrive(.madeUp(hour: 24 * 60, Self.base))
        try await rig.prune()
        let publication = try rig.place.open().run(Query<Publication>.publication(snapshot: pinned))
        #expect(publication.count == 1, "a reader may still be paging through it")
        #expect(try rig.publication().snapshotCount == 1)
        for day in 61...63 as ClosedRange<Int64> { try await rig.arrive(.madeUp(hour: 24 * day, Self.base)) }
        try await rig.prune()
        #expect(try rig.place.open().run(Query<Publication>.publication(snapshot: pinned)).isEmpty)
        #expect(try rig.count("SELECT count(*) FROM snapshot") == 4)
    }

    @Test func aSnapshotThatWaitsForItsScoresIsNotPruned() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 24 * 60, Self.base))
        let id = try rig.observe(.madeUp(hour: 0, Self.base))
        try rig.place.open().runScript("UPDATE snapshot SET created_at_ms = 1790000000000")
        try await rig.prune()
        let scored = try await rig.score(id)
        #expect(scored.next.map(\.uniqueKey) == ["publish-feed:hub"])
        try await rig.prune()
        #expect(try rig.count("SELECT count(*) FROM snapshot") == 1)
    }

    @Test func aFeedThatWasNeverPublishedIsLeftAlone() async throws {
        #expect(try await StageRig().prune() == 1)
    }

    @Test func anAnomalyOutlivesItsSnapshots() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 80, jumps: [20: 7])
        for day in days[...45] { try await rig.arrive(day) }
        try await rig.prune()
        let told = try rig.anomalies().map(Told.init)
        #expect(told.contains { $0.model == "m/7" && $0.opened == days[20].at && $0.closed != nil })
        for day in days[46...60] {
            try await rig.arrive(day)
            try await rig.prune()
        }
        #expect(try !rig.anomalies().contains { $0.openedAt == days[20].at }, "thirty days after its end it goes too")
    }
}

extension StageRig {
    func seen() throws -> [String] {
        try place.open().run(
            Query("SELECT name, first_seen_ms FROM model_card JOIN model ON model.id = model_id ORDER BY name") {
                "\($0.text(0)) \($0.integer(1))"
            })
    }
}
