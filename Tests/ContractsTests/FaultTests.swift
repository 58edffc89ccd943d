import Contracts
import JSON
import TestKit
import Testing

/// What is said of an envelope that is not taken: everything that is wrong, each in its fixed words and place.
@Suite struct FaultTests {
    private static func fault(_ text: String, isStrict: Bool = true) throws -> IngestFault? {
        let document = try JSONDocument(parsing: text)
        do throws(IngestFault) {
            _ = try Envelope(document, isStrict: isStrict)
            return nil
        } catch {
            return error
        }
    }

    private static func said(_ text: String, isStrict: Bool = true) throws -> [String] {
        try fault(text, isStrict: isStrict)?.details.map { "\($0.field): \($0.message)" } ?? []
    }

    @Test(arguments: [
        ("[]", ["body: must be an object"]), ("\"text\"", ["body: must be an object"]),
        ("null", ["body: must be an object"]), ("{}", ["envelope_version: is required", "payload: is required"]),
        (#"{"envelope_version":"v1"}"#, ["payload: is required"]),
        (#"{"envelope_version":null,"payload":{}}"#, ["envelope_version: is required"]),
        (#"{"envelope_version":"v1","payload":[]}"#, ["payload: must be an object"]),
        (#"{"envelope_version":"v1","payload":{}}"#, ["session: session object is required"]),
        (#"{"envelope_version":"v2","payload":{"run":3}}"#, ["run: run object is required"]),
        (
            #"{"envelope_version":"v1","payload":{"session":{}}}"#,
            [
                "session.agentId: must be a non-empty string", "session.modelId: must be a non-empty string",
                "session.sessionId: must be a non-empty string", "session.startedAt: must be a non-empty string",
                "session.state: must be a non-empty string",
            ]
        ),
        (
            #"{"envelope_version":"v2","payload":{"run":{"sessionId":" ","state":1,"agentId":null,"modelId":"m"}}}"#,
            [
                "run.agentId: must be a non-empty string", "run.sessionId: must be a non-empty string",
                "run.startedAt: must be a non-empty string", "run.state: must be a non-empty string",
            ]
        ),
        (
            #"{"envelope_version":"v1","idempotency_key":"","payload":{"session":[],"events":{}}}"#,
            [
                "events: must be an array", "idempotency_key: must be a non-empty string",
                "session: session object is required",
            ]
        ),
    ])
    func everythingThatIsWrongIsSaid(text: String, expected: [String]) throws {
        #expect(try Self.said(text) == expected)
        #expect(try Self.fault(text)?.status == 400)
    }

    @Test(arguments: [#""v3""#, #""V1""#, "1", "true", #"["v1"]"#, "{}"])
    func versionsThatNobodyKnowsAreUnsupported(version: String) throws {
        let fault = try #require(try Self.fault(#"{"envelope_version":\#(version),"payload":3}"#))
        #expect(fault.status == 422)
        let expected =
            #"{"error":{"code":"UNSUPPORTED_CONTRACT_VERSION","message":"UNSUPPORTED CONTRACT VERSION","details":"#
            + #"[{"field":"envelope_version","message":"unsupported"}]}}"#
        #expect(String(decoding: fault.body, as: UTF8.self) == expected)
    }

    @Test func theConflictHasItsWords() {
        let expected =
            #"{"error":{"code":"IDEMPOTENCY_CONFLICT","message":"IDEMPOTENCY CONFLICT","details":"#
            + #"[{"field":"idempotency_key","message":"conflicting payload for idempotency key"}]}}"#
        #expect(String(decoding: IngestFault.conflict.body, as: UTF8.self) == expected)
        #expect(IngestFault.conflict.status == 409)
    }

    /// The bare body of V3 is taken only where the deployment says so.
    @Test func theBareBodyNeedsLeave() throws {
        let bare = #"{"session":\#(Bodies.session)}"#
        #expect(try Self.said(bare) == ["envelope_version: is required", "payload: is required"])
        #expect(try Self.said(bare, isStrict: false).isEmpty)
        #expect(try Self.said("{}", isStrict: false) == ["envelope_version: is required", "payload: is required"])
    }

    /// Faults 7 and 8: wrong types, numbers that not every reader holds, times that are none.
    @Test(arguments: [
        ("title", "7", "must be a string"), ("provider", "[]", "must be a string"),
        ("task", #""a\u0000b""#, "must not contain U+0000"),
        ("promptTokens", "-1", "must be a whole number from 0 to 9007199254740991"),
        ("promptTokens", "1.5", "must be a whole number from 0 to 9007199254740991"),
        ("totalTokens", "9007199254740992", "must be a whole number from 0 to 9007199254740991"),
        ("completionTokens", "\"3\"", "must be a whole number from 0 to 9007199254740991"),
        ("totalTokens", "1e300", "must be a whole number from 0 to 9007199254740991"),
        ("billedCostUsd", "-0.01", "must be a number from 0 to 1000000"),
        ("billedCostUsd", "\"1\"", "must be a number from 0 to 1000000"),
        ("startedAt", "\"2026-05-04\"", "must be an RFC 3339 time such as 2026-05-04T08:43:19Z"),
        ("startedAt", "\"2026-05-04 08:00:00Z\"", "must be an RFC 3339 time such as 2026-05-04T08:43:19Z"),
        ("startedAt", "\"2026-05-04T08:00:00\"", "must be an RFC 3339 time such as 2026-05-04T08:43:19Z"),
        ("startedAt", "\"2026-02-30T08:00:00Z\"", "must be an RFC 3339 time such as 2026-05-04T08:43:19Z"),
        ("startedAt", "\"2026-05-04T23:58:60Z\"", "must be an RFC 3339 time such as 2026-05-04T08:43:19Z"),
        ("endedAt", "1777881600", "must be an RFC 3339 time such as 2026-05-04T08:43:19Z"),
        ("endedAt", "\"2026-05-04T07:59:59.999Z\"", "must not be before startedAt"),
        ("terminalAt", "\"2026-05-04T09:59:59+02:00\"", "must not be before startedAt"),
        ("usage", "7", "must be an object"),
    ])
    func fault7And8WrongValuesAreRefused(field: String, value: String, message: String) throws {
        let session = Bodies.with([(field, value)])
        #expect(try Self.said(Bodies.envelope(session)) == ["session.\(field): \(message)"])
        #expect(try Self.said(Bodies.envelope(session, version: "v2")) == ["run.\(field): \(message)"])
    }

    /// Also by less than the millisecond that is kept.
    @Test(arguments: [
        (".0009Z", ".0001Z", false), (".0001Z", ".0009Z", true), (".5Z", ".500Z", true), (".500Z", ".5Z", true),
        ("Z", ".0000Z", true), (".00001Z", "Z", false), (".1234567Z", ".123456Z", false),
    ])
    func fault8AnEndIsNotBeforeItsStart(start: String, end: String, isRight: Bool) throws {
        let session = Bodies.with([
            ("startedAt", #""2026-05-04T08:00:00\#(start)""#), ("endedAt", #""2026-05-04T08:00:00\#(end)""#),
        ])
        #expect(try Self.said(Bodies.envelope(session)).isEmpty == isRight)
    }

    @Test(arguments: [
        "2026-05-04T08:00:00Z", "2026-05-04t08:00:00z", "2026-05-04T08:00:00.123456789-07:30", "2016-12-31T23:59:60Z",
        "1990-12-31T15:59:60-08:00", "1937-01-01T12:00:27.87+00:20",
    ])
    func rightTimesAreTaken(time: String) throws {
        #expect(try Self.said(Bodies.envelope(Bodies.with([("startedAt", "\"\(time)\"")]))).isEmpty)
    }

    @Test func longTextsAreRefused() throws {
        let text = String(repeating: "é", count: 257)
        let session = Bodies.with([("agentId", "\"\(text)\"")])
        #expect(try Self.said(Bodies.envelope(session)) == ["session.agentId: must have at most 512 bytes"])
    }

    @Test func eventsHaveAShape() throws {
        let events = """
            [7, {}, {"eventId":"e","seq":-1,"eventType":"note","eventTs":"now","payload":null},
             {"eventId":"e","seq":1,"eventType":"metric","eventTs":"2026-05-04T08:00:00Z","payload":1,"sessionId":"x"},
             {"eventId":"e","seq":1,"eventType":"metric","eventTs":"2026-05-04T08:00:00Z","payload":1,"sessionId":"s"}]
            """
        let expected = [
            "events[0]: must be an object", "events[1].eventId: must be a non-empty string",
            "events[1].eventTs: must be a non-empty string", "events[1].eventType: must be a non-empty string",
            "events[1].payload: is required", "events[1].seq: is required",
            "events[2].eventTs: must be an RFC 3339 time such as 2026-05-04T08:43:19Z",
            "events[2].eventType: must be one of artifact, error, message, metric, state_transition, tool_call",
            "events[2].seq: must be a whole number from 0 to 9007199254740991",
            "events[3].sessionId: must be the session's", "events[4].eventId: must not be repeated",
        ]
        #expect(try Self.said(Bodies.envelope(Bodies.session, events: events)) == expected)
        #expect(
            try Self.said(Bodies.envelope(Bodies.session, events: events, version: "v2"))
                == expected.map { $0.replacing("events", with: "timeline") })
    }

    /// Fault 9: the order is that of the bytes, and `events[10]` stands before `events[2]`.
    @Test func fault9FieldOrderIsBytewise() throws {
        let events = "[" + [String](repeating: "0", count: 12).joined(separator: ",") + "]"
        let fields = try #require(try Self.fault(Bodies.envelope(Bodies.session, events: events))).details.map(\.field)
        #expect(fields == (0..<12).map { "events[\($0)]" }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(fields[1] == "events[10]")
    }

    @Test func aHundredFaultsAreListed() throws {
        for (count, truncated) in [(100, false), (101, true), (5_000, true)] {
            let events = "[" + [String](repeating: "0", count: count).joined(separator: ",") + "]"
            let fault = try #require(try Self.fault(Bodies.envelope(Bodies.session, events: events)))
            #expect(fault.details.count == 100 && fault.isTruncated == truncated)
            #expect(String(decoding: fault.body, as: UTF8.self).contains(#"],"truncated":true}}"#) == truncated)
        }
    }

    /// Whatever is sent, it is taken or refused with the same bytes each time, in the order of the fields.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func theSameBadBodyHasTheSameBytes(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let values = ["null", "7", "-1", "\"\"", "\"x\"", "[]", "{}", "true", "1e99", "\"2026-05-04T08:00:00Z\""]
        let names = [
            "sessionId", "state", "agentId", "modelId", "startedAt", "endedAt", "title", "promptTokens", "usage",
            "billedCostUsd",
        ]
        let changes = names.map { ($0, Bool.random(using: &random) ? values.randomElement(using: &random) : nil) }
        let events =
            "[" + (0..<20).map { _ in values.randomElement(using: &random) ?? "0" }.joined(separator: ",") + "]"
        let text = Bodies.envelope(Bodies.with(changes), events: events)
        let first = try #require(try Self.fault(text))
        let fields = first.details.map(\.field)
        #expect(fields == fields.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(Set(first.details).count == first.details.count)
        for _ in 0..<5 { #expect(try Self.fault(text)?.body == first.body) }
    }
}
