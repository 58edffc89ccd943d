import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import fetcher

@Suite struct WatchListTests {
    /// Makes the hub's feed know models, as a normalizer does; those after a `?` were asked for by themselves.
    private func know(_ rig: FetchRig, _ names: String...) throws {
        try rig.place.open().transaction { db throws(SQLiteError) in
            let moment = rig.time.now()
            try db.run(
                Query<String>.startRefresh(
                    feed: "hub", origin: .upstream, observedAt: moment, state: "fetched", now: moment))
            let id = Snapshot.id(feed: "hub", observedAt: moment)
            guard let refresh = try db.run(Query<Refresh>.refresh(id: id)).first else { return }
            let models = names.map { ModelID($0.filter { $0 != "?" }) }
            try SaveSnapshot(
                refresh: refresh, listings: models.map { Listing(id: $0) },
                listed: Set(zip(models, names).filter { !$1.hasPrefix("?") }.map(\.0)), sourceCount: names.count,
                rejected: [], errors: [], now: moment
            ).apply(to: db)
        }
    }

    /// The models that a refresh asks for one by one when its only listing has these.
    private func asked(_ rig: FetchRig, listing: String..., curated: [String] = []) async throws -> [String] {
        let work = try rig.begin(models: curated)
        rig.answer(.status(200, body: "[" + listing.map { "{\"id\":\"\($0)\"}" }.joined(separator: ",") + "]"))
        let next = try await rig.fetch(work).nextPage
        return next.map { ([$0.model].compactMap(\.self)) + $0.models } ?? []
    }

    @Test func whoHasLeftTheListingsIsAskedForOnceADay() async throws {
        let rig = try FetchRig()
        try know(rig, "a/1", "a/2")
        rig.time.advance(by: .hours(1))
        try know(rig, "a/3")
        rig.time.advance(by: .hours(1))
        #expect(try await asked(rig, listing: "a/2") == ["a/1", "a/3"], "they have just left, and may be gone")
        rig.time.advance(by: .hours(1))
        #expect(try await asked(rig, listing: "a/9") == ["a/2"], "the others have been asked for")
        rig.time.advance(by: .hours(1))
        #expect(try await asked(rig, listing: "a/9").isEmpty)
        rig.time.advance(by: .hours(21))
        #expect(try await asked(rig, listing: "a/9") == ["a/1", "a/2", "a/3"])
    }

    @Test func aListingKeepsAModelOnTheListForThirtyDaysAndAnAnswerDoesNot() async throws {
        let rig = try FetchRig()
        try know(rig, "a/1")
        rig.time.advance(by: .days(29))
        try know(rig, "?a/1")
        rig.time.advance(by: .hours(21))
        #expect(try await asked(rig, listing: "a/9") == ["a/1"])
        rig.time.advance(by: .hours(21))
        #expect(try await asked(rig, listing: "a/9").isEmpty)
    }

    @Test func noRefreshAsksForMoreThanItsShareAndTheOldestComeFirst() async throws {
        let rig = try FetchRig(watched: 2)
        try know(rig, "z/old")
        rig.time.advance(by: .hours(1))
        try know(rig, "a/1", "a/2", "a/3")
        rig.time.advance(by: .hours(30))
        #expect(try await asked(rig, listing: "a/9") == ["z/old", "a/1"])
        rig.time.advance(by: .hours(1))
        #expect(try await asked(rig, listing: "a/9") == ["a/2", "a/3"])
    }

    @Test func curatedModelsAndHintsComeFirst() async throws {
        let rig = try FetchRig(watched: 2)
        try know(rig, "a/1", "a/2")
        rig.time.advance(by: .hours(30))
        for hint in ["new/model", "a/9"] {
            try rig.place.open().run(Query<Void>.saveHint(hint, at: rig.time.now()))
        }
        #expect(try await asked(rig, listing: "a/9", curated: ["c/1", "a/9"]) == ["c/1", "new/model", "a/1"])
        #expect(try rig.place.open().run(.hints(limit: 9)).isEmpty, "hints are followed once")
    }
}
