import Model
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

    @Test func aMissingDatabaseAndABadFolderAreNamed() async throws {
        let none = try CommandWorld(migrated: false)
        #expect(await Examination(none.session).database().contains { $0.advice == "run `helicarrier migrate`" })
        let lost = try CommandWorld(settings: ["HELICARRIER_DB_PATH": "/nowhere/a.sqlite"])
        #expect(await Examination(lost.session).database().map(\.verdict) == [.fail])
        let folder = try CommandWorld(settings: ["HELICARRIER_CONFIG_DIR": "/nowhere"])
        #expect(Examination(folder.session).configuration().map(\.verdict) == [.fail])
    }
}
