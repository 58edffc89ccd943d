import Telemetry
import TestKit
import Testing

/// Log lines that machines and people can read, and traces that follow the work.
@Suite struct TelemetryTests {
    @Test func aLineIsOneJSONObject() {
        let event = Event(
            level: .warning, name: "job ended",
            fields: ["b": "quote \" slash \\ line\nreturn\r tab\t bell\u{7} ü🚀", "a": ""])
        let line = LogLine.json(event, at: "2026-01-01T00:00:00.000Z")
        let expected =
            "{\"ts\":\"2026-01-01T00:00:00.000Z\",\"level\":\"warning\",\"event\":\"job ended\",\"a\":\"\","
            + "\"b\":\"quote \\\" slash \\\\ line\\nreturn\\r tab\\t bell\\u0007 ü🚀\"}\n"
        #expect(line == expected)
    }

    @Test func plainTextStaysOnOneLine() {
        let event = Event(level: .error, name: "failed", fields: ["why": "one\ntwo\r", "at": "x"])
        #expect(LogLine.text(event, at: "12:00") == "12:00 error: failed at=x why=onetwo\n")
        #expect(LogLine.text(Event(level: .info, name: "ready", fields: [:]), at: "12:00") == "12:00 ready\n")
    }

    @Test(arguments: Level.allCases)
    func aThresholdKeepsLesserLinesOut(threshold: Level) {
        let log = EventLog()
        let logger = Logger(threshold: threshold) { event in log.logger.log(event.level, "kept") }
        for level in Level.allCases { logger.log(level, "line") }
        #expect(log.events.map(\.level) == Level.allCases.filter { $0 >= threshold })
    }

    @Test func fieldsAddUpAndTheInnermostWins() {
        let log = EventLog()
        log.logger.with(["a": "1", "b": "1"]).with(["b": "2", "c": "2"]).log(.info, "x", ["c": "3"])
        #expect(log.events == [Event(level: .info, name: "x", fields: ["a": "1", "b": "2", "c": "3"])])
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", true), ("01-\(trace)-\(span)-01-more", true),
        ("00-\(trace)-\(span)-01-more", false), ("ff-\(trace)-\(span)-01", false), ("00-\(trace)-\(span)", false),
        ("00-\(trace.uppercased())-\(span)-01", false), ("00-\(trace)-\(span)-1", false), ("", false),
        ("00-\(String(repeating: "0", count: 32))-\(span)-01", false), ("00-\(trace)-0000000000000000-01", false),
        ("00-\(trace.dropLast())-\(span)-01", false), ("0-\(trace)-\(span)-01", false),
        ("00-\(trace)-\(span)-0g", false), (" 00-\(trace)-\(span)-01", false),
    ])
    func readsTraceParents(text: String, isValid: Bool) {
        #expect((TraceParent(text) != nil) == isValid)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func aChildStaysInItsTrace(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let root = TraceParent.root(using: &random)
        let child = root.child(using: &random)
        #expect(child.traceID == root.traceID && child.spanID != root.spanID && child.isSampled)
        #expect(TraceParent(root.description) == root && TraceParent(child.description) == child)
    }

    @Test func keepsTheDecisionToSample() {
        #expect(TraceParent("00-\(Self.trace)-\(Self.span)-00")?.isSampled == false)
        #expect(TraceParent("00-\(Self.trace)-\(Self.span)-03")?.isSampled == true)
        #expect(TraceParent("00-\(Self.trace)-\(Self.span)-03")?.description == "00-\(Self.trace)-\(Self.span)-01")
    }
}
