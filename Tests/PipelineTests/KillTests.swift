import Glibc
import TestKit
import Testing

/// Processes are killed at random moments while recorded listings load. The database must end as if nothing had
/// happened: nothing lost, nothing done twice.
@Suite(.serialized) struct KillTests {
    private static let daemons = ["normalizer", "normalizer", "scorer", "scorer", "notifier"]

    @Test(arguments: [UInt64(1), 2])
    func theDatabaseEqualsThatOfAnUndisturbedRun(seed: UInt64) async throws {
        let files = Recordings.week(newest: 16)
        let calm = try await load(files)
        let stormy = try Deployment()
        let kills = try await storm(stormy, files, seed: seed)

        #expect(kills >= 8, "the run was too short to be disturbed")
        let (expected, found) = (try calm.digest(), try stormy.digest())
        for part in expected.keys.sorted() {
            #expect(found[part] == expected[part], "\(part) differ after \(kills) kills")
        }
        #expect(stormy.count("SELECT count(*) FROM snapshot") == files.count)
        #expect(stormy.count("SELECT count(*) FROM job WHERE state = 'dead'") == 0)
        #expect(
            try stormy.lines(
                """
                SELECT unique_key FROM job WHERE kind NOT IN ('publish-feed', 'prune-feed')
                 GROUP BY 1 HAVING count(*) > 1
                """) == [])
        #expect(try stormy.lines("PRAGMA integrity_check") == ["ok"])
    }

    /// Loads without disturbance.
    private func load(_ files: [String]) async throws -> Deployment {
        let deployment = try Deployment()
        try await deployment.helicarrier("migrate")
        let daemons = try Self.daemons.map { try deployment.start($0) }
        let command = try deployment.start("helicarrier", ["import", "hub"] + files)
        #expect(try await command.wait() == .exited(0))
        try await deployment.settle()
        for daemon in daemons { daemon.signal(SIGTERM) }
        for daemon in daemons { #expect(try await daemon.wait() == .exited(0)) }
        return deployment
    }

    /// Loads while daemons, and the importer itself, are killed and started again.
    private func storm(_ deployment: Deployment, _ files: [String], seed: UInt64) async throws -> Int {
        var random = SplitMix64(seed: seed)
        try await deployment.helicarrier("migrate")
        var daemons = try Self.daemons.map { try deployment.start($0) }
        let importer = try deployment.start("helicarrier", ["import", "hub"] + files)
        try await eventually("the importer has begun") {
            deployment.count("SELECT count(*) FROM refresh") > 0 ? true : nil
        }
        importer.signal(SIGKILL)
        try await importer.wait()
        var kills = 1
        let again = try deployment.start("helicarrier", ["import", "hub"] + files)

        var next = 1
        while kills < 14, next < files.count * 2 {
            let goal = next
            try await eventually("\(goal) jobs are done", atMost: .seconds(180)) {
                deployment.count("SELECT count(*) FROM job WHERE state = 'done'") >= goal ? true : nil
            }
            let victim = Int.random(in: daemons.indices, using: &random)
            daemons[victim].signal(SIGKILL)
            try await daemons[victim].wait()
            daemons[victim] = try deployment.start(Self.daemons[victim])
            kills += 1
            next += Int.random(in: 1...4, using: &random)
        }
        #expect(try await again.wait(atMost: .seconds(180)) == .exited(0))
        try await deployment.settle()
        for daemon in daemons { daemon.signal(SIGTERM) }
        for daemon in daemons { try await daemon.wait() }
        return kills
    }
}
