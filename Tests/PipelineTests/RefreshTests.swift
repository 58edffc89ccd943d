import Glibc
import TestKit
import Testing

/// The fetcher against a Hub look-alike that serves a recording, well and badly.
@Suite struct RefreshTests {
    @Test func aRefreshBecomesOneSnapshot() async throws {
        let (deployment, processes) = try await refreshed(faults: [])
        #expect(deployment.count("SELECT count(*) FROM snapshot") == 1)
        // Three listings of the same thousand rows; curated models are among them.
        #expect(try deployment.lines("SELECT ready_count, rejected_count FROM snapshot") == ["1000|0"])
        #expect(deployment.count("SELECT calls_used FROM snapshot") == deployment.count("SELECT count(*) FROM page"))
        #expect(deployment.count("SELECT count(*) FROM event WHERE type = 'snapshot.created'") == 1)
        #expect(try deployment.lines("SELECT state FROM refresh") == ["normalized"])
        withExtendedLifetime(processes) {}
    }

    @Test(arguments: [
        ["429-edge:2"], ["500:2"], ["503:3"], ["truncate:3"], ["duplicate:1"], ["foreign-next"],
    ])
    func aBadUpstreamCostsTimeAndNoRows(faults: [String]) async throws {
        let (deployment, processes) = try await refreshed(faults: faults)
        #expect(try deployment.lines("SELECT ready_count, rejected_count FROM snapshot") == ["1000|0"])
        #expect(deployment.count("SELECT count(*) FROM job WHERE state = 'dead'") == 0)
        withExtendedLifetime(processes) {}
    }

    /// The look-alike's window is five minutes long, so the wait is seen and not waited for.
    @Test func anExhaustedQuotaHoldsEveryFetcherBackAndCostsNoAttempt() async throws {
        let (deployment, processes) = try await started(faults: ["429:1"])
        try await eventually("the fetcher waits") {
            deployment.count("SELECT count(*) FROM job WHERE kind = 'fetch-page' AND state = 'scheduled'") == 1
                ? true : nil
        }
        #expect(try deployment.lines("SELECT attempt, error_class FROM job WHERE kind = 'fetch-page'") == ["0|snoozed"])
        #expect(
            try deployment.lines("SELECT blocked_reason FROM upstream_quota") == ["the upstream's quota is used up"])
        #expect(deployment.count("SELECT calls_used FROM refresh") == 1)
        withExtendedLifetime(processes) {}
    }

    @Test func brokenRowsAreKeptWithTheirReasonAndTheRestGoesOn() async throws {
        let (deployment, processes) = try await refreshed(faults: ["wrong-types:1"])
        let rejected = deployment.count("SELECT count(*) FROM rejected_row")
        #expect(rejected > 0)
        #expect(deployment.count("SELECT rejected_count FROM snapshot") == rejected)
        #expect(deployment.count("SELECT ready_count FROM snapshot") > 500)
        #expect(try deployment.lines("SELECT reason FROM rejected_row WHERE reason = '' OR pointer = ''") == [])
        let listed = try await deployment.helicarrier("rejects", "--json")
        #expect(listed.output.contains("reason"), "\(listed.output.prefix(300))")
        withExtendedLifetime(processes) {}
    }

    @Test func aWalkOverTheWholeHubIsAFeedOfItsOwn() async throws {
        let (deployment, processes) = try await started(faults: ["500:2"], ["HELICARRIER_SWEEP": "1m"])
        try await eventually("both feeds are published", atMost: .seconds(180)) {
            deployment.count("SELECT count(DISTINCT feed_id) FROM publication") == 2 ? true : nil
        }
        try await deployment.settle()
        #expect(
            try deployment.lines(
                """
                SELECT feed.name, ready_count, rejected_count FROM snapshot JOIN feed ON feed.id = feed_id ORDER BY 1
                """) == ["hub|1000|0", "whole-hub|1000|0"])
        #expect(deployment.count("SELECT count(*) FROM refresh WHERE state <> 'normalized'") == 0)
        withExtendedLifetime(processes) {}
    }

    /// Starts the look-alike and the pipeline, and waits for the first refresh to be published.
    private func refreshed(faults: [String]) async throws -> (Deployment, [ChildProcess]) {
        let (deployment, processes) = try await started(faults: faults)
        try await eventually("the refresh is published", atMost: .seconds(180)) {
            deployment.count("SELECT count(*) FROM publication") > 0 ? true : nil
        }
        try await deployment.settle()
        return (deployment, processes)
    }

    private func started(
        faults: [String], _ more: [String: String] = [:]
    ) async throws -> (Deployment, [ChildProcess]) {
        let flags = faults.flatMap { ["--fault", $0] }
        let replay = try ChildProcess(
            "helicarrier", ["replay"] + flags + Recordings.week(newest: 1), environment: ["PATH": "/usr/bin:/bin"])
        let address = try await eventually("the look-alike says its address") {
            replay.output.split(separator: "\n").first.map(String.init).flatMap { $0.contains("http://") ? $0 : nil }
        }
        let url = address.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init) ?? address
        let settings = [
            "HELICARRIER_HUB_URL": url.hasSuffix("/") ? String(url.dropLast()) : url, "HELICARRIER_REFRESH": "1h",
        ]
        let deployment = try Deployment(settings.merging(more) { $1 })
        try await deployment.helicarrier("migrate")
        let daemons = try ["normalizer", "scorer", "fetcher"].map { try deployment.start($0) }
        return (deployment, daemons + [replay])
    }
}
