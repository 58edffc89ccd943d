import HTTPClient
import HTTPServer
import JSON
import Model
import Testing

@testable import helicarrier

@Suite(.timeLimit(.minutes(10))) struct ReplayHubTests {
    /// Two observations of thirty models; the second has the order turned round.
    func hub(
        _ faults: [String] = [], startsAtLast: Bool = true, advanceEvery: Int? = nil, quota: Int = 500
    ) throws -> ReplayHub {
        let rows = try (0..<30).compactMap { number in
            RecordedRow(
                try JSONDocument(parsing: #"{"id":"o/m\#(number)","downloads":\#(number),"tags":["t"]}"#).root)
        }
        return ReplayHub(
            [(Timestamp(milliseconds: 0), rows), (Timestamp(milliseconds: 86_400_000), rows.reversed())],
            startsAtLast: startsAtLast, faults: try ReplayFaults(faults), advanceEvery: advanceEvery,
            window: FixedWindow(quota: quota, length: 300), now: { Timestamp(milliseconds: 1_000) })
    }

    func get(_ hub: ReplayHub, _ target: String, _ headers: HeaderFields = []) async -> Response {
        await hub.router.respond(to: Request(.get, target, headers: headers))
    }

    func ids(_ response: Response) throws -> [String] {
        guard case .bytes(let bytes) = response.body else { return [] }
        return try JSONDocument(parsing: bytes).root.elements.map { $0["id"]?.string ?? "?" }
    }

    func next(_ response: Response) -> String? {
        guard let link = response.header("Link"), link.hasSuffix(">; rel=\"next\"") else { return nil }
        return link.dropFirst().split(separator: ">").first.map(String.init)
    }

    @Test(arguments: [1, 7, 10, 29, 30, 100])
    func pagesPutTogetherAreTheWholeListing(limit: Int) async throws {
        let hub = try hub()
        var found: [String] = []
        var target: String? = "/api/models?limit=\(limit)&filter=t&sort=downloads"
        while let asked = target {
            let page = await get(hub, asked, [HeaderField("Host", "h:1")])
            #expect(page.status == 200)
            found += try ids(page)
            target = next(page)
            if let target {
                #expect(target.hasPrefix("http://h:1/api/models?limit=\(limit)&filter=t&sort=downloads&cursor="))
            }
        }
        #expect(found == (0..<30).reversed().map { "o/m\($0)" })
    }

    @Test func theQuotaIsToldAndKept() async throws {
        let hub = try hub(quota: 2)
        let first = await get(hub, "/api/models?limit=1")
        #expect(first.header("RateLimit") == "\"api\";r=1;t=300")
        #expect(first.header("RateLimit-Policy") == "\"fixed window\";\"api\";q=2;w=300")
        _ = await get(hub, "/api/models?limit=1")
        let third = await get(hub, "/api/models?limit=1")
        #expect(third.status == 429)
        #expect(third.header("RateLimit") == "\"api\";r=0;t=300")
    }

    @Test func whatIsKnownIsNotSentAgain() async throws {
        let hub = try hub()
        let first = await get(hub, "/api/models?limit=3")
        let etag = try #require(first.header("ETag"))
        #expect(etag.hasPrefix("W/\""))
        let again = await get(hub, "/api/models?limit=3", [HeaderField("If-None-Match", etag)])
        #expect(again.status == 304)
        #expect(again.header("RateLimit") != nil)
        let other = await get(hub, "/api/models?limit=3", [HeaderField("If-None-Match", "W/\"x\"")])
        #expect(other.status == 200)
    }

    @Test func oneModel() async throws {
        let hub = try hub()
        #expect(await get(hub, "/api/models/o/m7").status == 200)
        let legacy = await get(hub, "/api/models/m7")
        #expect(legacy.status == 307)
        #expect(legacy.header("Location") == "/api/models/o/m7")
        let none = await get(hub, "/api/models/o/none")
        #expect(none.status == 404)
        #expect(none.header("X-Error-Code") == "RepoNotFound")
        #expect(none.header("X-Error-Message") == "Repository not found")
    }

    @Test func aBadParameterIsA400() async throws {
        let response = await get(try hub(), "/api/models?sort=nonsense")
        #expect(response.status == 400)
        #expect(response.header("X-Error-Message") == "Invalid sort parameter")
    }

    @Test func theNextObservationComesOnDemand() async throws {
        let hub = try hub(startsAtLast: false)
        #expect(try ids(await get(hub, "/api/models?limit=1")) == ["o/m0"])
        #expect(await hub.router.respond(to: Request(.post, "/_replay/advance")).status == 200)
        #expect(try ids(await get(hub, "/api/models?limit=1")) == ["o/m29"])
        _ = await hub.router.respond(to: Request(.post, "/_replay/advance"))
        #expect(try ids(await get(hub, "/api/models?limit=1")) == ["o/m29"])
    }

    @Test func theNextObservationComesByItself() async throws {
        let hub = try hub(startsAtLast: false, advanceEvery: 2)
        var firsts: [String] = []
        for _ in 0..<4 { firsts += try ids(await get(hub, "/api/models?limit=1")) }
        #expect(firsts == ["o/m0", "o/m0", "o/m29", "o/m29"])
    }

    @Test(arguments: [("429:1", 429, true), ("429-edge:1", 429, false), ("500:1", 500, true), ("503:1", 503, true)])
    func refusals(fault: String, status: Int, hasQuota: Bool) async throws {
        let response = await get(try hub([fault]), "/api/models?limit=1")
        #expect(response.status == status)
        #expect((response.header("RateLimit") != nil) == hasQuota)
        #expect((response.header("Retry-After") != nil) == (status == 503))
    }

    @Test func bodiesCanBeBroken() async throws {
        guard case .bytes(let cut) = await get(try hub(["truncate:1"]), "/api/models").body else { return }
        #expect(throws: JSONError.self) { try JSONDocument(parsing: cut) }
        guard case .bytes(let odd) = await get(try hub(["wrong-types:1"]), "/api/models").body else { return }
        let rows = try JSONDocument(parsing: odd).root
        #expect(rows[3]?["id"]?.kind == .integer)
        #expect(rows[10]?["downloads"]?.kind == .string)
        #expect(rows[17]?["tags"]?.kind == .bool)
        #expect(rows[4]?["id"]?.kind == .string)
    }

    @Test func pagesCanOverlapAndLeadAway() async throws {
        let hub = try hub(["duplicate:1", "foreign-next"])
        let first = await get(hub, "/api/models?limit=10")
        let target = try #require(next(first))
        #expect(target.hasPrefix("http://hub.invalid/api/models?limit=10&cursor="))
        let second = await get(hub, target)
        #expect(Set(try ids(first)).intersection(try ids(second)).count == 5)
    }

    @Test func liveOverASocket() async throws {
        let server = try Server(router: try hub(["slow:1"]).router)
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        let client = HTTPClient(userAgent: "test", maximumConnections: 1, perHost: 1)
        let request = ClientRequest("GET", "http://127.0.0.1:\(port)/api/models?limit=4", totalTimeout: .seconds(120))
        var answer: ClientResponse?
        while answer == nil {
            do throws(ClientError) {
                answer = try await client.send(request)
            } catch {
                // A busy machine may keep the server from its turn for longer than a client waits.
                guard error.kind == .timeout else { throw error }
            }
        }
        let response = try #require(answer)
        #expect(response.status == 200)
        #expect(try JSONDocument(parsing: response.body).root.count == 4)
        #expect(response.headers.first("link")?.contains("http://127.0.0.1:\(port)/api/models?limit=4&cursor=") == true)
        client.shutdown()
        await server.stop(within: .zero)
    }
}
