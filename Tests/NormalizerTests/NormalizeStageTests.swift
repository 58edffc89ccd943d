import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import normalizer

@Suite struct NormalizeStageTests {
    @Test func pagesBecomeOneSnapshotWithItsListings() async throws {
        let rig = try NormalizeRig()
        let refresh = try rig.observe(
            at: 0, #"[{"id":"a/b","downloads":5,"likes":2},{"id":"c/d"}]"#, #"[{"id":"a/b"}]"#)
        let result = try await rig.normalize(refresh)
        #expect(result.end == .done)
        #expect(result.next.map(\.kind) == [ScoreSnapshot.name])
        #expect(result.next.first?.uniqueKey == "score-snapshot:\(refresh)")
        let db = try rig.place.open()
        let snapshot = try #require(try db.run(Query<Snapshot>.snapshot(id: refresh)).first)
        #expect(snapshot.observedAt == rig.moment(0) && snapshot.feed == "hub")
        #expect(snapshot.sourceCount == 2 && snapshot.readyCount == 2 && snapshot.rejectedCount == 0)
        let counters = try db.run(Query<Counters>.counters(snapshot: snapshot.key))
        #expect(counters.map(\.downloads) == [5, nil] && counters.map(\.likes) == [2, nil])
        #expect(try rig.state(of: refresh) == "normalized")
    }

    @Test func aSecondRunOfTheSameObservationChangesNothing() async throws {
        let rig = try NormalizeRig()
        let refresh = try rig.observe(at: 0, #"[{"id":"a/b","likes":2},{"id":"x/y","likes":"?"}]"#)
        _ = try await rig.normalize(refresh)
        let before = try rig.counts()
        #expect(try await rig.normalize(refresh).end == .done)
        #expect(try rig.counts() == before)
        #expect(before == ["snapshot": 1, "listing": 1, "model_card": 1, "rejected_row": 1, "model": 1])
    }

    /// Three observations of one model in every order in which they can arrive.
    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func theCardFollowsTheNewestObservationInAnyOrder(order: [Int]) async throws {
        let rig = try NormalizeRig()
        for day in order {
            let refresh = try rig.observe(
                at: day, #"[{"id":"a/b","library_name":"l\#(day)","tags":["t\#(day)"],"downloads":\#(day)}]"#)
            #expect(try await rig.normalize(refresh).end == .done)
        }
        let cards = try rig.place.open().run(
            Query("SELECT library, tags, first_seen_ms, observed_at_ms FROM model_card") {
                [$0.text(0), $0.text(1), "\($0.integer(2))", "\($0.integer(3))"]
            })
        #expect(cards == [["l2", "t2", "\(rig.moment(0).milliseconds)", "\(rig.moment(2).milliseconds)"]])
        #expect(try rig.counts()["listing"] == 3)
    }

    @Test func brokenRowsAreKeptWithTheirReason() async throws {
        let rig = try NormalizeRig()
        let refresh = try rig.observe(at: 0, #"[{"id":"a/b"},{"id":"c/d","likes":"x"}]"#, "<html>")
        let result = try await rig.normalize(refresh)
        #expect(result.end == .done)
        let rows = try rig.place.open().run(Query<RejectedRowRecord>.rejectedRows(feed: "hub", limit: 10))
        #expect(rows.map(\.page) == [1, 2] && rows.map(\.row) == [1, -1])
        #expect(rows.map(\.model) == ["c/d", nil] && rows.map(\.pointer) == ["/likes", ""])
        let snapshot = try #require(try rig.place.open().run(Query<Snapshot>.snapshot(id: refresh)).first)
        #expect(snapshot.readyCount == 1 && snapshot.sourceCount == 2 && snapshot.rejectedCount == 2)
    }

    @Test func whatWasAskedForAloneIsAListingOrAnError() async throws {
        let rig = try NormalizeRig()
        let refresh = try rig.begin(at: 0)
        try rig.add(refresh, 1, #"[{"id":"a/b"}]"#)
        try rig.add(refresh, 2, #"{"id":"c/d","likes":9}"#, model: "c/d")
        try rig.add(refresh, 3, #"{"error":"x"}"#, model: "e/f", status: 404)
        #expect(try await rig.normalize(refresh).end == .done)
        let db = try rig.place.open()
        let snapshot = try #require(try db.run(Query<Snapshot>.snapshot(id: refresh)).first)
        #expect(snapshot.readyCount == 2)
        let errors = try db.run(.upstreamErrors(key: snapshot.key))
        #expect(errors.map(\.model) == ["e/f"] && errors.map(\.message) == ["Request failed with status 404"])
    }

    /// Who has left the listings stays with what was seen last, until somebody has asked in vain or too long ago. An
    /// imported listing is taken as it is.
    @Test func whoLeavesTheListingsStaysInTheSnapshots() async throws {
        let rig = try NormalizeRig()
        let db = try rig.place.open()
        func downloads(_ refresh: String) throws -> [Int64?] {
            let snapshot = try #require(try db.run(Query<Snapshot>.snapshot(id: refresh)).first)
            let counters = try db.run(Query<Counters>.counters(snapshot: snapshot.key))
            #expect(snapshot.readyCount == counters.count && snapshot.sourceCount >= counters.count)
            return counters.map(\.downloads)
        }
        let both = try rig.observe(
            at: 0, from: .upstream, #"[{"id":"a/b","downloads":5},{"id":"c/d","downloads":7}]"#)
        _ = try await rig.normalize(both)
        let carried = try rig.observe(at: 1, from: .upstream, #"[{"id":"a/b","downloads":6}]"#)
        _ = try await rig.normalize(carried)
        #expect(try downloads(carried) == [6, 7])
        #expect(try await rig.normalize(carried).end == .done)
        #expect(try downloads(carried) == [6, 7], "a second run changes nothing")
        let later = try rig.observe(at: 2, from: .upstream, #"[{"id":"a/b","downloads":7}]"#)
        _ = try await rig.normalize(later)
        #expect(try downloads(later) == [7, 7])
        let late = try rig.observe(at: 3, from: .upstream, #"[{"id":"a/b","downloads":8}]"#)
        _ = try await rig.normalize(late)
        #expect(try downloads(late) == [8], "nobody has looked for two days")
        _ = try await rig.normalize(
            try rig.observe(at: 4, from: .upstream, #"[{"id":"a/b","downloads":9},{"id":"c/d","downloads":9}]"#))
        let vain = try rig.observe(at: 5, from: .upstream, #"[{"id":"a/b","downloads":9}]"#)
        try rig.add(vain, 9, #"{"error":"x"}"#, model: "c/d", status: 404)
        _ = try await rig.normalize(vain)
        #expect(try downloads(vain) == [9], "it is gone")
        let imported = try rig.observe(at: 6, #"[{"id":"c/d","downloads":1}]"#)
        _ = try await rig.normalize(imported)
        #expect(try downloads(imported) == [1])
    }

    @Test(arguments: [
        (["[]"], "no row at all", 0), (["<html>"], "no usable row; the first fault: malformed JSON: ", 1),
        (
            [#"[{"id":7},{}]"#], "no usable row; the first fault: must be a string", 2
        ), ([], "no row at all", 0),
    ])
    func withoutOneUsableRowThereIsNoSnapshot(pages: [String], reason: String, rejected: Int) async throws {
        let rig = try NormalizeRig()
        let refresh = try rig.begin(at: 0)
        for (index, page) in pages.enumerated() { try rig.add(refresh, index + 1, page) }
        let result = try await rig.normalize(refresh)
        guard case .dead(let errorClass, let said) = result.end else {
            Issue.record("ended \(result.end)")
            return
        }
        #expect(errorClass == "contract" && said.hasPrefix(reason))
        #expect(result.next.isEmpty)
        #expect(try rig.state(of: refresh) == "failed")
        let counts = try rig.counts()
        #expect(counts["snapshot"] == 0 && counts["rejected_row"] == rejected)
    }

    @Test func aStoredPageThatDoesNotUnpackCostsItself() async throws {
        let rig = try NormalizeRig()
        let refresh = try rig.observe(at: 0, #"[{"id":"a/b"}]"#)
        var packed = storedGzip([UInt8]("[]".utf8))
        packed[packed.count - 6] ^= 1
        try rig.add(refresh, 2, packed: packed)
        #expect(try await rig.normalize(refresh).end == .done)
        let rows = try rig.place.open().run(Query<RejectedRowRecord>.rejectedRows(feed: nil, limit: 10))
        #expect(rows.map(\.row) == [-1])
        #expect(rows.first?.reason.hasPrefix("the stored page cannot be unpacked") == true)
    }

    @Test func anUnknownRefreshIsPermanentlyMissing() async throws {
        let rig = try NormalizeRig()
        await #expect(throws: JobFailure.permanent("missing", "there is no refresh nowhere")) {
            try await rig.normalize("nowhere")
        }
    }
}

/// A real database with raw pages in it, and the stage over them.
struct NormalizeRig {
    let place: TemporaryDatabase
    let database: Database

    init() throws {
        place = try TemporaryDatabase()
        database = try place.database()
        try place.open().run(Query<Void>.registerFeed("hub", now: moment(0)))
    }

    func moment(_ day: Int) -> Timestamp {
        Timestamp(milliseconds: 1_767_225_600_000) + .days(Int64(day))
    }

    func begin(at day: Int, _ origin: Origin = .import) throws -> String {
        let id = try place.open().run(
            Query<String>.startRefresh(
                feed: "hub", origin: origin, observedAt: moment(day), state: "fetched", now: moment(day))
        ).first
        return try #require(id)
    }

    func observe(at day: Int, from origin: Origin = .import, _ pages: String...) throws -> String {
        let refresh = try begin(at: day, origin)
        for (index, page) in pages.enumerated() { try add(refresh, index + 1, page) }
        return refresh
    }

    func add(_ refresh: String, _ number: Int, _ body: String, model: String? = nil, status: Int = 200) throws {
        try add(refresh, number, packed: storedGzip([UInt8](body.utf8)), model: model, status: status)
    }

    func add(_ refresh: String, _ number: Int, packed: [UInt8], model: String? = nil, status: Int = 200) throws {
        try place.open().run(
            Query<Void>.savePage(
                Page(
                    refresh: refresh, number: number, url: "https://hub.example/\(number)", model: model,
                    status: status, fetchedAt: moment(0), sha256: [UInt8](repeating: 7, count: 32),
                    rawBytes: packed.count, bodyGzip: packed)))
    }

    /// Runs the stage and stores what it wants stored, as a worker does.
    func normalize(_ refresh: String) async throws -> StageResult {
        let end = moment(100)
        return try await run(
            NormalizeStage(database: database, facts: .none, now: { end }), NormalizeRefresh(refresh: refresh))
    }

    func run(_ stage: NormalizeStage, _ work: NormalizeRefresh) async throws -> StageResult {
        let result = try await stage.run(work, JobContext(job: JobID(1), log: .silent))
        try place.open().transaction { db throws(SQLiteError) in
            for write in result.writes { try write.apply(to: db) }
        }
        return result
    }

    func state(of refresh: String) throws -> String? {
        try place.open().run(Query<Refresh>.refresh(id: refresh)).first?.state
    }

    func counts() throws -> [String: Int] {
        let db = try place.open()
        let counts = try db.run(
            Query(
                """
                SELECT 'snapshot', count(*) FROM snapshot UNION ALL SELECT 'listing', count(*) FROM listing
                UNION ALL SELECT 'model_card', count(*) FROM model_card
                UNION ALL SELECT 'rejected_row', count(*) FROM rejected_row
                UNION ALL SELECT 'model', count(*) FROM model
                """
            ) { ($0.text(0), $0.count(1)) })
        return Dictionary(uniqueKeysWithValues: counts)
    }
}
