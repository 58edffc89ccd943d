import FoundationEssentials
import Glibc
import HTTPClient
import JSON
import SQLite
import TestKit
import Testing

/// Sums and costs through running processes: one is killed while it sums, and prices change while all of them run.
@Suite(.serialized) struct UsageTests {
    /// Whenever the scorer is killed while it sums, or has just done so, another goes on: each session is counted once.
    @Test func aScorerThatIsKilledCountsNothingTwice() async throws {
        let deployment = try IngestTests.deployment()
        try await deployment.helicarrier("migrate")
        let api = try await deployment.ready("api")
        let address = try IngestTests.address(of: api)
        let (rounds, sessions, senders) = (3, 1_600, 8)
        for round in 0..<rounds {
            let scorer = try await deployment.ready("scorer")
            let first = round * sessions
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<senders {
                    group.addTask {
                        let client = IngestTests.client()
                        for number in stride(from: first + sender, to: first + sessions, by: senders) {
                            let body = IngestTests.session("s\(number)", tokens: number)
                            let answer = try await IngestTests.ingest(body, to: address, client)
                            #expect(answer == #"200 {"ok":true}"#)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("sessions are being summed, or were", atMost: .seconds(120)) {
                let running = deployment.count(
                    "SELECT count(*) FROM job WHERE kind = 'sum-usage' AND state = 'running'")
                return running > 0 || deployment.count("SELECT count(*) FROM usage_pending") == 0 ? true : nil
            }
            scorer.signal(SIGKILL)
            try await scorer.wait()
        }
        let last = try await deployment.ready("scorer")
        try await eventually("every session is summed", atMost: .seconds(120)) {
            deployment.count("SELECT count(*) FROM usage_pending") == 0 ? true : nil
        }
        let count = rounds * sessions
        // Each scope is a sum over all sessions.
        let sums = try deployment.lines(
            "SELECT DISTINCT sum(runs), sum(tokens), sum(cost_nanousd) FROM daily_usage_agg GROUP BY scope")
        #expect(sums == ["\(count)|\(count * (count - 1) / 2)|\(count)"])
        #expect(try deployment.lines("SELECT DISTINCT sum(runs) FROM model_perf_agg GROUP BY scope") == ["\(count)"])
        for process in [api, last] { process.signal(SIGTERM) }
        for process in [api, last] { #expect(try await process.wait() == .exited(0)) }
    }

    /// Prices that become known later change costs, totals and where these come from, once.
    @Test func pricesThatAreImportedLaterAreReckonedOnce() async throws {
        let deployment = try IngestTests.deployment()
        try await deployment.helicarrier("migrate")
        let processes = [
            try await deployment.ready("api"), try await deployment.ready("normalizer"),
            try await deployment.ready("scorer"),
        ]
        let address = try IngestTests.address(of: processes[0])
        let client = IngestTests.client()
        for number in 0..<10 {
            let body =
                #"{"envelope_version":"v1","payload":{"session":{"sessionId":"s\#(number)","state":"done","#
                + #""agentId":"planner","modelId":"house-1","provider":"acme","startedAt":"2026-05-04T08:00:00Z","#
                + #""promptTokens":1000,"completionTokens":500}}}"#
            #expect(try await IngestTests.ingest(body, to: address, client) == #"200 {"ok":true}"#)
        }
        let before = try await Self.usage(address, client)
        #expect(before == Usage(runs: 10, cost: 0, estimated: 0, unknown: 10))

        let book = deployment.directory.file("book.json")
        try Data(
            #"""
            {"version":"acme-1","effectiveFrom":"2026-01-01T00:00:00Z","publishedAt":"2026-01-01T00:00:00Z",
             "source":"test","prices":[
             {"provider":"acme","model":"house-*","bucket":"input_uncached","minContextTokens":0,
              "nanoUsdPerMillion":2000000000},
             {"provider":"acme","model":"house-*","bucket":"output_visible","minContextTokens":0,
              "nanoUsdPerMillion":8000000000}]}
            """#.utf8
        ).write(to: URL(filePath: book))
        #expect(try await deployment.helicarrier("prices", "import", book).ending == .exited(0))
        #expect(try await Self.usage(address, client) == before, "known prices change nothing by themselves")
        for _ in 0..<2 {
            #expect(try await deployment.helicarrier("prices", "recompute").ending == .exited(0))
            // Exact at once, and when everything is summed.
            #expect(try await Self.usage(address, client) == Usage(runs: 10, cost: 0.06, estimated: 10, unknown: 0))
            try await eventually("every session is summed", atMost: .seconds(60)) {
                deployment.count("SELECT count(*) FROM usage_pending") == 0 ? true : nil
            }
            #expect(try await Self.usage(address, client) == Usage(runs: 10, cost: 0.06, estimated: 10, unknown: 0))
            let revisions = try deployment.lines(
                """
                SELECT DISTINCT revision, superseded_at_ms IS NULL, cost_nanousd, pricing_version
                  FROM session_usage ORDER BY revision
                """)
            #expect(revisions == ["1|0|null|null", "2|1|6000000|acme-1"])
        }
        for process in processes { process.signal(SIGTERM) }
        for process in processes { #expect(try await process.wait() == .exited(0)) }
    }

    private struct Usage: Equatable {
        let runs: Int64
        let cost: Double
        let estimated, unknown: Int64
    }

    private static func usage(_ address: String, _ client: HTTPClient) async throws -> Usage {
        let response = try await client.send(
            ClientRequest(
                "GET", address + "/api/v3/analytics/usage",
                headers: [HeaderLine("x-secret-key", IngestTests.secret)]))
        let root = try JSONDocument(parsing: response.body).root
        let costs = root["provenance"]?["cost"]
        return Usage(
            runs: root["totals"]?["runs"]?.int64 ?? -1, cost: root["totals"]?["costUsd"]?.double ?? -1,
            estimated: costs?["estimated_from_pricing"]?.int64 ?? 0, unknown: costs?["unknown"]?.int64 ?? 0)
    }
}
