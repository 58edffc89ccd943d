import HTTPServer
import JSON
import Testing

@testable import api

@Suite struct ListRouteTests {
    private static let models = (1...57).map { "owner-\($0)/model" }

    private func code(_ response: Response) throws -> String? {
        #expect(response.header("Content-Type") == "application/problem+json")
        let root = try JSONDocument(parsing: response.bytes).root
        #expect(root["status"]?.int64 == Int64(response.status))
        #expect(root["requestId"]?.string == response.header("X-Request-Id"))
        return root["code"]?.string
    }

    private func ids(_ response: Response) throws -> [String] {
        let root = try JSONDocument(parsing: response.bytes).root
        return try #require(root["models"]).elements.compactMap { $0["id"]?.string }
    }

    private func cursor(_ response: Response) throws -> String? {
        try JSONDocument(parsing: response.bytes).root["page"]?["nextCursor"]?.string
    }

    /// Follows the pages by their links; `between` runs after each.
    private func walk(_ rig: SiteRig, from start: String, between: (Int) async throws -> Void) async throws -> [String]
    {
        var (target, seen, page) = (start, [String](), 0)
        while page < 100 {
            let response = await rig.get(target)
            #expect(response.status == 200)
            seen += try ids(response)
            let next = try cursor(response)
            guard let link = response.header("Link") else {
                #expect(next == nil)
                return seen
            }
            #expect(link.hasPrefix("</api/v4/models?cursor=\(next ?? "none")"))
            target = String(link.dropFirst().prefix { $0 != ">" })
            page += 1
            try await between(page)
        }
        return seen
    }

    @Test(arguments: [1, 7, 25, 56, 57, 58, 100])
    func allPagesTogetherHaveEachModelOnce(limit: Int) async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try await rig.refresh()
        #expect(try await walk(rig, from: "/api/v4/models?limit=\(limit)") { _ in } == Self.models)
    }

    @Test func aWalkStaysInItsSnapshotWhileNewerOnesLand() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try await rig.refresh()
        let seen = try await walk(rig, from: "/api/v4/snapshot") { page in
            try rig.publish(hour: Int64(page), models: ["new-\(page)/model"] + Self.models.reversed())
            try await rig.refresh()
        }
        #expect(seen == Self.models)
        #expect(try ids(await rig.get("/api/v4/models?limit=1")) == ["new-2/model"])
    }

    @Test func aCursorWhoseSnapshotIsGoneIsExpired() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try await rig.refresh()
        let cursor = try #require(try cursor(await rig.get("/api/v4/models")))
        for hour in 1...2 {
            try rig.publish(hour: Int64(hour), models: Self.models)
            try await rig.refresh()
            #expect(await rig.get("/api/v4/models?cursor=\(cursor)").status == 200)
        }
        try rig.publish(hour: 3, models: Self.models)
        try await rig.refresh()
        let response = await rig.get("/api/v4/models?cursor=\(cursor)")
        #expect(response.status == 410)
        #expect(try code(response) == "cursor_expired")
    }

    @Test func aCursorLivesForAnHourHoweverManySnapshotsLand() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try await rig.refresh()
        let cursor = try #require(try cursor(await rig.get("/api/v4/models")))
        for minute in 1...7 {
            try rig.publish(minute: Int64(minute * 8), models: Self.models.reversed())
            try await rig.refresh()
            let response = await rig.get("/api/v4/models?limit=1&cursor=\(cursor)")
            #expect(try ids(response) == [Self.models[25]])
        }
        try rig.publish(minute: 60, models: Self.models)
        try await rig.refresh()
        #expect(await rig.get("/api/v4/models?cursor=\(cursor)").status == 410)
    }

    @Test func aCursorServesItsOwnQueryOnly() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try rig.publish("other", models: Self.models)
        try await rig.refresh()
        let cursor = try #require(try cursor(await rig.get("/api/v4/models?feed=other")))
        #expect(await rig.get("/api/v4/models?feed=other&cursor=\(cursor)").status == 200)
        #expect(await rig.get("/api/v4/models?feed=other&limit=3&cursor=\(cursor)").status == 200)
        let mismatch = await rig.get("/api/v4/models?cursor=\(cursor)")
        #expect(mismatch.status == 400)
        #expect(try code(mismatch) == "cursor_mismatch")
        let invalid = await rig.get("/api/v4/models?cursor=x\(cursor)")
        #expect(invalid.status == 400)
        #expect(try code(invalid) == "cursor_invalid")
    }

    @Test(arguments: [
        ("/api/v4/models?colour=red", "colour", "unknown_parameter"),
        ("/api/v4/models?limit=0", "limit", "out_of_range"), ("/api/v4/models?limit=101", "limit", "out_of_range"),
        ("/api/v4/models?feed=nowhere", "feed", "unknown_value"),
        ("/api/v4/models?limit=5&limit=5", "limit", "repeated"),
        ("/api/v4/snapshot?limit=5", "limit", "unknown_parameter"),
        ("/api/v4/models?" + String(repeating: "gated=no&", count: 51), "gated", "too_many"),
        ("/api/v4/models?q=" + String(repeating: "x", count: 201), "q", "out_of_range"),
        ("/api/v4/snapshot?cursor=x", "cursor", "unknown_parameter"),
    ])
    func aWrongParameterIsNamed(target: String, parameter: String, fault: String) async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try await rig.refresh()
        let response = await rig.get(target)
        #expect(response.status == 400)
        #expect(try code(response) == "invalid_parameter")
        let errors = try #require(try JSONDocument(parsing: response.bytes).root["errors"])
        #expect(errors.count == 1)
        #expect(errors[0]?["parameter"]?.string == parameter && errors[0]?["code"]?.string == fault)
    }

    @Test(arguments: ["/api/v4/snapshot", "/api/v4/models"])
    func withoutASnapshotThereIsAProblem(target: String) async throws {
        let rig = try await SiteRig()
        try await rig.refresh()
        let response = await rig.get(target)
        #expect(response.status == 404)
        #expect(try code(response) == "no_snapshot")
    }

    @Test func aReaderWhoHasTheBytesGetsNoneAndANewSnapshotChangesTheTag() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: Self.models)
        try await rig.refresh()
        let first = await rig.get("/api/v4/models")
        let tag = try #require(first.header("ETag"))
        #expect(await rig.get("/api/v4/models", [HeaderField("If-None-Match", tag)]).status == 304)
        let head = await rig.router.respond(to: Request(.head, "/api/v4/models"))
        #expect(head.status == 200 && head.bytes.isEmpty)
        #expect(head.header("ETag") == tag && head.header("Content-Length") == "\(first.bytes.count)")
        #expect(await rig.get("/api/v4/models?limit=26").header("ETag") != tag)
        try rig.publish(hour: 1, models: Self.models)
        try await rig.refresh()
        #expect(await rig.get("/api/v4/models", [HeaderField("If-None-Match", tag)]).status == 200)
    }
}
