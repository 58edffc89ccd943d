import Daemon
import FoundationEssentials
import Glibc
import TestKit
import Testing

/// A real daemon, started and stopped: its flags, its exit statuses, its last words.
@Suite(.timeLimit(.minutes(10))) struct FrameTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func daemon(_ flags: String..., settings: [String: String] = [:]) throws -> ChildProcess {
        var environment = ["HELICARRIER_DB_PATH": directory.file("a.sqlite"), "HELICARRIER_LOG": "debug"]
        environment.merge(settings) { _, new in new }
        return try ChildProcess("normalizer", flags, environment: environment)
    }

    @Test func explainsItself() async throws {
        let help = try daemon("--help")
        #expect(try await help.wait() == .exited(0))
        for word in ["Usage: normalizer", "HELICARRIER_DB_PATH", "HELICARRIER_SYNC", "Exit status", "--check"] {
            #expect(help.output.contains(word))
        }
        let version = try daemon("--version")
        #expect(try await version.wait() == .exited(0))
        #expect(version.output.hasPrefix("normalizer "))
    }

    @Test(arguments: ["--hepl", "start", "-x"])
    func refusesWhatItDoesNotKnow(flag: String) async throws {
        let process = try daemon(flag)
        #expect(try await process.wait() == .exited(2))
        #expect(process.errorOutput.contains("takes --check, --help or --version"))
    }

    @Test func checksItsSettings() async throws {
        let good = try daemon("--check")
        #expect(try await good.wait() == .exited(0))
        #expect(good.output == "normalizer: settings are good\n")
        let bad = try daemon("--check", settings: ["HELICARRIER_SYNC": "sometimes"])
        #expect(try await bad.wait() == .exited(78))
        #expect(bad.errorOutput == "normalizer: HELICARRIER_SYNC is not valid; it expects full or normal\n")
    }

    /// Whoever mends one wrong setting is not sent back for the next.
    @Test func everyWrongSettingIsNamed() async throws {
        let process = try daemon(
            "--check",
            settings: ["HELICARRIER_SYNC": "sometimes", "HELICARRIER_LOG": "loud", "HELICARRIER_KEEP_JOBS": "many"])
        #expect(try await process.wait() == .exited(78))
        let lines = process.errorOutput.split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("normalizer: ") }, "\(lines)")
        for name in ["HELICARRIER_SYNC", "HELICARRIER_LOG", "HELICARRIER_KEEP_JOBS"] {
            #expect(lines.count { $0.contains("\(name) is not valid; it expects ") } == 1, "\(lines)")
        }
        #expect(!process.errorOutput.contains("sometimes"))
    }

    @Test func aPlaceThatCannotBeUsedIsSaidInOneLine() async throws {
        let process = try daemon(settings: ["HELICARRIER_DB_PATH": directory.file("missing/a.sqlite")])
        #expect(try await process.wait() == .exited(78))
        let lines = process.errorOutput.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines[0].hasSuffix("HELICARRIER_DB_PATH: the database cannot be used: its directory does not exist"))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func stopsWhenAsked(signal: Int32) async throws {
        let process = try daemon()
        try await process.waitForLog("\"event\":\"ready\"")
        process.signal(signal)
        #expect(try await process.wait() == .exited(0))
        #expect(process.errorOutput.contains("\"event\":\"stopped\""))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.file("a.sqlite.bells"))
        #expect(left.isEmpty, "it takes its doorbell along")
    }

    @Test func whatAKilledDaemonLeavesIsClearedAway() async throws {
        let process = try daemon()
        try await process.waitForLog("checkpointer elected")
        try await process.waitForLog("\"event\":\"ready\"")
        let bells = directory.file("a.sqlite.bells")
        try await eventually("it listens") {
            try FileManager.default.contentsOfDirectory(atPath: bells).isEmpty ? nil : true
        }
        process.signal(SIGKILL)
        #expect(try await process.wait() == .killed(SIGKILL))
        #expect(try FileManager.default.contentsOfDirectory(atPath: bells).count == 1)

        let next = try daemon()
        try await next.waitForLog("checkpointer elected")
        let doorbell = try #require(Doorbell(directory: bells))
        doorbell.ring("normalize")
        next.signal(SIGTERM)
        #expect(try await next.wait() == .exited(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: bells).isEmpty)
    }
}
