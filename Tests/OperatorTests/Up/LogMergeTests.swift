import Model
import Telemetry
import Testing

@testable import helicarrier

@Suite struct LogMergeTests {
    static let line =
        #"{"ts":"2026-05-04T08:43:19.965Z","level":"warning","event":"job ended","job.id":"7","process":"scorer"}"#
    let plain = LogMerge(plain: true, width: 10)
    let json = LogMerge(plain: false, width: 10)
    let now = Timestamp(milliseconds: 0)

    @Test func linesAreCutWhereTheyEnd() {
        var pending = [UInt8]("one\ntwo\n\nthr".utf8)
        #expect(json.lines(from: &pending).map { String(decoding: $0, as: UTF8.self) } == ["one", "two"])
        #expect(pending == [UInt8]("thr".utf8))
        pending += [UInt8]("ee\n".utf8)
        #expect(json.lines(from: &pending).map { String(decoding: $0, as: UTF8.self) } == ["three"])
        pending = [UInt8]("last".utf8)
        #expect(json.lines(from: &pending, atEnd: true).map { String(decoding: $0, as: UTF8.self) } == ["last"])
        #expect(pending.isEmpty)
    }

    @Test func aLineWithoutEndDoesNotGrowForever() {
        var pending = [UInt8](repeating: 65, count: LogMerge.longestLine + 1)
        #expect(json.lines(from: &pending).count == 1)
        #expect(pending.isEmpty)
    }

    @Test func jsonPassesAsItIs() {
        #expect(json.text([UInt8](Self.line.utf8), from: "scorer", now: now) == Self.line + "\n")
    }

    @Test func onATerminalItIsTextBehindTheName() {
        #expect(
            plain.text([UInt8](Self.line.utf8), from: "scorer.2", now: now)
                == "scorer.2   │ 2026-05-04T08:43:19.965Z warning: job ended job.id=7\n")
    }

    @Test(arguments: ["fatal: \u{1B}[31mno disk", "{not json", "{}", "7"])
    func anythingElseSaysWhoWroteIt(text: String) throws {
        let wrapped = json.text([UInt8](text.utf8), from: "api", now: now)
        #expect(LogMerge.field("process", of: [UInt8](wrapped.utf8)) == "api")
        #expect(LogMerge.field("text", of: [UInt8](wrapped.utf8)) == text)
        let shown = plain.text([UInt8](text.utf8), from: "api", now: now)
        #expect(shown.hasPrefix("api        │ "))
        #expect(!shown.contains("\u{1B}"))
    }

    @Test(arguments: [
        (#"{"address":"127.0.0.1:41234"}"#, "127.0.0.1:41234"), (#"{"other":"x"}"#, nil), ("plain", nil), ("", nil),
        (#"{"address":7}"#, nil),
    ])
    func fields(line: String, address: String?) {
        #expect(LogMerge.field("address", of: [UInt8](line.utf8)) == address)
    }
}
