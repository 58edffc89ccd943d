import Daemon
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import TrackerBench

/// The roles of the tracker's benchmark run at a tiny size, and answer what `Benchmarks/tracker_benchmark.py` reads.
@Suite(.timeLimit(.minutes(10))) struct RoleTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var path: String { directory.file("tracker.sqlite") }

    private func run(_ role: String, _ more: String...) async throws -> JSONNode {
        let config = Repository.root + "/config"
        let process = try ChildProcess("TrackerBench", [role, "--db", path, "--config", config] + more)
        let ending = try await process.wait()
        #expect(ending == .exited(0), "\(process.errorOutput)")
        let line = try #require(process.output.split(separator: "\n").last)
        return try JSONDocument(parsing: String(line)).root
    }

    /// What the scorer finds is a month of its own making, with one day left to do.
    @Test func aMonthIsScoredUpToItsLastDay() async throws {
        let filled = try await run("fill", "--models", "400", "--days", "12")
        let connection = try Connection(path: path, readOnly: true)
        let snapshots = try connection.run(
            Query<(key: Int64, isScored: Bool)>("SELECT key, scored_at_ms IS NOT NULL FROM snapshot ORDER BY key") {
                ($0.integer(0), $0.flag(1))
            })
        #expect(snapshots.map(\.key) == Array(1...12))
        #expect(snapshots.map(\.isScored) == Array(repeating: true, count: 11) + [false])
        let listings = try connection.run(Query<Int64>("SELECT count(*) FROM listing") { $0.integer(0) }).first
        #expect(filled["rows"]?.int64 == listings)
        // Most counters move every day, so every step is a refresh to be believed.
        let verdicts = try connection.run(.steps(feed: "hub")).map(\.verdict)
        #expect(verdicts == Array(repeating: "settled", count: 10))
        let jobs = try connection.run(Query<String>("SELECT kind FROM job") { $0.text(0) })
        #expect(jobs == ["score-snapshot"])
        #expect(try connection.run(.judgedEpochs(feed: "hub")).count == 9)
    }

    @Test func aLargeMonthIsPackedButForItsLastDays() async throws {
        let filled = try await run("fill", "--models", "17000", "--days", "5")
        let connection = try Connection(path: path, readOnly: true)
        let rows = try connection.run(Query<Int64>("SELECT count(*) FROM listing") { $0.integer(0) }).first ?? 0
        var packed = 0
        for day in 1...5 as ClosedRange<Int64> { try connection.eachBlock(of: day) { packed += $0.count } }
        #expect(filled["rows"]?.int64 == rows + Int64(packed))
        let days = try connection.run(
            Query<Int64>("SELECT key FROM snapshot WHERE packed = 1 ORDER BY key") { $0.integer(0) })
        #expect(days == [1, 2])
    }

    @Test func thePartsOfAPublicationAreTimed() async throws {
        _ = try await run("fill", "--models", "400", "--days", "12")
        let figures = try await run("figure")
        #expect(figures["epochs"]?.int64 == 10)
        #expect((figures["judged"]?.int64 ?? 0) > 300)
        let took = try #require(figures["took"])
        for part in ["read", "epochs", "scores", "ranks", "deltas", "anomalies"] {
            #expect(took[part]?.int64 != nil, "\(part)")
        }
    }

    @Test func pagesHaveAllModels() async throws {
        #expect(try await run("pages", "--models", "2500")["rows"]?.int64 == 2_500)
        let connection = try Connection(path: path, readOnly: true)
        let pages = try connection.run(Query<Int64>("SELECT count(*) FROM page") { $0.integer(0) }).first
        #expect(pages == 3)
    }

    @Test func everyAnswerIsTimed() async throws {
        let server = try ChildProcess("TrackerBench", ["serve", "--bytes", "3000"])
        let port = try await eventually("the port is told") {
            server.output.hasSuffix("\n") ? server.output.filter(\.isNumber) : nil
        }
        let targets = try directory.write(Array("/bare\n/bare?again\n".utf8), to: "targets")
        let answer = try await run(
            "ask", "--port", port, "--file", targets, "--connections", "3", "--requests", "20")
        #expect(answer["took"]?.count == 20)
        #expect(answer["refused"]?.int64 == 0)
        #expect((answer["bytes"]?.int64 ?? 0) > 60_000)
        server.signal(15)
        _ = try await server.wait()
    }

    @Test(arguments: [["sing"], ["fill"], ["fill", "--db"], ["fill", "--db", "x", "--models", "many"]])
    func wrongUsageSaysWhatIsWrong(arguments: [String]) async throws {
        let process = try ChildProcess("TrackerBench", arguments)
        #expect(try await process.wait() == .exited(2))
        #expect(!process.errorOutput.isEmpty)
    }
}

/// The distributions that the benchmark's data claims to have.
@Suite struct MadeUpHubTests {
    private let hub = MadeUpHub(models: 20_000, days: 30, newest: Timestamp(milliseconds: 1_780_000_000_000))

    @Test func countersHaveTheMeasuredQuantiles() {
        let counters = MadeUpCounters(hub)
        let downloads = counters.downloads.sorted()
        let likes = counters.likes.sorted()
        #expect(downloads[1_000] == 0)
        #expect((13_000...20_000).contains(downloads[10_000]))
        #expect((1_100_000...1_500_000).contains(downloads[18_000]))
        #expect((65...85).contains(likes[10_000]))
        #expect((1_000...1_350).contains(likes[18_000]))
    }

    @Test func mostCountersMoveInADayAndAQuarterOfThemFall() {
        var counters = MadeUpCounters(hub)
        let before = counters.downloads
        counters.goOn(to: 1)
        let changes = zip(before, counters.downloads).filter { $0 > 0 || $1 > 0 }.map { $1 - $0 }
        let changed = changes.filter { $0 != 0 }
        let fallen = changed.filter { $0 < 0 }
        #expect(Double(changed.count) / Double(changes.count) > 0.5)
        #expect((0.07...0.33).contains(Double(fallen.count) / Double(changed.count)))
    }

    @Test func idsAreDifferentAndTheSameEveryTime() {
        let ids = (0..<5_000).map { hub.id($0) }
        #expect(Set(ids).count == ids.count)
        #expect(ids == (0..<5_000).map { hub.id($0) })
    }

    @Test func familiesAreAsManyAsMeasured() {
        let roots = (0..<20_000).count { hub.listing($0).parentage == nil }
        #expect((560...610).contains(roots * 1_000 / 20_000))
    }
}
