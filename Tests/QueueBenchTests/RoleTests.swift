import JSON
import TestKit
import Testing

/// The roles of the queue benchmark run, and answer what `Benchmarks/queue_benchmark.py` reads. How fast they are is
/// not asked: that is what `scripts/bench` is for.
@Suite(.timeLimit(.minutes(10))) struct RoleTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func start(_ role: String, _ more: String...) throws -> ChildProcess {
        try ChildProcess("QueueBench", [role, "--db", directory.file("queue.sqlite"), "--sync", "normal"] + more)
    }

    /// The object that a role ends with.
    private func answer(_ process: ChildProcess) async throws -> JSONNode {
        let ending = try await process.wait()
        #expect(ending == .exited(0), "\(process.errorOutput)")
        let line = try #require(process.output.split(separator: "\n").last)
        return try JSONDocument(parsing: String(line)).root
    }

    @Test(arguments: ["store", "chain", "worker"], ["1", "7"])
    func severalProcessesEndEveryJobOnce(role: String, batch: String) async throws {
        _ = try await answer(start("fill", "--jobs", "50"))
        let workers = try (0..<3).map { _ in try start(role, "--jobs", "50", "--batch", batch) }
        for worker in workers { #expect(try await answer(worker)["started"]?.int64 != nil) }
        let outcome = try await answer(start("outcome"))
        #expect(outcome["left"]?.int64 == 0 && outcome["again"]?.int64 == 0)
        #expect(outcome["shares"]?.elements.reduce(0) { $0 + ($1.int64 ?? 0) } == 50)
    }

    @Test func eachRingHasItsStart() async throws {
        _ = try await answer(start("fill", "--jobs", "0"))
        let listener = try start("listen", "--jobs", "5")
        let rings = try await answer(start("ring", "--jobs", "5", "--pause", "1"))
        let starts = try await answer(listener)
        let began = try #require(starts["began"]).elements.compactMap(\.int64)
        let asked = try #require(rings["asked"]).elements.compactMap(\.int64)
        #expect(began.count == 5 && asked.count == 5 && rings["stored"]?.count == 5)
        #expect(zip(began, asked).allSatisfy { $0 > $1 })
    }

    @Test(arguments: [
        ("enqueue", "jobs"), ("raw", "jobs"), ("bare", "jobs"), ("pairs", "two"), ("settings", "journal_mode"),
        ("plan", "claim"),
    ])
    func theOtherRolesAnswer(role: String, field: String) async throws {
        _ = try await answer(start("fill", "--jobs", "3"))
        #expect(try await answer(start(role, "--jobs", "10"))[field] != nil)
    }

    @Test(arguments: [["sing"], ["store"], ["store", "--db"], ["store", "--db", "x", "--jobs", "many"]])
    func wrongUsageSaysWhatIsWrong(arguments: [String]) async throws {
        let process = try ChildProcess("QueueBench", arguments)
        #expect(try await process.wait() == .exited(2))
        #expect(!process.errorOutput.isEmpty)
    }
}
