import Daemon
import Testing
import TestKit

@testable import helicarrier

/// The built executable as an operator runs it.
@Suite struct ExecutableTests {
    let store: TemporaryDatabase

    init() throws {
        store = try TemporaryDatabase()
    }

    var environment: [String: String] {
        [
            "HELICARRIER_DB_PATH": store.path, "HELICARRIER_SYNC": "normal",
            "HELICARRIER_CONFIG_DIR": Repository.root + "/samples/config",
        ]
    }

    func start(_ words: [String], settings: [String: String] = [:]) throws -> TestKit.ChildProcess {
        try ChildProcess("helicarrier", words, environment: environment.merging(settings) { $1 })
    }

    /// A command line, settings that differ from good ones, and the status that it ends with.
    struct Ending: Sendable {
        let words: [String]
        var settings: [String: String] = [:]
        let status: Int32
    }

    static let endings = [
        Ending(words: ["--help"], status: 0),
        Ending(words: ["--version"], status: 0),
        Ending(words: ["migrate"], status: 0),
        Ending(words: ["queue", "list"], status: 0),
        Ending(words: ["queue", "show", "1"], status: 1),
        Ending(words: ["import", "hub", "/nowhere"], status: 1),
        Ending(words: ["nope"], status: 2),
        Ending(words: [], status: 2),
        Ending(words: ["token", "create", "--scope", "x"], status: 2),
        Ending(words: ["up", "--scale", "x"], status: 2),
        Ending(words: ["migrate"], settings: ["HELICARRIER_DB_PATH": "/nowhere/a"], status: 78),
        Ending(words: ["migrate"], settings: ["HELICARRIER_SYNC": "x"], status: 78),
        Ending(words: ["up"], settings: ["HELICARRIER_LOG": "loud"], status: 78),
    ]

    @Test(arguments: endings)
    func exitStatus(ending: Ending) async throws {
        let process = try start(ending.words, settings: ending.settings)
        #expect(try await process.wait() == .exited(ending.status), "\(process.errorOutput)")
        #expect(
            process.errorOutput.filter { $0 == "\n" }.count == (ending.status == 0 ? 0 : 1), "\(process.errorOutput)")
    }

    @Test func upRunsThePipelineAndLeavesNobodyBehind() async throws {
        let up = try start(["up", "--scale", "fetcher=0,notifier=0,api=0,normalizer=2"])
        try await up.waitForLog(#""event":"ready","process":"scorer""#)
        let imported = try start(
            ["import", "hub", "--wait", Repository.root + "/samples/hub-week/2026-04-29T0528Z.json.gz"])
        #expect(try await imported.wait() == .exited(0), "\(imported.errorOutput)")
        #expect(imported.output.hasPrefix("1 listing in "))
        up.signal(15)
        #expect(try await up.wait() == .exited(0), "\(up.errorOutput)")
        let children = Children(of: up)
        #expect(children.numbers.count == 3)
        #expect(children.stopOrder == ["normalizer", "normalizer", "scorer", "up"])
        #expect(children.alive.isEmpty)
    }

    @Test func whenUpIsKilledItsChildrenDieToo() async throws {
        let up = try start(["up", "--scale", "fetcher=0,notifier=0,api=0"])
        try await up.waitForLog(#""event":"ready","process":"scorer""#)
        up.signal(9)
        #expect(try await up.wait() == .killed(9))
        let children = Children(of: up)
        #expect(children.numbers.count == 2)
        try await Children.wait { children.alive.isEmpty }
        #expect(children.alive.isEmpty)
    }

    @Test func aChildWithWrongSettingsEndsEverything() async throws {
        let up = try start(
            ["up", "--scale", "fetcher=0,notifier=0,api=0"], settings: ["HELICARRIER_CONFIG_DIR": "/nowhere"])
        #expect(try await up.wait() == .exited(78), "\(up.errorOutput)")
        #expect(up.errorOutput.contains("settings are wrong"))
        #expect(up.errorOutput.contains("the folder that HELICARRIER_CONFIG_DIR names"))
        #expect(!up.errorOutput.contains("/nowhere"))
        #expect(Children(of: up).alive.isEmpty)
    }
}

/// The children of an `up`, from its log.
private struct Children {
    let numbers: [Int32]
    /// The processes in the order in which they said that they have stopped.
    let stopOrder: [String]

    init(of up: TestKit.ChildProcess) {
        let lines = up.errorOutput.split(separator: "\n").map { [UInt8]($0.utf8) }
        numbers = lines.compactMap { LogMerge.field("child.pid", of: $0).flatMap { Int32($0) } }
        stopOrder = lines.filter { LogMerge.field("event", of: $0) == "stopped" }
            .compactMap { LogMerge.field("process", of: $0) }
    }

    /// A number that is in use again is not one of ours: only a process with the name of a daemon counts.
    var alive: [Int32] {
        numbers.filter { number in
            let name = TextFile.read("/proc/\(number)/comm") ?? ""
            let state = TextFile.read("/proc/\(number)/stat")?.split(separator: ")").last?.dropFirst().first
            return ["normalizer\n", "scorer\n"].contains(name) && state != "Z"
        }
    }

    /// Gives up in silence: the test that waited says what is wrong.
    static func wait(for condition: () -> Bool) async throws {
        _ = try? await eventually("the condition holds", atMost: .seconds(60)) { condition() ? true : nil }
    }
}
