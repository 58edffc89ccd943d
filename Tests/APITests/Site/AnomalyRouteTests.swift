import HTTPServer
import JSON
import SQLite
import Store
import TestKit
import Testing

@testable import api

@Suite struct AnomalyRouteTests {
    /// Seven anomalies of two models, hour by hour; every other one is closed.
    private func rig() async throws -> SiteRig {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b", "c/d"])
        for number in 1...7 {
            try rig.place.open().run(
                Query<Void>(
                    """
                    INSERT INTO anomaly (feed_id, model_id, rule, opened_epoch, opened_at_ms, closed_epoch,
                                         closed_at_ms, thresholds_version, downloads_change, cohort_z, likes_gained)
                    SELECT feed.id, model.id, ?1, 'epoch-' || ?2, ?2 * 3600000, ?3, ?4, 1, -2000, 4.5, 30
                      FROM feed, model WHERE feed.name = 'hub' AND model.name = ?5
                    """,
                    [
                        .text(number % 3 == 0 ? "velocity" : "downloads"), .integer(number),
                        .text(number.isMultiple(of: 2) ? nil : "later"),
                        .integer(number.isMultiple(of: 2) ? nil : Int64(number) * 3_600_000 + 1),
                        .text(number < 4 ? "a/b" : "c/d"),
                    ]))
        }
        try await rig.refresh()
        return rig
    }

    private func ids(_ response: Response) throws -> [Int64] {
        let root = try JSONDocument(parsing: response.bytes).root
        return try #require(root["anomalies"]).elements.compactMap { $0["id"]?.int64 }
    }

    @Test(
        arguments: [
            ("", [7, 6, 5, 4, 3, 2, 1]), ("state=open", [6, 4, 2]), ("rule=velocity", [6, 3]),
            ("state=open&rule=downloads", [4, 2]),
        ] as [(String, [Int64])])
    func theNewestComeFirstAndOnlyThoseThatFit(query: String, wanted: [Int64]) async throws {
        let rig = try await rig()
        let all = await rig.get("/api/v4/anomalies?\(query)")
        #expect(all.status == 200)
        #expect(try ids(all) == wanted)
        #expect(try JSONDocument(parsing: all.bytes).root["page"]?["total"]?.int64 == Int64(wanted.count))
        var (target, seen) = ("/api/v4/anomalies?limit=2&\(query)", [Int64]())
        while true {
            let page = await rig.get(target)
            seen += try ids(page)
            guard let link = page.header("Link") else { break }
            target = String(link.dropFirst().prefix { $0 != ">" })
        }
        #expect(seen == wanted)
    }

    @Test func aRowSaysWhatStoodOut() async throws {
        let response = try await rig().get("/api/v4/anomalies?limit=1&state=open")
        let row = try #require(try JSONDocument(parsing: response.bytes).root["anomalies"]?[0])
        #expect(row["model"]?.string == "c/d" && row["rule"]?.string == "velocity" && row["state"]?.string == "open")
        #expect(row["openedAt"]?.string == "1970-01-01T06:00:00.000Z" && row["closedAt"]?.isNull == true)
        #expect(row["figures"]?["cohortZ"]?.double == 4.5 && row["figures"]?["ownZ"]?.isNull == true)
    }

    @Test func aCursorOfOtherFiltersIsRefused() async throws {
        let rig = try await rig()
        let page = await rig.get("/api/v4/anomalies?limit=1")
        let link = try #require(page.header("Link"))
        let cursor = try #require(link.split(separator: "cursor=").last).prefix { $0 != "&" && $0 != ">" }
        #expect(await rig.get("/api/v4/anomalies?state=open&cursor=\(cursor)").status == 400)
        #expect(await rig.get("/api/v4/anomalies?cursor=x\(cursor)").status == 400)
        #expect(await rig.get("/api/v4/models?cursor=\(cursor)").status == 400)
    }

    @Test(arguments: ["state=closed", "rule=likes", "limit=0", "model=a/b"])
    func aWrongParameterIsNamed(query: String) async throws {
        let response = try await rig().get("/api/v4/anomalies?\(query)")
        #expect(response.status == 400)
        let name = query.split(separator: "=")[0]
        #expect(response.text.contains("\"parameter\":\"\(name)\""))
    }

    @Test func aModelTellsItsOwn() async throws {
        let response = try await rig().get("/api/v4/models/a/b")
        #expect(try ids(response) == [3, 2, 1])
    }

    @Test func feedReadersAreToldOfAnomalies() async throws {
        let text = try await rig().get("/feed.atom").text
        #expect(text.contains("c/d stands out: downloads") && text.contains("c/d lost 2,000 downloads in a day"))
        #expect(text.contains("c/d gained 30 likes in a day"))
    }
}
