import Glibc
import TestKit
import Testing

/// How daemons stop, and how they refuse to start.
@Suite struct StopTests {
    @Test(arguments: ["fetcher", "normalizer", "scorer", "notifier", "api"])
    func stopsCleanlyWhenAsked(daemon: String) async throws {
        let deployment = try Deployment()
        try await deployment.helicarrier("migrate")
        let process = try await deployment.ready(daemon)
        process.signal(SIGTERM)
        #expect(try await process.wait() == .exited(0))
    }

    /// From the first instruction on: a signal must end the process, whether it has its handlers by then or not.
    @Test func aRequestToStopIsHeardHoweverEarlyItComes() async throws {
        let deployment = try Deployment()
        try await deployment.helicarrier("migrate")
        for round in 0..<40 {
            let process = try deployment.start("normalizer")
            // Different work each time, so that the signal comes at different moments of the start.
            for _ in 0..<round { _ = deployment.count("SELECT count(*) FROM job") }
            process.signal(SIGTERM)
            let ending = try await process.wait()
            #expect(ending == .exited(0) || ending == .killed(SIGTERM), "round \(round)")
        }
    }

    @Test func jobsOfAStoppedProcessAreGivenBackWithoutAnAttempt() async throws {
        let deployment = try Deployment()
        try await deployment.helicarrier("migrate")
        let normalizer = try await deployment.ready("normalizer")
        let command = try deployment.start("helicarrier", ["import", "hub"] + Recordings.week(newest: 12))
        try await eventually("a job runs") {
            deployment.count("SELECT count(*) FROM job WHERE kind = 'normalize-refresh' AND attempt > 0") > 0
                ? true : nil
        }
        normalizer.signal(SIGTERM)
        #expect(try await normalizer.wait() == .exited(0))
        #expect(try await command.wait() == .exited(0))
        #expect(deployment.count("SELECT count(*) FROM job WHERE state = 'running'") == 0)
        #expect(deployment.count("SELECT count(*) FROM job WHERE state = 'ready' AND attempt > 0") == 0)
        #expect(deployment.count("SELECT count(*) FROM job WHERE state = 'dead'") == 0)
    }

    @Test(arguments: [
        (
            ["HELICARRIER_DB_PATH": "/nonexistent/place/db.sqlite"],
            "HELICARRIER_DB_PATH: the database cannot be used: its directory does not exist"
        ),
        (["HELICARRIER_SYNC": "sometimes"], "HELICARRIER_SYNC is not valid; it expects full or normal"),
        (["HELICARRIER_LOG": "loud"], "HELICARRIER_LOG is not valid"),
    ])
    func wrongSettingsEndWithOneClearLine(settings: [String: String], words: String) async throws {
        for daemon in ["fetcher", "normalizer", "scorer", "notifier"] {
            let process = try Deployment(settings).start(daemon)
            #expect(try await process.wait() == .exited(78))
            let lines = process.errorOutput.split(separator: "\n")
            #expect(lines.count == 1 && process.errorOutput.contains(words), "\(process.errorOutput)")
        }
    }

    @Test(arguments: [
        ("HELICARRIER_HUB_BUDGET", "many"), ("HELICARRIER_HUB_URL", "ftp://example.com"),
        ("HELICARRIER_REFRESH", "soon"), ("HELICARRIER_CONFIG_DIR", "/nonexistent"),
    ])
    func aWrongSettingIsNamedAndItsValueIsNot(name: String, value: String) async throws {
        let process = try Deployment([name: value]).start("fetcher", ["--check"])
        #expect(try await process.wait() == .exited(78))
        #expect(process.errorOutput.contains(name) && !process.errorOutput.contains(value))
    }

    @Test func aBrokenTableOfFactsKeepsTheNormalizerFromStarting() async throws {
        let folder = try TemporaryDirectory()
        for name in ["parameters.json", "capabilities.json", "families.json"] {
            try folder.write([UInt8](#require(Repository.file("config/\(name)")).text.utf8), to: name)
        }
        let table = #"{"version":1,"provenance":[],"licenses":[{"id":"mit","name":"MIT","class":"free"}],"names":[]}"#
        try folder.write([UInt8](table.utf8), to: "licenses.json")
        let process = try Deployment(["HELICARRIER_CONFIG_DIR": folder.path]).start("normalizer", ["--check"])
        #expect(try await process.wait() == .exited(78))
        let words = "licenses.json: at /licenses/0/class expected one of permissive, copyleft, noncommercial, custom"
        #expect(process.errorOutput.contains(words), "\(process.errorOutput)")
    }

    @Test func aNewerSchemaIsRefusedAndNothingIsWritten() async throws {
        let deployment = try Deployment()
        try await deployment.helicarrier("migrate")
        try deployment.write("INSERT INTO schema_migration VALUES (9999, 'from_the_future', 0)")
        for daemon in ["fetcher", "normalizer", "scorer", "notifier"] {
            let process = try deployment.start(daemon)
            #expect(try await process.wait() == .exited(78))
            #expect(process.errorOutput.contains("schema 9999"), "\(process.errorOutput)")
        }
        #expect(deployment.count("SELECT count(*) FROM job") == 0)
    }

    @Test func unknownFlagsAreWrongUsage() async throws {
        let process = try Deployment().start("scorer", ["--fast"])
        #expect(try await process.wait() == .exited(2))
    }
}
