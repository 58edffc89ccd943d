import Glibc
import TestKit
import Testing

/// Recordings that come in any order, one by one, while the pipeline runs, end in the same figures.
@Suite struct OrderTests {
    private static let files = Recordings.week(newest: 9)

    private func loaded(_ files: [String]) async throws -> Deployment {
        let deployment = try Deployment()
        try await deployment.helicarrier("migrate")
        let daemons = try ["normalizer", "scorer", "scorer"].map { try deployment.start($0) }
        for file in files {
            let command = try deployment.start("helicarrier", ["import", "hub", file])
            #expect(try await command.wait(atMost: .seconds(180)) == .exited(0))
            // Each is through before the next comes: the order is the one that is meant.
            try await deployment.settle()
        }
        for daemon in daemons { daemon.signal(SIGTERM) }
        for daemon in daemons { #expect(try await daemon.wait() == .exited(0)) }
        return deployment
    }

    /// What is computed, the anomalies among it.
    private func figures(_ deployment: Deployment) throws -> [String: [String]] {
        var figures = try deployment.digest()
        figures["anomalies"] = try deployment.lines(
            """
            SELECT s.id, m.name, t.anomaly_state, t.anomaly_downloads, t.anomaly_velocity, t.downloads_7d,
                   t.downloads_7d_reason, t.likes_7d, t.likes_7d_reason, t.likes_gained, t.own_returns
              FROM standing t JOIN snapshot s ON s.key = t.key >> 32 JOIN model m ON m.id = t.key & 4294967295
             WHERE s.observed_at_ms = (SELECT max(observed_at_ms) FROM snapshot) ORDER BY 1, 2
            """)
        return figures
    }

    @Test(arguments: [UInt64(1), 2])
    func aRandomOrderGivesTheSameAnswers(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let expected = try figures(try await loaded(Self.files))
        let found = try figures(try await loaded(Self.files.shuffled(using: &random)))
        for part in expected.keys.sorted() { #expect(found[part] == expected[part], "\(part) differ") }
        #expect(expected["standings"]?.count == 1_000)
    }
}
