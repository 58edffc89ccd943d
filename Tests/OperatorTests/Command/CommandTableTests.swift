import Testing

@testable import helicarrier

@Suite struct CommandTableTests {
    static let names = Helicarrier.commands.commands.map(\.name)

    @Test(arguments: [
        (["nope"], "helicarrier: there is no command 'nope'; see helicarrier --help\n"),
        ([], "helicarrier: say what to do; see helicarrier --help\n"),
        (["queue", "nope"], "helicarrier: there is no command 'queue nope'; there is: "),
        (["queue"], "helicarrier: queue needs one of: list, "),
        (["migrate", "extra"], "helicarrier: 'extra' is one word too many\n"),
        (["migrate", "--nope"], "helicarrier: there is no flag --nope\n"),
        (["import", "hub"], "helicarrier: FILE… is missing\n"),
        (["queue", "show"], "helicarrier: ID is missing\n"),
        (["queue", "show", "x"], "helicarrier: 'x' is not the number of a job\n"),
        (["queue", "pause", "x"], "helicarrier: there is no stage or kind 'x'; there is: fetch, "),
        (["queue", "drain", "plan-refresh"], "helicarrier: there is no stage 'plan-refresh'; "),
        (["queue", "drain", "fetch", "--timeout", "soon"], "helicarrier: --timeout expects a length of time"),
        (["queue", "jobs", "--state", "lost"], "helicarrier: --state expects one of scheduled, "),
        (["queue", "requeue", "--dead"], "helicarrier: --dead needs --kind\n"),
        (["queue", "requeue", "--kind", "k", "1"], "helicarrier: --kind and --error-class choose"),
        (["queue", "requeue"], "helicarrier: say which jobs"),
        (["token", "create"], "helicarrier: --scope is missing"),
        (["token", "create", "--scope", "reed"], "helicarrier: there is no scope 'reed'"),
        (["import", "hub", "--feed", "A B", "f"], "helicarrier: --feed expects a name"),
        (["import", "hub", "--observed-at", "noon", "f"], "helicarrier: --observed-at expects a time"),
        (["replay", "--fault", "418:2", "f"], "helicarrier: --fault expects 429:N"),
        (["replay", "--start", "middle", "f"], "helicarrier: --start expects one of first, last\n"),
        (["up", "--scale", "api=2"], "helicarrier: --scale: there is one api"),
        (["up", "now"], "helicarrier: 'now' is one word too many\n"),
    ])
    func wrongUsage(words: [String], line: String) async throws {
        let world = try CommandWorld()
        #expect(await world.run(words) == .wrongUsage)
        #expect(world.errors.hasPrefix(line), "\(world.errors)")
        #expect(world.errors.filter { $0 == "\n" }.count == 1)
        #expect(world.output.isEmpty)
    }

    @Test(arguments: names)
    func helpNamesEveryFlag(name: String) async throws {
        let world = try CommandWorld()
        let command = try #require(Helicarrier.commands.commands.first { $0.name == name })
        #expect(await world.run(command.words + ["--help"]) == .fine)
        #expect(world.output.contains("Usage: helicarrier \(name)"))
        for option in command.options { #expect(world.output.contains(option.name)) }
        for line in world.output.split(separator: "\n") { #expect(line.count <= 200, "\(line)") }
    }

    @Test func theOverviewNamesEveryCommand() async throws {
        let world = try CommandWorld()
        #expect(await world.run(["--help"]) == .fine)
        for name in Self.names { #expect(world.output.contains("helicarrier \(name) ")) }
        #expect(Set(Self.names).count == Self.names.count)
    }

    @Test func aGroupListsItsOwn() async throws {
        let world = try CommandWorld()
        #expect(await world.run(["queue", "--help"]) == .fine)
        #expect(world.output.contains("helicarrier queue requeue"))
        #expect(!world.output.contains("token"))
    }

    @Test func helpBehindTheEndOfFlagsIsAnOperand() async throws {
        let world = try CommandWorld()
        #expect(await world.run(["token", "revoke", "--", "--help"]) == .failed)
        #expect(world.errors.contains("there is no token"))
    }

    @Test(arguments: [
        ["queue", "list"], ["queue", "jobs"], ["queue", "show", "1"], ["token", "list"], ["rejects"],
        ["migrate", "--status"], ["queue", "pause", "fetch"], ["token", "revoke", "x"], ["queue", "cancel", "1"],
    ])
    func commandsThatLookNeedADatabase(words: [String]) async throws {
        let world = try CommandWorld(migrated: false)
        #expect(await world.run(words) == .wrongSettings)
        #expect(world.errors.contains("helicarrier migrate"), "\(world.errors)")
        #expect(!world.databaseExists)
    }

    @Test(arguments: [
        ("HELICARRIER_SYNC", "hard", "HELICARRIER_SYNC is not valid"),
        ("HELICARRIER_DB_PATH", "/nowhere/at/all.sqlite", "does not exist"),
    ])
    func wrongSettings(name: String, value: String, reason: String) async throws {
        let world = try CommandWorld(settings: [name: value])
        #expect(await world.run(["migrate"]) == .wrongSettings)
        #expect(world.errors.contains(reason), "\(world.errors)")
    }
}
