import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// Models that the newest snapshot does not have: stale ones with their last known figures, and those that could not be
/// had.
@Suite struct AbsentModelTests {
    /// `c/gone` is in the first of two snapshots; `x/failed` and `b/both` were asked for with the second, and not got.
    private func rig() async throws -> SiteRig {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/first", "b/both", "c/gone", "d/last"])
        try rig.place.open().runScript("UPDATE listing SET downloads = 7000, likes = 5")
        try rig.publish(hour: 1, models: ["a/first", "d/last"])
        for (model, status) in [("x/failed", 404), ("b/both", 451)] {
            try rig.place.open().runScript(
                """
                INSERT INTO upstream_error (snapshot_key, model, status, message)
                SELECT max(key), '\(model)', \(status), 'Request failed with status \(status)' FROM snapshot
                """)
        }
        try await rig.refresh()
        return rig
    }

    private func models(_ response: Response) throws -> [JSONNode] {
        #expect(response.status == 200, "\(response.text.prefix(200))")
        let list = try #require(try JSONDocument(parsing: response.bytes).root["models"])
        return list.elements.map(\.self)
    }

    private func ids(_ rig: SiteRig, _ query: String) async throws -> [String] {
        try models(await rig.get("/api/v4/models" + query)).compactMap { $0["id"]?.string }
    }

    @Test(arguments: [
        ("", ["a/first", "d/last"]), ("?status=ready", ["a/first", "d/last"]), ("?status=stale", ["c/gone"]),
        ("?status=error", ["b/both", "x/failed"]), ("?status=stale&status=error", ["b/both", "c/gone", "x/failed"]),
        ("?status=ready&status=stale&status=error", ["a/first", "d/last", "b/both", "c/gone", "x/failed"]),
        ("?status=ready&status=stale&sort=score", ["d/last", "a/first", "c/gone"]),
        ("?status=ready&status=stale&status=error&sort=name", ["b/both", "x/failed", "a/first", "c/gone", "d/last"]),
        ("?status=ready&status=stale&status=error&sort=-name", ["d/last", "c/gone", "a/first", "x/failed", "b/both"]),
        (
            "?status=ready&status=stale&status=error&sort=-downloads",
            ["b/both", "c/gone", "a/first", "d/last", "x/failed"]
        ),
        ("?status=stale&q=gone", ["c/gone"]), ("?status=stale&q=first", []),
        ("?status=ready&status=stale&minDownloads=7000", ["c/gone"]),
    ])
    func theFilterFindsThemAndTheirRankIsLast(query: String, expected: [String]) async throws {
        #expect(try await ids(try await rig(), query) == expected)
    }

    @Test func theirFiguresAreTheLastKnownOnesAndTheRestIsUnknown() async throws {
        let rig = try await rig()
        let stale = try #require(try models(await rig.get("/api/v4/models?status=stale")).first)
        #expect(stale["status"]?.string == "stale" && stale["rank"]?.kind == .null && stale["family"]?.kind == .null)
        #expect(stale["metrics"]?["downloads"]?.int64 == 7_000 && stale["metrics"]?["likes"]?.int64 == 5)
        #expect(stale["lastSeenAt"]?.string == SiteRig.start.rfc3339 && stale["error"] == nil)
        for name in ["adoption", "ecosystem", "velocity", "total"] { #expect(stale["scores"]?[name]?.kind == .null) }
        for name in ["downloads24h", "downloads7d", "likes24h", "likes7d", "rankChange"] {
            #expect(stale["delta"]?[name]?.kind == .null && stale["delta"]?["missing"]?[name]?.string == "not_listed")
        }
        let failed = try models(await rig.get("/api/v4/models?status=error"))
        #expect(
            failed.map { $0["error"]?.string } == [
                "Request failed with status 451", "Request failed with status 404",
            ])
        #expect(failed.map { $0["metrics"]?["downloads"]?.int64 } == [7_000, nil])
        #expect(failed.map { $0["lastSeenAt"]?.string } == [SiteRig.start.rfc3339, nil])
    }

    @Test func countsStayThoseOfTheSnapshot() async throws {
        let rig = try await rig()
        let root = try JSONDocument(parsing: await rig.get("/api/v4/snapshot").bytes).root
        #expect(root["snapshot"]?["readyCount"]?.int64 == 2 && root["page"]?["total"]?.int64 == 2)
        let all = await rig.get("/api/v4/models?status=ready&status=stale&status=error&limit=2")
        #expect(try JSONDocument(parsing: all.bytes).root["page"]?["total"]?.int64 == 5)
        let link = try #require(all.header("Link")).dropFirst().prefix { $0 != ">" }
        let next = try models(await rig.get(String(link)))
        #expect(next.compactMap { $0["id"]?.string } == ["b/both", "c/gone"])
    }

