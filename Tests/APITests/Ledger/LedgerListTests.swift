import HTTPServer
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// `GET /api/v3/ledger`: what is shown, in which order, and what is refused.
@Suite struct LedgerListTests {
    private func filled() async throws -> LedgerRig {
        let rig = try await LedgerRig()
        await rig.tell(
            "c", agent: "writer", model: "m-2", at: "2026-05-04T23:59:59.999Z", #""endedAt":"2026-05-05T00:00:09Z""#)
        await rig.tell("a", at: "2026-05-04T08:00:00Z", #""endedAt":"2026-05-04T08:00:01Z","billedCostUsd":2"#)
        await rig.tell("b", at: "2026-05-04T08:00:00Z", #""endedAt":"2026-05-04T09:00:00Z","billedCostUsd":10"#)
        await rig.tell("d", state: "running", model: "m-2", at: "2026-05-05T00:00:00+00:00", #""billedCostUsd":0.5"#)
        return rig
    }

    @Test(arguments: [
        ("", "dcab"), ("sort=newest", "dcab"), ("sort=runtime", "bcad"), ("sort=cost", "badc"), ("sort=", "dcab"),
        ("agent=writer", "c"), ("agent=nobody", ""), ("status=running", "d"), ("model=m-2", "dc"),
        ("model=m-2&status=success", "c"), ("model=m-2&sort=runtime", "cd"), ("agent=planner&sort=cost", "bad"),
        ("agent=planner&status=success&model=m-1&sort=cost", "ba"),
        ("from=2026-05-05", "d"), ("to=2026-05-04", "cab"), ("from=2026-05-04&to=2026-05-04", "cab"),
        ("from=2026-05-04T23:59:59.999Z&to=2026-05-05T00:00:00Z", "dc"), ("from=2026-05-05T02:00:00%2B02:00", "d"),
        ("to=2026-05-03", ""), ("from=2026-05-05&to=2026-05-04", ""), ("other=1", "dcab"),
        ("pageSize=3", "dca"), ("pageSize=3&page=2", "b"), ("page=3&pageSize=2", ""), ("page=1000000000", ""),
        ("pageSize=100", "dcab"),
    ])
    func listsAreFilteredAndSorted(query: String, ids: String) async throws {
        let found = try await filled().list(query)
        #expect(found.ids.joined() == ids)
    }

    /// Fault 11: by cost means by cost; what has none comes last.
    @Test func fault11SortCostSortsByCost() async throws {
        #expect(try await filled().list("sort=cost").ids == ["b", "a", "d", "c"])
    }

    @Test(
        arguments: [
            ("pageSize=1", 4), ("page=9", 4), ("status=success", 3), ("agent=writer", 1),
            ("model=m-2&status=failed", 0),
        ] as [(String, Int64)])
    func theTotalIsOfAllPages(query: String, total: Int64) async throws {
        #expect(try await filled().list(query).total == total)
    }

    /// Fault 12: what is no number is refused and not guessed.
    @Test(arguments: [
        ("sort=price", "sort"), ("sort=newest&sort=cost", "sort"), ("page=abc", "page"), ("page=0", "page"),
        ("page=-1", "page"), ("page=1.0", "page"), ("page=%D9%A1", "page"), ("page=99999999999999999999", "page"),
        ("pageSize=0", "pageSize"), ("pageSize=101", "pageSize"), ("pageSize=+5", "pageSize"),
        ("status=completed", "status"), ("from=yesterday", "from"), ("from=2026-5-4", "from"),
        ("to=2026-02-30", "to"), ("page=x&sort=x", "sort"), ("q=\(String(repeating: "x", count: 1_001))", "q"),
    ])
    func fault12BadValuesAreRefused(query: String, name: String) async throws {
        let rig = try await LedgerRig()
        #expect(await rig.said(.get, "/api/v3/ledger?\(query)") == #"400 {"error":"Invalid \#(name) value"}"#)
    }

    /// Fault 13: all words must occur, in title, text or error, and none of them is an operator.
    @Test(arguments: [
        ("bicycle", "ba"), ("BICYCLE+mend", "a"), ("cafe", "b"), ("caf%C3%A9", "b"), ("chain+broke", "c"),
        ("mend+broke", ""), ("bic", ""), ("bicycle+OR+broke", ""), ("NOT+bicycle", ""), ("bicycle+NEAR+mend", ""),
        ("bic*", ""), ("%22bicycle", "ba"), ("%22", ""), ("task_title%3Abicycle", ""), ("(bicycle)", "ba"),
        ("-bicycle", "ba"), ("bicycle%5E2", ""), ("%7Bbicycle%7D+mend", "a"), ("+++", "dcba"), ("", "dcba"),
        ("'%3B+DROP+TABLE+session_ledger%3B+--", ""), ("***", ""), ("E_TIMEOUT", "d"), ("timeout", "d"),
    ])
    func fault13WordsAreSearched(query: String, ids: String) async throws {
        let rig = try await LedgerRig()
        await rig.tell("a", at: "2026-05-01T00:00:00Z", #""title":"Mend the bicycle""#)
        await rig.tell("b", at: "2026-05-02T00:00:00Z", #""task":"Ride a Bicycle to the Café""#)
        await rig.tell("c", at: "2026-05-03T00:00:00Z", #""errorMessage":"the chain broke""#)
        await rig.tell("d", at: "2026-05-04T00:00:00Z", #""errorCode":"E_TIMEOUT""#)
        let found = try await rig.list("q=\(query)")
        #expect(found.ids.joined() == ids)
        #expect(found.total == Int64(ids.count))
    }

    /// Fault 13: the index follows every change of the text, and goes with the session.
    @Test func fault13TheIndexFollowsTheText() async throws {
        let rig = try await LedgerRig()
        await rig.tell("s", state: "running", #""title":"first""#)
        await rig.tell("s", state: "running", #""title":"second""#)
        #expect(try await rig.list("q=first").ids.isEmpty)
        #expect(try await rig.list("q=second&status=running&sort=cost").ids == ["s"])
        let connection = try rig.rig.place.open()
        try connection.runScript("INSERT INTO session_text (session_text) VALUES ('integrity-check')")
        try connection.runScript("DELETE FROM session_ledger WHERE session_id = 's'")
        #expect(try await rig.list("q=second").total == 0)
        try connection.runScript("INSERT INTO session_text (session_text) VALUES ('integrity-check')")
        // Fault 14: what belonged to the session went with it.
        let left = try connection.run(Query("SELECT count(*) FROM ingest_key") { $0.count(0) })
        #expect(left == [0])
    }

    /// Whatever is asked for, the answer is that of a plain look at every session.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func anyQuestionHasItsAnswer(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let rig = try await LedgerRig()
        var sessions: [(id: String, agent: String, state: String, day: Int)] = []
        for number in 0..<30 {
            let session = (
                id: "s\(number)", agent: ["x", "y"].randomElement(using: &random) ?? "x",
                state: ["success", "failed"].randomElement(using: &random) ?? "failed",
                day: Int.random(in: 1...9, using: &random)
            )
            sessions.append(session)
            await rig.tell(
                session.id, state: session.state, agent: session.agent, at: "2026-05-0\(session.day)T00:00:00Z")
        }
        for _ in 0..<20 {
            let agent = ["x", "y", nil].randomElement(using: &random) ?? nil
            let state = ["success", "failed", nil].randomElement(using: &random) ?? nil
            let day = Int.random(in: 1...9, using: &random)
            let query = [
                agent.map { "agent=\($0)" }, state.map { "status=\($0)" }, "from=2026-05-0\(day)", "pageSize=100",
            ]
            let expected = sessions.filter { session in
                (agent == nil || session.agent == agent) && (state == nil || session.state == state)
                    && session.day >= day
            }.sorted { ($1.day, $0.id) < ($0.day, $1.id) }.map(\.id)
            let found = try await rig.list(query.compactMap(\.self).joined(separator: "&"))
            #expect(found.ids == expected && found.total == Int64(expected.count))
        }
    }
}
