import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

/// `helicarrier prices` and `import ledger`, as an operator sees them.
@Suite struct PricesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The configuration is an empty folder, so there is no first book.
    private func world(_ settings: [String: String] = [:]) throws -> CommandWorld {
        try CommandWorld(settings: ["HELICARRIER_CONFIG_DIR": directory.file("config")].merging(settings) { $1 })
    }

    private func write(_ name: String, _ text: String) throws -> String {
        try directory.write([UInt8](text.utf8), to: name)
    }

    private func book(_ version: String, dollars: Int, from: String = "2025-01-01") -> String {
        let prices = ["input_uncached", "output_visible"].map {
            #"{"provider": "acme", "model": "*", "bucket": "\#($0)", "nanoUsdPerMillion": \#(dollars)000000000}"#
        }
        return """
            {"version": "\(version)", "effectiveFrom": "\(from)", "publishedAt": "\(from)", "source": "a test",
             "prices": [\(prices.joined(separator: ","))]}
            """
    }

    private static let ledger = """
        {"ledger": [{"sessionId": "s", "agentId": "a", "modelId": "m", "status": "done",
                     "startedAt": "2025-03-01T08:00:00Z", "endedAt": "2025-03-01T08:01:00Z"}],
         "usage": [{"sessionId": "s", "promptTokens": 1000000, "completionTokens": 0, "provider": "acme"}]}
        """

    @Test func aBookIsImportedListedAndShownAsItCame() async throws {
        let world = try world()
        let path = try write("one.json", book("v1", dollars: 1))
        let first = try JSONDocument(parsing: await world.output(of: "prices", "import", path, "--json")).root
        #expect(first["outcome"]?.string == "added" && first["prices"]?.int64 == 2)
        let again = try JSONDocument(parsing: await world.output(of: "prices", "import", path, "--json")).root
        #expect(again["outcome"]?.string == "known")
        let other = try write("other.json", book("v1", dollars: 2))
        #expect(await world.run(["prices", "import", other]) == .failed)
        #expect(world.errors.contains("give this one another version"))
        let shown = try write("shown.json", await world.output(of: "prices", "show", "v1", "--json"))
        let elsewhere = try self.world()
        #expect(await elsewhere.run(["prices", "import", shown]) == .fine)
        let list = try JSONDocument(parsing: await world.output(of: "prices", "list", "--json")).root
        #expect(list.elements.map { $0["version"]?.string } == ["v1"])
        #expect(await world.run(["prices", "show", "v9"]) == .failed)
    }

    @Test func aBadBookIsRefusedWithItsPlace() async throws {
        let world = try world()
        let path = try write("bad.json", book("v1", dollars: 1).replacing("\"*\"", with: "3"))
        #expect(await world.run(["prices", "import", path]) == .failed)
        #expect(world.errors.contains("at /prices/0/model expected text"))
        #expect(await world.run(["prices", "import", directory.file("nothing.json")]) == .failed)
    }

    @Test func costsAreComputedAnewWhereNoNormalizerIsRunning() async throws {
        let world = try world(["HELICARRIER_ENABLE_JSON_IMPORT": "true"])
        let file = try write("ledger.json", Self.ledger)
        #expect(await world.run(["import", "ledger", file]) == .fine)
        #expect(await world.run(["prices", "import", try write("one.json", book("v1", dollars: 2))]) == .fine)
        let dry = try JSONDocument(
            parsing: await world.output(of: "prices", "recompute", "--from", "2025-03-01", "--dry-run", "--json")
        ).root
        #expect(dry["changed"]?.int64 == 1 && dry["costAfterUsd"]?.string == "2")
        func costs() throws -> [Int64?] {
            try world.store.open().run(
                Query<Int64?>("SELECT cost_nanousd FROM session_usage ORDER BY revision") { $0.integerOrNull(0) })
        }
        #expect(try costs() == [nil], "a dry run changes nothing")
        let outside = await world.output(of: "prices", "recompute", "--to", "2025-02-28", "--json")
        #expect(outside.contains("\"sessions\":0"))
        #expect(await world.run(["prices", "recompute", "--from", "2025-03-01", "--to", "2025-03-01"]) == .fine)
        #expect(try costs() == [nil, 2_000_000_000])
    }

    @Test func importsNeedPermissionAndKeepTheirReports() async throws {
        let closed = try world()
        let file = try write("ledger.json", Self.ledger)
        #expect(await closed.run(["import", "ledger", file]) == .wrongSettings)
        let off = try world(["HELICARRIER_ENABLE_JSON_IMPORT": "true", "HELICARRIER_ENABLE_SQLITE": "false"])
        #expect(await off.run(["import", "ledger", file]) == .wrongSettings)

        let world = try world(["HELICARRIER_ENABLE_JSON_IMPORT": "true"])
        func sessions() throws -> [Int] {
            try world.store.open().run(Query("SELECT count(*) FROM session_ledger") { $0.count(0) })
        }
        #expect(await world.run(["import", "ledger", file, "--dry-run"]) == .fine)
        #expect(try sessions() == [0])
        #expect(await world.run(["import", "ledger", file]) == .fine)
        let again = try JSONDocument(parsing: await world.output(of: "import", "ledger", file, "--json")).root
        #expect(again["collections"]?["ledger"]?["skipped"]?.int64 == 1)
        #expect(again["parity"]?["matches"]?.bool == true && again["parity"]?["tokens"]?["ledger"]?.int64 == 1_000_000)
        let reports = try JSONDocument(parsing: await world.output(of: "import", "reports", "--json")).root
        #expect(reports.elements.map { $0["dryRun"]?.bool } == [false, false, true])
        let one = try JSONDocument(parsing: await world.output(of: "import", "reports", "3")).root
        #expect(one["sha256"]?.string?.count == 64)
        #expect(await world.run(["import", "reports", "99"]) == .failed)
        let bad = try write("bad.json", Self.ledger.replacing("done", with: "asleep"))
        #expect(await world.run(["import", "ledger", bad]) == .failed)
        #expect(world.errors.contains("/ledger/0/status: must be one of"))
    }
}
