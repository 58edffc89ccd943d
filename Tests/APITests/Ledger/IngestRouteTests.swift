import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// `POST /api/v3/ingest/session` from its sender's side: bodies to the byte, and the known faults of older systems.
@Suite struct IngestRouteTests {
    private static let taken = "200 \(LedgerRig.ok)"
    private static let conflict =
        #"409 {"error":{"code":"IDEMPOTENCY_CONFLICT","message":"IDEMPOTENCY CONFLICT","details":"#
        + #"[{"field":"idempotency_key","message":"conflicting payload for idempotency key"}]}}"#

    @Test func everyRefusalHasItsBody() async throws {
        let rig = try await LedgerRig()
        for body in ["", "nonsense", "{", #"{"a":1,"a":2}"#, "{\"a\":\"\u{1}\"}", "[1,]", #"{"a":"\ud800"}"#] {
            #expect(await rig.ingest(body) == #"400 {"error":"Invalid JSON payload"}"#)
        }
        let empty =
            #"400 {"error":{"code":"VALIDATION_ERROR","message":"Invalid ingest payload","details":"#
            + #"[{"field":"envelope_version","message":"is required"},{"field":"payload","message":"is required"}]}}"#
        #expect(await rig.ingest("{}") == empty)
        let unknown =
            #"422 {"error":{"code":"UNSUPPORTED_CONTRACT_VERSION","message":"UNSUPPORTED CONTRACT VERSION","details":"#
            + #"[{"field":"envelope_version","message":"unsupported"}]}}"#
        #expect(await rig.ingest(#"{"envelope_version":"v9","payload":{}}"#) == unknown)
        let nothing =
            #"400 {"error":{"code":"VALIDATION_ERROR","message":"Invalid ingest payload","details":"#
            + #"[{"field":"run","message":"run object is required"}]}}"#
        #expect(await rig.ingest(#"{"envelope_version":"v2","payload":{"session":{}}}"#) == nothing)
        #expect(try await rig.list("").total == 0, "nothing that is invalid is written")
    }

    /// Fault 2: without a key, the end of a session is an update of what ran.
    @Test func fault2RunningThenCompletedIsAnUpdate() async throws {
        let rig = try await LedgerRig()
        for state in ["queued", "running", "in_progress", "completed", "done"] {
            #expect(await rig.tell("s", state: state).hasPrefix(state == "done" ? "409" : "200"))
        }
        let rows = try JSONDocument(parsing: await rig.ask(.get, "/api/v3/ledger").bytes).root["rows"]
        #expect(rows?.count == 1 && rows?[0]?["status"]?.string == "success")
    }

    /// Fault 3: the form of the JSON does not matter.
    @Test func fault3KeyOrderAndNumberFormsAreTheSame() async throws {
        let rig = try await LedgerRig()
        let one = #"{"sessionId":"s","state":"done","agentId":"a","modelId":"m","promptTokens":1,"#
        let other = #"{"promptTokens":1.0,"modelId":"m","agentId":"\u0061","state":"done","sessionId":"s","#
        for session in [one, other] {
            #expect(
                await rig.ingest(
                    #"{"envelope_version":"v1","payload":{"session":\#(session)"startedAt":"2026-05-04T08:00:00Z"}}}"#)
                    == Self.taken)
        }
        #expect(await rig.tell("s", #""promptTokens":2"#) == Self.conflict)
    }