    @Test func oneOfThemHasItsOwnAnswerAndItsHistory() async throws {
        let rig = try await rig()
        for (id, status) in [("c/gone", "stale"), ("x/failed", "error"), ("a/first", "ready")] {
            let response = await rig.get("/api/v4/models/\(id)")
            #expect(response.status == 200, "\(id)")
            #expect(try JSONDocument(parsing: response.bytes).root["status"]?.string == status)
        }
        #expect(await rig.get("/api/v4/models/n/never").status == 404)
        let history = try JSONDocument(parsing: await rig.get("/api/v4/models/c/gone/history").bytes).root
        #expect(history["points"]?.elements.map(\.kind).count == 1)
        #expect(history["gaps"]?.elements.map(\.kind).count == 1)
        let file = await rig.get("/api/v4/models/c/gone/history?format=csv&metric=likes")
        #expect(file.header("Content-Type") == CSVLine.contentType)
        #expect(file.header("Content-Disposition") == "attachment; filename=\"history-c-gone.csv\"")
        let lines = file.text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.first == "id,snapshotId,observedAt,likes" && lines.count == 3 && lines.last == "")
        #expect(lines.dropFirst().first?.hasPrefix("c/gone,hub-") == true)
        #expect(await rig.get("/api/v4/models/c/gone/history?format=xlsx").status == 400)
    }

    @Test func anExportSaysTheSame() async throws {
        let rig = try await rig()
        let response = await rig.get("/api/v4/export?format=csv&status=stale")
        guard case .stream(let stream) = response.body else { throw NoStream() }
        var bytes: [UInt8] = []
        while let chunk = await stream.next() { bytes += chunk }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines[1].hasPrefix("c/gone,gone,") && lines[1].hasSuffix(SiteRig.start.rfc3339))
        #expect(lines[1].contains(",,,,,7000,,,5,"), "neither rank nor score nor change: \(lines[1])")
        #expect(response.header("ETag") != (await rig.get("/api/v4/export?format=csv")).header("ETag"))
    }

    private struct NoStream: Error {}

    @Test func thePageShowsThemWithoutRankAndScore() async throws {
        let rig = try await rig()
        for status in ["stale", "error", "ready&status=stale&status=error"] {
            let page = await rig.get("/?status=\(status)")
            #expect(page.status == 200 && page.text.contains("Not listed"), "\(status)")
        }
        #expect(!(await rig.get("/")).text.contains("Not listed"))
        let gone = await rig.get("/models/c/gone")
        #expect(gone.status == 200 && gone.text.contains("Not in the newest snapshot.") && !gone.text.contains("Why "))
        #expect((await rig.get("/models/x/failed")).text.contains("Asking the Hub for it: "))
        #expect((await rig.get("/models/n/never")).status == 404)
    }

    @Test func whatIsOlderThanTheHistoryIsForgotten() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/first", "c/gone"])
        try rig.publish(hour: 24 * 30, models: ["a/first"])
        try await rig.refresh()
        #expect(try await ids(rig, "?status=stale") == ["c/gone"])
        try rig.publish(hour: 24 * 30 + 1, models: ["a/first"])
        try await rig.refresh()
        #expect(try await ids(rig, "?status=stale") == [])
        #expect(await rig.get("/api/v4/models/c/gone").status == 404)
    }

    /// A list of everybody under any order has each once, and the ready ones in the order that they have alone.
    @Test(arguments: ModelSort.Key.allCases.flatMap { [$0.rawValue, "-" + $0.rawValue] })
    func aMergedListIsAnOrderedUnion(sort: String) async throws {
        let rig = try await rig()
        let all = try await ids(rig, "?status=ready&status=stale&status=error&sort=\(sort)")
        #expect(Set(all).count == all.count && all.count == 5)
        let ready = try await ids(rig, "?sort=\(sort)")
        #expect(all.filter { ready.contains($0) } == ready)
        let absent = try await ids(rig, "?status=stale&status=error&sort=\(sort)")
        #expect(all.filter { absent.contains($0) } == absent)
    }
}
