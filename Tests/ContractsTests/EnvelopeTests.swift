import Contracts
import JSON
import Model
import Testing

/// What an envelope says, in either version, and that what it does not say stays unsaid.
@Suite struct EnvelopeTests {
    private static let full = """
        {"sessionId":"s-1","state":"done","agentId":"planner","modelId":"claude",
         "startedAt":"2026-05-04T10:00:00+02:00",
         "agentLabel":"Planner","title":"Mend","task":"Mend the bicycle","taskCategory":"repair",
         "endedAt":"2026-05-04T08:01:30.5Z","promptTokens":1200.0,"completionTokens":34,"totalTokens":1234,
         "billedCostUsd":0.0123456789,"provider":"anthropic","runId":"r-1","artifactCount":2,"errorCode":null,
         "sourceVersion":"7.1","usage":{"inputTokens":1200,"cachedInInput":false,"raw":{"b":1.0,"a":[2]}}}
        """
    private static let events = """
        [{"eventId":"e2","seq":2,"eventType":"error","eventTs":"2026-05-04T08:01:00Z",
          "payload":{"message":"chain broke","code":"E9"}},
         {"eventId":"e1","seq":1,"eventType":"tool_call","eventTs":"2026-05-04T08:00:10Z","payload":{"n": 1.50}}]
        """

    private static func read(_ text: String, isStrict: Bool = true) throws -> Envelope {
        try Envelope(JSONDocument(parsing: text), isStrict: isStrict)
    }

    @Test(arguments: [
        ("v1", "session", "events", #""envelope_version":"v1","payload":"#),
        ("v2", "run", "timeline", #""envelope_version":"v2","payload":"#),
        ("v3", "session", "events", ""),
    ])
    func everyVersionSaysTheSame(contract: String, session: String, events: String, head: String) throws {
        let payload = #"{"\#(session)":\#(Self.full),"\#(events)":\#(Self.events)}"#
        let text = head.isEmpty ? payload : "{\(head)\(payload),\"idempotency_key\":\"k\"}"
        let envelope = try Self.read(text, isStrict: !head.isEmpty)
        #expect(envelope.key == (head.isEmpty ? nil : "k"))
        let told = envelope.session
        #expect(told.sessionID == "s-1" && told.agentID == "planner" && told.modelID == "claude")
        #expect(told.status == .success && told.contract == contract && told.source == .ingest)
        #expect(told.startedAt == Timestamp(rfc3339: "2026-05-04T08:00:00Z"))
        #expect(told.endedAt == Timestamp(rfc3339: "2026-05-04T08:01:30.500Z"))
        #expect(told.runtime.milliseconds == 90_500 && told.runtime.source == .derived)
        #expect(told.agentLabel == "Planner" && told.taskTitle == "Mend" && told.taskText == "Mend the bicycle")
        #expect(told.taskCategory == "repair" && told.provider == "anthropic" && told.runID == "r-1")
        #expect(told.artifactCount == 2 && told.sourceVersion == "7.1")
        #expect(told.errorCode == "E9" && told.errorMessage == "chain broke", "the last error says why")
        #expect(told.events.map(\.eventID) == ["e2", "e1"] && told.events[1].payload == #"{"n":1.5}"#)
        let usage = try #require(told.usage)
        #expect(usage.promptTokens == 1200 && usage.completionTokens == 34 && usage.totalTokens == 1234)
        #expect(usage.billedCost == 12_345_679, "half of a nano-dollar goes to the even one")
        #expect(usage.detail?.inputTokens == 1200 && usage.detail?.cachedInInput == false)
        #expect(usage.detail?.raw == #"{"a":[2],"b":1}"# && usage.detail?.outputTokens == nil)
    }

    @Test func whatIsNotSaidStaysUnsaid() throws {
        let envelope = try Self.read(Bodies.envelope(Bodies.session))
        let told = envelope.session
        #expect(envelope.key == nil && told.usage == nil && told.events.isEmpty && told.taskTitle == nil)
        #expect(told.endedAt == nil && told.runtime.milliseconds == nil && told.runtime.source == .missing)
        #expect(told.errorMessage == nil && told.artifactCount == nil)
    }

    @Test(
        arguments: [
            ("success", .success), ("done", .success), ("completed", .success), ("finished", .success),
            ("failed", .failed), ("error", .failed), ("crashed", .failed), ("killed", .killed),
            ("terminated", .killed), ("cancelled", .cancelled), ("canceled", .cancelled), ("running", .running),
            ("in_progress", .running), ("active", .running), ("queued", .queued), ("pending", .queued),
        ] as [(String, SessionStatus)])
    func statesAreMapped(word: String, expected: SessionStatus) throws {
        let session = Bodies.with([("state", "\"\(word)\""), ("endedAt", "\"2026-05-04T09:00:00Z\"")])
        let told = try Self.read(Bodies.envelope(session)).session
        #expect(told.status == expected)
        #expect((told.endedAt == nil) == expected.isOpen, "what runs has no end")
    }

    /// Fault 7: what is not on the list is refused, whatever it looks like.
    @Test(arguments: ["Done", "SUCCESS", " done", "ok", "unknown", "succeeded", "runnin", "queued\u{301}", "0"])
    func fault7UnknownStatesAreRefused(word: String) {
        let session = Bodies.with([("state", "\"\(word)\"")])
        let fault = #expect(throws: IngestFault.self) { _ = try Self.read(Bodies.envelope(session)) }
        #expect(fault?.details.map(\.field) == ["session.state"])
    }

    /// Fault 3: the fingerprint is of what is said and not of how it is written.
    @Test func fault3KeyOrderAndNumberFormsDoNotMatter() throws {
        let one =
            #"{"a":1,"session":{"sessionId":"s","state":"done","agentId":"a","modelId":"m","promptTokens":10,"#
            + #""startedAt":"2026-05-04T08:00:00Z"}}"#
        let other =
            #"{ "session":{"startedAt":"2026-05-04T08:00:00Z", "promptTokens":1.0e1,"modelId":"\u006d","#
            + #""agentId":"a","state":"done","sessionId":"s"}, "a":1.0 }"#
        let third = one.replacing("10", with: "11")
        let prints = try [one, other, third].map {
            try Self.read(#"{"envelope_version":"v1","payload":\#($0)}"#).session.fingerprint
        }
        #expect(prints[0] == prints[1])
        #expect(prints[0] != prints[2])
    }

    /// The key is no part of what is told, in a bare body either.
    @Test func aKeyChangesNoFingerprint() throws {
        let bare = try Self.read(#"{"session":\#(Bodies.with([]))}"#, isStrict: false)
        let keyed = try Self.read(#"{"session":\#(Bodies.with([])),"idempotency_key":"k"}"#, isStrict: false)
        #expect(keyed.key == "k" && bare.key == nil)
        #expect(keyed.session.fingerprint == bare.session.fingerprint)
    }

    @Test func theEndMayBeCalledTerminal() throws {
        let session = Bodies.with([("terminalAt", "\"2026-05-04T08:00:09Z\"")])
        #expect(try Self.read(Bodies.envelope(session)).session.runtime.milliseconds == 9_000)
    }

    @Test func theUsageMayStandBesideTheSession() throws {
        let payload = #"{"session":\#(Bodies.session),"usage":{"outputTokens":3}}"#
        let told = try Self.read(#"{"envelope_version":"v1","payload":\#(payload)}"#).session
        #expect(told.usage?.detail?.outputTokens == 3)
    }
}
