import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct DoctorTests {
    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    @Test(arguments: [
        (Int64?.none, Finding.Verdict.warn), (50 << 20, .fail), (500 << 20, .warn), (50 << 30, .ok),
    ])
    func disk(free: Int64?, verdict: Finding.Verdict) {
        #expect(Judgement.disk(free: free).verdict == verdict)
    }

    @Test(arguments: [
        (Int64(0), Duration?.none, Finding.Verdict.ok), (20 << 20, nil, .warn), (100 << 20, nil, .fail),
        (100 << 20, .seconds(10), .ok), (100 << 20, .minutes(6), .fail), (20 << 20, .minutes(6), .warn),
        (1 << 20, .days(3), .ok),
    ])
    func log(size: Int64, age: Duration?, verdict: Finding.Verdict) {
        let last = age.map { Self.now - $0 }
        #expect(Judgement.log(walBytes: size, last: last, now: Self.now).verdict == verdict)
    }

    @Test(arguments: [
        (now, Timestamp?.none, Finding.Verdict.ok), (now, now - .days(9), .ok), (now, now + .seconds(4), .ok),
        (now, now + .seconds(6), .warn), (Timestamp(milliseconds: 0), nil, .fail),
    ])
    func clock(now: Timestamp, newest: Timestamp?, verdict: Finding.Verdict) {
        #expect(Judgement.clock(now: now, newest: newest).verdict == verdict)
    }

    @Test(arguments: [(5, 5, Finding.Verdict.ok), (4, 5, .fail), (6, 5, .fail), (0, 5, .fail)])
    func schema(found: Int, needed: Int, verdict: Finding.Verdict) {
        #expect(Judgement.schema(found: found, needed: needed).verdict == verdict)
    }

    @Test(arguments: [(["ok"], Finding.Verdict.ok), (["row 7 missing from index"], .fail), ([], .fail)])
    func integrity(rows: [String], verdict: Finding.Verdict) {
        #expect(Judgement.integrity(rows).verdict == verdict)
    }

    @Test(arguments: [(UInt32(0o100600), Finding.Verdict.ok), (0o100644, .warn), (0o100660, .warn)])
    func permissions(mode: UInt32, verdict: Finding.Verdict) {
        #expect(Judgement.permissions(mode).verdict == verdict)
    }

    @Test(arguments: [
        (Duration?.none, Finding.Verdict.warn), (.zero, .ok), (.hours(25), .ok), (.hours(27), .warn),
        (.days(30), .warn),
    ])
    func backup(age: Duration?, verdict: Finding.Verdict) {
        #expect(Judgement.backup(age.map { Self.now - $0 }, now: Self.now).verdict == verdict)
    }

    @Test(arguments: [
        (Duration.zero, Finding.Verdict.ok), (.seconds(29), .ok), (.seconds(31), .fail), (.hours(9), .fail),
    ])
    func skew(apart: Duration, verdict: Finding.Verdict) {
        #expect(Judgement.skew(ours: Self.now, theirs: Self.now + apart).verdict == verdict)
        #expect(Judgement.skew(ours: Self.now + apart, theirs: Self.now).verdict == verdict)
    }

    @Test func whoAsksIsWhoTheDaemonsAre() {
        #expect(Judgement.owner(7, user: 7).isEmpty)
        #expect(Judgement.owner(7, user: 0).map(\.verdict) == [.warn])
        #expect(Judgement.synchronisation(nil).isEmpty)
        #expect(Judgement.synchronisation(false).map(\.verdict) == [.warn])
        #expect(Judgement.references(["job", "job"]).text == "rows of job point at nothing")
    }

    private static let unitText = """
        Id=helicarrier.target
        LoadState=loaded
        ActiveState=active

        Id=helicarrier-api.service
        LoadState=loaded
        ActiveState=active
        Result=success
        StatusText=serving
        NRestarts=0

        Id=helicarrier-backup.timer
        LoadState=loaded
        ActiveState=active

        Id=helicarrier-scorer@9.service
        LoadState=not-found
        ActiveState=inactive
        """

    @Test func unitsAreReadAsSystemdDescribesThem() {
        let units = UnitState.read(Self.unitText)
        #expect(units.map(\.name).count == 4 && units[1].status == "serving" && !units[3].isLoaded)
        #expect(Judgement.units(units) == [.ok("units", "3 units are active, none has failed")])
        #expect(Judgement.units([]).isEmpty && Judgement.units(UnitState.read("")).isEmpty)
        var failed = UnitState(name: "helicarrier-normalizer@1.service", active: "failed", result: "exit-code")
        failed.status = "the database has schema 13, this binary needs 14: run `helicarrier migrate`"
        let findings = Judgement.units(units + [failed])
        #expect(findings.map(\.verdict) == [.fail] && findings[0].text.hasSuffix(failed.status))
        let restless = UnitState(name: "helicarrier-fetcher@1.service", restarts: 7)
        #expect(Judgement.units(units + [restless]).first?.text.contains("restarted 7 times") == true)
        let stopped = UnitState(name: "helicarrier.target", active: "inactive")
        #expect(Judgement.units([stopped]).map(\.verdict) == [.warn])
        let idle = UnitState(name: "helicarrier-backup.timer", active: "inactive")
        #expect(Judgement.units([units[0], idle]).map(\.verdict) == [.warn])
    }

    @Test func aDeepLookReadsReferencesToo() async throws {
        let world = try CommandWorld()
        let good = await Examination(world.session).database(deep: true)
        #expect(good.contains { $0.text == "integrity_check finds nothing" })
        #expect(good.contains { $0.text == "every row that is pointed at exists" })
        #expect(good.contains { $0.subject == "backup" && $0.verdict == .warn })
        let connection = try world.store.open()
        try connection.runScript(
            "PRAGMA foreign_keys = OFF; INSERT INTO job_attempt (job_id, attempt, ended_at_ms, outcome) "
                + "VALUES (77, 1, 1, 'dead')")
        let bad = await Examination(world.session).database(deep: true)
        #expect(bad.contains { $0.text == "rows of job_attempt point at nothing" }, "\(bad)")
    }

    @Test func onlyWhatLooksLikeASettingIsQuestioned() {
        let found = Judgement.unknownSettings(
            ["PATH", "HELICARRIER_LOG", "HELICARRIER_LOGG"], known: Examination.settings)
        #expect(found.map(\.text) == ["HELICARRIER_LOGG is not a setting"])
    }

    @Test func everySettingThatIsReadAnywhereIsKnown() {
        let files = Repository.files(in: "Sources", ending: ".swift") + Repository.files(in: "Shared", ending: ".swift")
        let read = files.flatMap { file in file.text.matches(of: /"(HELICARRIER_[A-Z0-9_]+)"/).map { String($0.1) } }
        #expect(read.count > 20)
        #expect(Set(read).subtracting(Examination.settings) == [])
    }

    @Test func theQueueIsWellWhenSomebodyWorksOnIt() {
        var stage = StageBacklog(stage: .score)
        #expect(Judgement.queue([stage], listening: []).isEmpty)
        stage.ready = 3
        #expect(Judgement.queue([stage], listening: [.score]).isEmpty)
        #expect(Judgement.queue([stage], listening: []).first?.advice == "start scorer")
        stage.dead = 1
        #expect(Judgement.queue([stage], listening: [.score]).first?.text == "1 job is dead")
    }

    @Test func aGoodDatabaseIsSaidToBeGood() async throws {
        let world = try CommandWorld()
        let findings = await Examination(world.session).database()
        #expect(findings.first { $0.subject == "integrity" }?.verdict == .ok)
        #expect(findings.first { $0.subject == "schema" }?.verdict == .ok)
        #expect(findings.contains { $0.verdict == .fail } == false, "\(findings)")
    }

    /// A wrong setting is no damaged database: nobody is to restore a backup for it.
    @Test func aWrongSettingSaysNothingAgainstTheDatabase() async throws {
        let world = try CommandWorld(settings: ["HELICARRIER_ENABLE_SQLITE": "maybe"])
        let findings = await Examination(world.session).database()
        #expect(findings.contains { $0.subject == "schema" && $0.verdict == .ok })
        #expect(findings.contains { $0.verdict == .fail } == false, "\(findings)")
    }

    @Test func aMissingDatabaseAndABadFolderAreNamed() async throws {
        let none = try CommandWorld(migrated: false)
        #expect(await Examination(none.session).database().contains { $0.advice == "run `helicarrier migrate`" })
        let lost = try CommandWorld(settings: ["HELICARRIER_DB_PATH": "/nowhere/a.sqlite"])
        #expect(await Examination(lost.session).database().map(\.verdict) == [.fail])
        let folder = try CommandWorld(settings: ["HELICARRIER_CONFIG_DIR": "/nowhere"])
        #expect(Examination(folder.session).configuration().map(\.verdict) == [.fail])
    }
}
