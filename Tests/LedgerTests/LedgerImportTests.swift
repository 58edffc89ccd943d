import Contracts
import JSON
import Ledger
import Model
import SQLite
import Store
import TestKit
import Testing

/// An older system's JSON comes in once, whole rows at a time, and overwrites nothing that is newer.
@Suite struct LedgerImportTests {
    private let place: TemporaryDatabase
    private let prices = PriceDesk()

    init() throws {
        place = try TemporaryDatabase()
    }

    /// - Parameter hour: of the day on which the older system took the session.
    static func session(_ id: String, status: String = "success", hour: Int = 10, more: String = "") -> String {
        """
        {"sessionId": "\(id)", "agentId": "a", "agentLabel": "A", "modelId": "gpt-5", "status": "\(status)",
         "startedAt": "2025-03-01T08:00:00Z", "endedAt": "2025-03-01T08:01:30Z", "runtimeMs": 90000,
         "artifactCount": 1, "ingestedAt": "2025-03-01T\(hour.padded(2)):00:00Z"\(more)}
        """
    }

    static func usage(_ id: String, cost: String = "0.0123", more: String = "") -> String {
        """
        {"sessionId": "\(id)", "promptTokens": 100, "completionTokens": 50, "totalTokens": 150, "runtimeMs": 90000,
         "costUsd": \(cost), "costConfidence": "estimated", "costSource": "estimated_from_pricing"\(more)}
        """
    }

    static func event(_ id: String, of session: String) -> String {
        """
        {"eventId": "\(id)", "sessionId": "\(session)", "seq": 1, "eventType": "message",
         "eventTs": "2025-03-01T08:00:05Z", "payload": {"text": "hello"}}
        """
    }

    static let rule = """
        {"ruleId": "r", "enabled": true, "metric": "failure_rate", "scopeType": "global", "warnThreshold": 0.1,
         "criticalThreshold": 0.5, "window": "1h", "comparison": "gt", "createdAt": "2025-01-01T00:00:00Z",
         "updatedAt": "2025-01-02T00:00:00Z"}
        """
    static let state = """
        {"ruleId": "r", "scope": "global", "status": "warning", "value": 0.2, "triggeredAt": "2025-02-01T00:00:00Z"}
        """

    static func file(
        _ ledger: [String], events: [String] = [], usage: [String] = [], rules: [String] = [], states: [String] = []
    ) -> String {
        """
        {"ledger": [\(ledger.joined(separator: ","))], "events": [\(events.joined(separator: ","))],
         "usage": [\(usage.joined(separator: ","))], "alertRules": [\(rules.joined(separator: ","))],
         "alertStates": [\(states.joined(separator: ","))]}
        """
    }