    /// Fault 4: a replay answers what is stored, and writes nothing.
    @Test func fault4AReplayWritesNothing() async throws {
        let rig = try await LedgerRig()
        #expect(await rig.tell("s", key: "k") == Self.taken)
        // As if an older release had answered otherwise.
        try rig.rig.place.open().runScript("UPDATE ingest_key SET result = '{\"ok\":true,\"then\":1}'")
        let version = Query("PRAGMA data_version") { $0.integer(0) }
        let connection = try rig.rig.place.open()
        let before = try connection.run(version)
        for _ in 0..<3 { #expect(await rig.tell("s", key: "k") == #"200 {"ok":true,"then":1}"#) }
        #expect(try connection.run(version) == before, "no other connection has written")
        #expect(await rig.tell("s2", key: "k") == Self.conflict)
    }

    /// Fault 5: the key stands with the data or not at all.
    @Test func fault5KeyAndDataAreStoredTogether() async throws {
        let rig = try await LedgerRig()
        let connection = try rig.rig.place.open()
        // A mistake of ours, behind the session and before the key.
        try connection.runScript(
            """
            CREATE TRIGGER broken BEFORE INSERT ON ingest_key BEGIN SELECT raise(ABORT, 'broken'); END
            """)
        #expect(await rig.tell("s", key: "k") == #"500 {"error":"Internal error"}"#)
        #expect(try await rig.list("").total == 0)
        try connection.runScript("DROP TRIGGER broken")
        #expect(await rig.tell("s", key: "k") == Self.taken)
    }

    /// Fault 6: a full disk is 503 and a mistake of ours 500; neither is the sender's fault, nor stays.
    @Test func fault6AFullDiskIsNotTheSendersFault() async throws {
        let rig = try await LedgerRig()
        #expect(await rig.tell("first") == Self.taken)
        try await rig.rig.open.writer.access { db throws(SQLiteError) in
            let pages = try db.run(Query("PRAGMA page_count") { $0.integer(0) })[0]
            try db.runScript("PRAGMA max_page_count = \(pages)")
        }
        let long = #""task":"\#(String(repeating: "many words ", count: 4_000))""#
        let answer = await rig.ask(
            .post, "/api/v3/ingest/session",
            #"{"envelope_version":"v1","payload":{"session":{"sessionId":"s","state":"done","agentId":"a","#
                + #""modelId":"m","#
                + #""startedAt":"2026-05-04T08:00:00Z",\#(long)}}}"#)
        #expect(answer.status == 503 && answer.header("Retry-After") == "1")
        #expect(answer.text == #"{"error":"The ledger cannot be used now"}"#)
        try await rig.rig.open.writer.access { db throws(SQLiteError) in
            try db.runScript("PRAGMA max_page_count = 1000000")
        }
        #expect(await rig.tell("s", long) == Self.taken)
    }

    @Test func fault6AMistakeOfOursIsNotTheSendersFault() async throws {
        let rig = try await LedgerRig()
        try rig.rig.place.open().runScript("DROP TABLE session_events")
        let events =
            #"{"envelope_version":"v1","payload":{"session":{"sessionId":"s","state":"done","agentId":"a","#
            + #""modelId":"m","#
            + #""startedAt":"2026-05-04T08:00:00Z"},"events":[{"eventId":"e","seq":0,"eventType":"metric","#
            + #""eventTs":"2026-05-04T08:00:00Z","payload":{}}]}}"#
        #expect(await rig.ingest(events) == #"500 {"error":"Internal error"}"#)
        #expect(await rig.tell("other") == Self.taken, "it costs nobody else")
    }

    /// Fault 23: an id is an id, whatever it looks like.
    @Test(arguments: [
        "-rf", "--help", "a/b", "a//b/", "/", "?x=1#y", "..", "%2e", "ü \u{301}x", "{\\\"a\\\":1}", "' OR 1=1 --", "*",
        "a+b c",
    ])
    func fault23AnIdIsAnIdAndNoOption(id: String) async throws {
        let rig = try await LedgerRig()
        #expect(await rig.tell(id) == Self.taken)
        let plain = id.replacing("\\\"", with: "\"")
        let encoded = plain.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" + digits : digits)
        }.joined()
        let answer = await rig.ask(.get, "/api/v3/ledger/\(encoded)")
        let root = try JSONDocument(parsing: answer.bytes).root
        #expect(answer.status == 200 && root["ledger"]?["sessionId"]?.equals(plain) == true, "\(answer.text)")
    }

    @Test func aSessionIsShownWithItsEventsAndItsUsage() async throws {
        let rig = try await LedgerRig()
        let body =
            #"{"envelope_version":"v2","payload":{"run":{"sessionId":"s-1","state":"crashed","agentId":"planner","#
            + #""modelId":"m-1","startedAt":"2026-05-04T10:00:00+02:00","endedAt":"2026-05-04T08:01:30.5Z","#
            + #""title":"Mend","promptTokens":100,"completionTokens":20,"totalTokens":120,"billedCostUsd":0.0105,"#
            + #""provider":"openai"},"timeline":[{"eventId":"e2","seq":2,"eventType":"error","#
            + #""eventTs":"2026-05-04T08:01:00Z","payload":{"message":"it broke","n":[1.50,null]}},"#
            + #"{"eventId":"e1","seq":1,"eventType":"artifact","eventTs":"2026-05-04T08:00:30Z","payload":null}]}}"#
        #expect(await rig.ingest(body) == Self.taken)
        let answer = await rig.ask(.get, "/api/v3/ledger/s-1")
        let root = try JSONDocument(parsing: answer.bytes).root
        let at = try #require(root["ledger"]?["ingestedAt"]?.string)
        let expected =
            #"{"ledger":{"sessionId":"s-1","agentId":"planner","agentLabel":"planner","modelId":"m-1","#
            + #""taskTitle":"Mend","status":"failed","startedAt":"2026-05-04T08:00:00.000Z","#
            + #""endedAt":"2026-05-04T08:01:30.500Z","runtimeMs":90500,"artifactCount":1,"errorMessage":"it broke","#
            + #""ingestedAt":"\#(at)"},"usage":{"sessionId":"s-1","promptTokens":100,"completionTokens":20,"#
            + #""totalTokens":120,"runtimeMs":90500,"costUsd":0.0105,"costConfidence":"exact","provider":"openai","#
            + #""pricingVersion":"provider_native","computedAt":"\#(at)","tokenSource":"provider_reported","#
            + #""runtimeSource":"derived","costSource":"provider_reported","tokenConfidence":"high","#
            + #""runtimeConfidence":"high","costConfidenceLevel":"high"},"events":[{"eventId":"e1","sessionId":"s-1","#
            + #""seq":1,"eventType":"artifact","eventTs":"2026-05-04T08:00:30.000Z","payload":null},"#
            + #"{"eventId":"e2","sessionId":"s-1","seq":2,"eventType":"error","eventTs":"2026-05-04T08:01:00.000Z","#
            + #""payload":{"message":"it broke","n":[1.5,null]}}]}"#
        #expect(answer.text == expected)
        #expect(await rig.said(.get, "/api/v3/ledger/s-2") == #"404 {"error":"Session not found"}"#)
    }

    @Test func theBareBodyNeedsLeave() async throws {
        let bare =
            #"{"session":{"sessionId":"s","state":"done","agentId":"a","modelId":"m","#
            + #""startedAt":"2026-05-04T08:00:00Z"}}"#
        #expect(await (try LedgerRig()).ingest(bare).hasPrefix("400 "))
        #expect(await (try LedgerRig(["HELICARRIER_CONTRACT_STRICT": "false"])).ingest(bare) == Self.taken)
    }

    @Test func metricsCountWhatCame() async throws {
        let rig = try await LedgerRig()
        for id in ["a", "a", "b"] { await rig.tell(id) }
        await rig.tell("c", state: "running")
        await rig.ingest("{}")
        let metrics = await rig.rig.get("/metrics").text
        for line in [
            #"helicarrier_ingests_total{outcome="fresh"} 3"#, #"helicarrier_ingests_total{outcome="replayed"} 1"#,
            #"helicarrier_ingests_total{outcome="invalid"} 1"#, "helicarrier_ingest_group_size_count 4",
            #"helicarrier_sessions{status="success"} 2"#, #"helicarrier_sessions{status="running"} 1"#,
        ] {
            #expect(metrics.contains(line + "\n"), "\(line)")
        }
    }
}
