import Glibc
import Model
import SQLite
import Store
import TestKit
import Testing

extension FaultTests {
    /// Too much work, and too many who want it.
    @Suite struct LoadFaultTests {
        private static let million: StaticString = """
            INSERT INTO job (kind, stage, payload, state, claim_order, max_attempts, run_at_ms, created_at_ms)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
            SELECT 'toil', 'fetch', '{"follows":false}', 'ready', i, 50, i, 0 FROM n
            """

        private static let waiting = Query<ClaimedJob>.waiting(
            kind: "toil", stage: .fetch, limit: 10, worker: "planner", now: FaultRig.now)

        /// Milliseconds that it takes; printed, and never expected.
        private static func time(_ body: () async throws -> Void) async rethrows -> String {
            let start = ContinuousClock.now
            try await body()
            return "\((ContinuousClock.now - start).milliseconds) ms"
        }

        @Test func aMillionWaitingJobsAreAsEasyAsNone() async throws {
            let rig = try FaultRig()
            let connection = try rig.open()
            let plan = try connection.plan(of: Self.waiting.sql.description)
            try connection.run(Query<Void>(Self.million))
            #expect(try connection.plan(of: Self.waiting.sql.description) == plan)

            let worker = try await rig.worker("only", ["--slots", "16", "--work", "0"])
            try await eventually("claims work") { worker.count("done ") >= 300 ? true : nil }
            let list = try ChildProcess(
                "helicarrier", ["queue", "list"], environment: ["HELICARRIER_DB_PATH": rig.location.path])
            let listing = try await Self.time { try await list.wait() }
            #expect(list.ending == .exited(0))
            #expect(list.output.contains("fetch"), "\(list.output)\(list.errorOutput)")
            try await rig.stop()
            let claiming = try await Self.time {
                let claimed = try connection.transaction { db throws(SQLiteError) in
                    let claimed = try db.claim(
                        kind: "toil", stage: .fetch, limit: 10, worker: "planner", leaseUntil: 0, now: FaultRig.now)
                    for job in claimed { _ = try EndJob(job, .released, now: FaultRig.now).apply(to: db) }
                    return claimed
                }
                #expect(claimed.count == 10)
            }
            // Oldest first, from the front of the million.
            #expect(try rig.count("SELECT max(id) FROM job WHERE state <> 'ready'") < 20_000)
            try Verdict(rig, backlog: 1_000_000).expectNothingLost(
                "a million jobs, claiming and giving back 10 in \(claiming), queue list in \(listing)")
        }

        /// SQLite's own waiting lets one of several processes do all the work; the busy handler shares the lock.
        @Test func theSlowestOfEightWorkersGetsItsShare() async throws {
            let rig = try FaultRig(durability: .full)
            let names = (0..<8).map { "worker-\($0)" }
            try rig.open().run(Self.pause)
            for name in names { try await rig.worker(name, ["--work", "0", "--slots", "2", "--lease", "5000"]) }
            try rig.enqueue((0..<1_200).map { _ in FaultRig.job(follows: false) })
            try rig.open().run(Query<Void>("DELETE FROM pause"))
            try await rig.settle()

            let workers = rig.workers
            let counts = names.map { workers[$0]?.count("done ") ?? 0 }
            let mean = counts.reduce(0, +) / counts.count
            print("eight workers: \(counts), the slowest has \(100 * (counts.min() ?? 0) / max(mean, 1)) % of the mean")
            #expect(counts.reduce(0, +) == 1_200)
            #expect((counts.min() ?? 0) * 3 >= mean, "\(counts)")
            try Verdict(rig).expectNothingLost("eight workers on one backlog")
        }

        /// Nobody starts before all are there.
        private static let pause = Query<Void>(
            "INSERT INTO pause VALUES ('toil', 'fetch', 'wait for all', 'test', 0, NULL)")
    }
}
