import Model
import SQLite
import Testing

@testable import Jobs

@Suite struct LogUpkeepTests {
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)
    private static let large: Int64 = LogUpkeep.large + 1

    @Test(arguments: [
        (Int64(0), Duration.hours(1), LogUpkeep.Step.wait), (0, .seconds(-1), .wait), (1, .seconds(30), .wait),
        (1, .seconds(31), .empty(.released)), (1, .seconds(-1), .empty(.released)), (4 << 20, .zero, .wait),
        (4 << 20 + 1, .zero, .measure), (4 << 20 + 1, .hours(1), .measure),
    ])
    func aSmallFileGoesByTime(fileSize: Int64, age: Duration, step: LogUpkeep.Step) {
        #expect(LogUpkeep.step(fileSize: fileSize, age: age) == step)
    }

    @Test(arguments: [
        (large, large, LogUpkeep.Step.empty(.kept)), (large, LogUpkeep.tooLarge, .empty(.kept)),
        (large, LogUpkeep.tooLarge + 1, .empty(.released)),
        // What is left from before, found by a process that knows nothing of it.
        (large - 1, large, .empty(.released)), (0, LogUpkeep.tooLarge * 2, .empty(.released)),
    ])
    func aLargeLogKeepsItsFile(logSize: Int64, fileSize: Int64, step: LogUpkeep.Step) {
        var upkeep = LogUpkeep()
        #expect(upkeep.step(logSize: logSize, fileSize: fileSize, now: Self.now) == step)
    }

    @Test(arguments: [
        (Duration.zero, LogUpkeep.Step.wait), (.milliseconds(1_999), .wait), (.seconds(2), .empty(.released)),
        (.hours(1), .empty(.released)),
        // Somebody set the clock back.
        (.seconds(-1), .empty(.released)),
    ])
    func theFileIsCutWhenItIsCalm(later: Duration, step: LogUpkeep.Step) {
        var upkeep = LogUpkeep()
        #expect(upkeep.step(logSize: Self.large, fileSize: 40 << 20, now: Self.now) == .empty(.kept))
        #expect(upkeep.step(logSize: 4_120, fileSize: 40 << 20, now: Self.now + later) == step)
    }

    @Test func itIsNotCalmWhileTheLogGetsLargeAgainAndAgain() {
        var upkeep = LogUpkeep()
        for second in 0..<20 {
            let now = Self.now + .seconds(Int64(second))
            let isLarge = second.isMultiple(of: 2)
            let step = upkeep.step(logSize: isLarge ? Self.large : 4_120, fileSize: 40 << 20, now: now)
            #expect(step == (isLarge ? .empty(.kept) : .wait), "second \(second)")
        }
    }
}