    static let whole = file(
        [session("one"), session("two", status: "error"), session("three", status: "running")],
        events: [event("e1", of: "one"), event("e2", of: "two")],
        usage: [usage("one"), usage("two", cost: "1.5", more: #", "pricingVersion": "2025-01""#)], rules: [rule],
        states: [state])

    private func take(_ text: String) throws -> LegacyTally {
        let work = LedgerImport(try LegacyExport(JSONDocument(parsing: text)), prices: prices, now: Told.start)
        var tally = work.start
        let connection = try place.open()
        for step in 0..<work.steps {
            tally = try connection.transaction { [tally] db throws(SQLiteError) in
                var next = tally
                try work.take(step, on: db, &next)
                return next
            }
        }
        return tally
    }

    /// Everything that an import could change.
    private func contents() throws -> [[Value]] {
        try place.open().run(
            Query<[Value]>(
                """
                SELECT 'session', session_id, status, ingested_at_ms, revision, cost_nanousd FROM session_ledger
                UNION ALL SELECT 'event', session_id, event_id, payload, seq, 0 FROM session_events
                UNION ALL SELECT 'usage', session_key, revision, pricing_version, total_tokens, cost_nanousd
                            FROM session_usage
                UNION ALL SELECT 'rule', rule_id, version, warn_threshold, updated_at_ms, 0 FROM alert_rules
                UNION ALL SELECT 'state', rule_id, scope, status, triggered_at_ms, 0 FROM alert_state
                 ORDER BY 1, 2, 3
                """
            ) { row in (0..<6).map { row.value(Int32($0)) } })
    }

    @Test func allFiveCollectionsComeInAndTheSecondTimeChangesNothing() throws {
        let first = try take(Self.whole)
        let written = LegacyExport.Collection.allCases.map { first[$0].written }
        #expect(written == [3, 2, 2, 1, 1])
        #expect(first.failed == 0 && first.skipped == 0)
        let before = try contents()
        #expect(before.count == 3 + 2 + 3 + 1 + 1)
        let second = try take(Self.whole)
        #expect(second.written == 0 && second.failed == 0 && second.skipped == 9)
        #expect(try contents() == before)
        #expect(first.parity == second.parity)
    }

    /// What was wrong in a first file and is right in a second is added to a session that is there.
    @Test func whatASessionLacksIsAddedToIt() throws {
        let wrong = Self.usage("one").replacing(#""promptTokens": 100"#, with: #""promptTokens": "ten""#)
        let first = try take(Self.file([Self.session("one")], events: [Self.event("e1", of: "one")], usage: [wrong]))
        #expect(first.failed == 1 && first[.usage].written == 0 && first[.events].written == 1)
        let mended = Self.file(
            [Self.session("one")], events: [Self.event("e1", of: "one"), Self.event("e2", of: "one")],
            usage: [Self.usage("one")])
        let second = try take(mended)
        #expect(second[.events].written == 1 && second[.events].skipped == 1 && second[.usage].written == 1)
        #expect(second.parity.ledgerTokens == 150 && second.parity.fileTokens == 150)
        let before = try contents()
        #expect(try take(mended).written == 0)
        #expect(try contents() == before)
    }

    @Test func anEventIsToldOnce() throws {
        let event = Self.event("e1", of: "one")
        let tally = try take(Self.file([Self.session("one"), Self.session("two")], events: [event, event]))
        #expect(tally[.events].written == 1)
        #expect(tally[.events].faults == [.init("/events/1/eventId", "must not be repeated")])
    }

    /// Rules are read as the API reads them.
    @Test func rulesAreThoseOfTheAPI() throws {
        let waits = #", "forSec": 60, "keepFiringSec": 30, "repeatSec": 900, "recoverThreshold": 0.05}"#
        let every = Self.rule.replacing(#""scopeType": "global""#, with: #""scopeType": "agent""#)
            .replacing("}", with: waits)
        let noPair = Self.rule.replacing(
            #""scopeType": "global""#, with: #""scopeType": "agent_model", "scopeRef": "nobar""#
        ).replacing(#""ruleId": "r""#, with: #""ruleId": "q""#)
        let tally = try take(Self.file([], rules: [every, noPair]))
        #expect(tally[.alertRules].faults == [.init("/alertRules/1/scopeRef", "must be <agentId>|<modelId>")])
        let rule = try place.open().run(Query<AlertRule?>.alertRule("r")).compactMap(\.self).first
        #expect(rule?.scopeType == .agent && rule?.scopeRef == nil && rule?.forSec == 60 && rule?.keepFiringSec == 30)
        #expect(rule?.repeatSec == 900 && rule?.recoverThreshold == 0.05)
    }

    @Test func parityIsWhatTheFileSays() throws {
        let parity = try take(Self.whole).parity
        #expect(parity.matches && parity.sessions == 3)
        #expect(parity.fileTokens == 300 && parity.fileCost == 1_512_300_000 && parity.fileRuntime == 270_000)
    }

    @Test func oldCostsKeepTheirVersionOrAreLegacy() async throws {
        _ = try take(Self.whole)
        let usage = SQLiteUsage(try place.database())
        let one = try #require(try await usage.usage(of: "one"))
        #expect(one.facts.cost == 12_300_000 && one.pricingVersion == "legacy_unknown")
        #expect(try await usage.usage(of: "two")?.pricingVersion == "2025-01")
        let three = try #require(try await usage.usage(of: "three"))
        #expect(three.facts.cost == nil && three.facts.costSource == .unknown)
    }

    @Test func whatIsNewerStays() throws {
        _ = try take(Self.file([Self.session("one", hour: 12)]))
        let before = try contents()
        let older = try take(Self.file([Self.session("one", status: "failed", hour: 11)]))
        #expect(older[.ledger].skipped == 1 && older.parity.sessions == 0)
        #expect(try contents() == before)
        let newer = try take(Self.file([Self.session("one", status: "failed", hour: 13)]))
        #expect(newer[.ledger].written == 1)
        let reopened = try take(Self.file([Self.session("one", status: "running", hour: 14)]))
        #expect(reopened[.ledger].failed == 1, "what has ended never runs again")
        #expect(reopened[.ledger].faults.map(\.pointer) == ["/ledger/0"])
    }

    @Test func goodRowsAreWrittenBesideBadOnes() throws {
        let bad = Self.session("bad").replacing("2025-03-01T08:01:30Z", with: "2025-03-01T07:00:00Z")
        let tally = try take(
            Self.file(
                [bad, Self.session("good"), Self.session("good"), "7"],
                events: [Self.event("e1", of: "good"), Self.event("e2", of: "bad")],
                usage: [Self.usage("good"), Self.usage("nobody")], states: [Self.state]))
        func pointers(_ collection: LegacyExport.Collection) -> [String] { tally[collection].faults.map(\.pointer) }
        #expect(pointers(.ledger) == ["/ledger/0/endedAt", "/ledger/2/sessionId", "/ledger/3"])
        #expect(pointers(.events) == ["/events/1/sessionId"])
        #expect(pointers(.usage) == ["/usage/1/sessionId"])
        #expect(pointers(.alertStates) == ["/alertStates/0/ruleId"])
        #expect(tally[.ledger].written == 1 && tally[.ledger].failed == 3)
        #expect(tally[.events].written == 1 && tally[.usage].written == 1)
    }

    @Test func eventsOfASessionThatIsThereAreAdded() throws {
        _ = try take(Self.file([Self.session("one")]))
        let tally = try take(Self.file([], events: [Self.event("e9", of: "one")], usage: [Self.usage("one")]))
        #expect(tally[.events].written == 1 && tally[.usage].written == 1)
        let again = try take(Self.file([], events: [Self.event("e9", of: "one")], usage: [Self.usage("one")]))
        #expect(again[.events].skipped == 1 && again[.usage].skipped == 1)
    }

    @Test(arguments: ["[]", "3", "{}", #"{"sessions": []}"#])
    func whatIsNoLedgerIsRefusedWhole(text: String) throws {
        let document = try JSONDocument(parsing: text)
        #expect(throws: LegacyExport.Fault.self) { try LegacyExport(document) }
    }
}
