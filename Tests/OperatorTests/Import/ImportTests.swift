import JSON
import Model
import SQLite
import Store
import Testing
import TestKit

@testable import helicarrier

@Suite struct ImportTests {
    let files: TemporaryDirectory
    let world: CommandWorld

    init() throws {
        files = try TemporaryDirectory()
        world = try CommandWorld(migrated: false)
    }

    func file(_ name: String, _ text: String) throws -> String {
        try files.write([UInt8](text.utf8), to: name)
    }

    func listing(_ moment: String, _ ids: String...) -> String {
        let rows = ids.map { #"{"id":"\#($0)","downloads":1}"# }.joined(separator: ",")
        return #"{"fetchedAt":"\#(moment)","models":[\#(rows)]}"#
    }

    @Test func eachObservationBecomesOneRefreshOnePageAndOneJob() async throws {
        let later = try file("1.json", listing("2026-05-02T00:00:00Z", "a/b", "c/d"))
        let earlier = try file("2.json", listing("2026-05-01T00:00:00Z", "a/b"))
        #expect(await world.run(["import", "hub", later, earlier]) == .fine)
        let jobs = try world.store.open().run(.jobs(stage: nil, kind: nil, state: nil, limit: 10))
        #expect(
            jobs.reversed().map(\.payload) == [
                #"{"refresh":"hub-20260501T000000000Z"}"#, #"{"refresh":"hub-20260502T000000000Z"}"#,
            ])
        let refresh = try #require(try world.store.open().run(.refresh(id: "hub-20260502T000000000Z")).first)
        #expect(refresh.origin == .import)
        #expect(refresh.state == "fetched")
        let page = try #require(try world.store.open().run(.pages(of: refresh.id)).first)
        #expect(page.url == "import:1.json")
        #expect(page.model == nil)
        #expect(world.output.hasPrefix("2 listings in "))
        #expect(world.output.contains("3 rows"))
        #expect(world.output.hasSuffix("2 jobs wait for normalizer\n"))
        #expect(try world.audit().map(\.result) == ["2 stored, 0 known, 0 refused"])
    }

    @Test func theSameObservationAgainIsSkipped() async throws {
        let path = try file("1.json", listing("2026-05-02T00:00:00Z", "a/b"))
        #expect(await world.run(["import", "hub", path, path]) == .fine)
        #expect(await world.run(["import", "hub", path]) == .fine)
        #expect(world.output.contains("1 already there"))
        #expect(try world.states().count == 1)
    }

    /// Older than thirty days before the newest: it would be pruned at once, in whatever order they come.
    @Test func whatLiesBeforeTheHistoryIsPassedBy() async throws {
        let new = try file("1.json", listing("2026-05-31T00:00:00Z", "a/b"))
        let edge = try file("2.json", listing("2026-05-01T00:00:00Z", "a/b"))
        let old = try file("3.json", listing("2026-04-30T23:59:59Z", "a/b"))
        #expect(await world.run(["import", "hub", new]) == .fine)
        #expect(await world.run(["import", "hub", old, edge]) == .fine)
        #expect(world.output.contains("1 listing in "))
        #expect(world.output.contains("1 older than the history that is kept"))
        #expect(try world.states().count == 2)
        #expect(await world.run(["import", "hub", "--feed", "other", old]) == .fine)
        #expect(try world.states().count == 3)
    }

    @Test func theSameMomentWithOtherContentIsRefusedAndTheOthersGoOn() async throws {
        let first = try file("1.json", listing("2026-05-02T00:00:00Z", "a/b"))
        let other = try file("2.json", listing("2026-05-02T00:00:00Z", "x/y"))
        let third = try file("3.json", listing("2026-05-03T00:00:00Z", "a/b"))
        #expect(await world.run(["import", "hub", first]) == .fine)
        #expect(await world.run(["import", "hub", other, third]) == .failed)
        #expect(world.errors.contains("2.json: hub has another listing of 2026-05-02T00:00:00.000Z with other content"))
        #expect(try world.states().count == 2)
    }

    @Test func feedsDoNotMeet() async throws {
        let path = try file("1.json", listing("2026-05-02T00:00:00Z", "a/b"))
        #expect(await world.run(["import", "hub", path]) == .fine)
        #expect(await world.run(["import", "hub", "--feed", "mine", path]) == .fine)
        #expect(try world.states().count == 2)
    }

    @Test func badFilesAreNamedOneByOneAndTheOthersGoOn() async throws {
        let good = try file("1.json", listing("2026-05-02T00:00:00Z", "a/b"))
        let bad = try file("2.json", "[{]")
        #expect(await world.run(["import", "hub", "--json", bad, files.file("none"), files.path, good]) == .failed)
        let lines = world.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].contains("2.json, byte "))
        #expect(lines[1].hasSuffix("none: there is no such file"))
        #expect(lines[2].contains("not a file"))
        let report = try JSONDocument(parsing: world.output).root
        #expect(report["stored"]?.int64 == 1)
        #expect(report["refused"]?.count == 3)
        #expect(report["snapshots"]?[0]?.string == "hub-20260502T000000000Z")
    }

    @Test func waitingForNothingEndsAtOnce() async throws {
        let path = try file("2.json", "[{]")
        #expect(await world.run(["import", "hub", "--wait", path]) == .failed)
    }
}
