import Contracts
import Crypto
import Daemon
import HTTPServer
import Ledger
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// The pages about sessions and spending over a real database, without a socket.
@Suite struct LedgerPageTests {
    private let rig: SiteRig

    init() async throws {
        rig = try await SiteRig()
        for (text, scopes) in [("hc_read", ["read"]), ("hc_queue", ["queue"]), ("hc_admin", ["admin"])] {
            let token = TokenRecord(
                id: "tok_" + text, scopes: scopes, plan: nil, label: nil, createdAt: SiteRig.start, expiresAt: nil)
            let digest = SHA256.digest([UInt8](text.utf8)).bytes
            try rig.place.open().run(Query<Void>.addToken(token, sha256: digest))
        }
    }

    private func reader() async throws -> Visitor {
        var visitor = Visitor(router: rig.router)
        #expect(try await visitor.signIn("hc_read", next: "/usage").header("Location") == "/usage")
        return visitor
    }

    private func tell(_ id: String, change: (inout CanonicalSession) -> Void = { _ in }) throws {
        let start = SystemClock.now() - .hours(1)
        var session = CanonicalSession(
            sessionID: id, agentID: "planner", modelID: "m-1", status: .success, startedAt: start, source: .ingest,
            contract: "v1", fingerprint: [UInt8](repeating: 7, count: 32))
        session.endedAt = start + .seconds(90)
        session.usage = ReportedUsage()
        session.usage?.billedCost = 1_250_000_000
        change(&session)
        try rig.place.open().transaction { db throws(SQLiteError) in
            _ = try db.record(session, key: .derived, result: "{}", prices: PriceDesk(), now: SystemClock.now())
        }
    }

    @Test(arguments: ["/usage", "/sessions", "/sessions/s-1", "/usage.csv", "/sessions.csv?agent=a%20b"])
    func whoIsNotSignedInSeesNothing(path: String) async throws {
        try tell("s-1") { $0.taskText = "a secret task" }
        var visitor = Visitor(router: rig.router)
        let answer = await visitor.get(path)
        #expect(answer.status == 303 && !answer.text.contains("secret"))
        let next = try #require(answer.header("Location")).dropFirst("/ops/sign-in?next=".count)
        #expect(await visitor.get("/ops/sign-in?next=\(next)").text.contains("--scope read"))
        #expect(try await visitor.signIn("hc_queue", next: String(next)).status == 403, "the queue is not the ledger")
        #expect(try await visitor.signIn("hc_read", next: String(next)).header("Location") == path)
        #expect(await visitor.get(path).status == 200)
        #expect(await visitor.post("/ops/confirm", "requeue=1").status == 303, "the ledger is not the queue")
    }

    @Test func usageSaysWhatWasSpentAndHowItIsKnown() async throws {
        try tell("s-1") { $0.taskTitle = "Sort the inbox" }
        try tell("s-2") { session in
            (session.modelID, session.agentID, session.status) = ("m-2", "writer", .failed)
            session.usage = nil
        }
        let page = await (try reader()).get("/usage").text
        for words in ["$1.25", "50% failed", "1 billed, 0 estimated", "Sort the inbox", "m-2", ">Agent<", ">50%<"] {
            #expect(page.contains(words), "\(words)")
        }
        let one = await (try reader()).get("/usage?by=agent&agent=writer&days=7").text
        #expect(one.contains("agent <b><bdi>writer</bdi></b>") && !one.contains("Sort the inbox"))
        let file = await (try reader()).get("/usage.csv?model=m-1")
        #expect(file.header("Content-Disposition") == "attachment; filename=\"usage.csv\"")
        let lines = file.text.split(separator: "\r\n")
        #expect(lines.count == 2 && lines[1].contains(",m-1,1,0,") && lines[1].contains(",1.25,1,0,0,"))
    }

    /// A sum of 0 is also that of sessions that say nothing about a cache.
    @Test func noReadsOfACacheAreNotAShareOfNone() async throws {
        func tell(_ id: String, cached: Int64?) throws {
            try self.tell(id) { session in
                var detail = TokenDetail()
                (detail.inputTokens, detail.outputTokens, detail.cachedInInput) = (1_000, 10, false)
                detail.cacheReadTokens = cached
                session.usage?.detail = detail
            }
        }
        try tell("s-1", cached: nil)
        try tell("s-2", cached: 0)
        let none = await (try reader()).get("/usage").text
        #expect(none.occurrences(of: #"title="No reads of a cache were told""#) == 2 && !none.contains("0% read"))
        try tell("s-3", cached: 3_000)
        let some = await (try reader()).get("/usage").text
        #expect(some.contains("50% read from cache") && !some.contains("No reads of a cache were told"))
    }

    @Test func sessionsAreSearchedFilteredOrderedAndPaged() async throws {
        for number in 1...30 {
            try tell("s-\(number)") { session in
                session.taskTitle = number.isMultiple(of: 10) ? "Ten more" : "One"
                session.startedAt = session.startedAt + .seconds(Int64(number))
                session.endedAt = session.startedAt + .seconds(Int64(number))
                session.usage?.billedCost = Int64(number) * 1_000_000_000
            }
        }
        let visitor = try await reader()
        func ids(_ path: String) async -> [String] {
            await visitor.get(path).text.split(separator: "<code><bdi>").dropFirst()
                .map { String($0.prefix { $0 != "<" }) }
        }
        #expect(await ids("/sessions").first == "s-30")
        #expect(await ids("/sessions?page=2") == ["s-5", "s-4", "s-3", "s-2", "s-1"])
        #expect(await ids("/sessions?page=99") == ["s-5", "s-4", "s-3", "s-2", "s-1"])
        #expect(await ids("/sessions?q=ten+MORE&sort=cost") == ["s-30", "s-20", "s-10"])
        #expect(await ids("/sessions?status=failed") == [])
        #expect(await ids("/sessions?status=nonsense&page=x&q=%22+OR+1").isEmpty, "user text is no query")
        let whole = try await Self.read(await visitor.get("/sessions.csv?q=ten"))
        #expect(whole.split(separator: "\r\n").count == 4)
    }

    /// The file has each session that was there when it was begun, once, whatever happens while it is sent.
    @Test(arguments: ["newest", "cost"])
    func aFileHasEachSessionOnce(sort: String) async throws {
        for number in 0..<1_200 {
            try tell("s-\(number)") { session in
                session.startedAt = session.startedAt + .seconds(Int64(number % 700))
                session.endedAt = session.startedAt
                session.usage?.billedCost = Int64(number % 40)
            }
        }
        let answer = await (try reader()).get("/sessions.csv?sort=\(sort)")
        guard case .stream(let stream) = answer.body else {
            Issue.record("a file of any length is sent in pieces")
            return
        }
        #expect(await stream.next() != nil)
        var lines = Self.ids(try #require(await stream.next()))
        // Before all others, behind them, and among those that were sent.
        for (number, cost) in [Int64(100), 0, 39].enumerated() {
            try tell("new-\(number)") { session in
                session.startedAt = session.startedAt + .hours(Int64(1 - number))
                session.endedAt = session.startedAt
                session.usage?.billedCost = cost
            }
        }
        let last = try #require(Set((0..<1_200).map { "s-\($0)" }).subtracting(lines).min())
        try rig.place.open().runScript("DELETE FROM session_ledger WHERE session_id = '\(last)'")
        try rig.place.open().runScript("UPDATE session_ledger SET cost_nanousd = 100 - cost_nanousd")
        while let chunk = await stream.next() { lines += Self.ids(chunk) }
        #expect(lines.count == 1_199)
        #expect(Set(lines) == Set((0..<1_200).map { "s-\($0)" }).subtracting([last]))
    }

    private static func ids(_ chunk: [UInt8]) -> [String] {
        String(decoding: chunk, as: UTF8.self).split(separator: "\r\n").map { String($0.prefix { $0 != "," }) }
    }

    @Test func oneSessionTellsWhereEachFigureComesFrom() async throws {
        try tell("-s/1?x") { session in
            session.taskText = "<script>alert(1)</script>"
            session.events = [
                CanonicalEvent(
                    eventID: "e1", sequence: 1, type: .toolCall, at: session.startedAt + .seconds(2),
                    payload: #"{"tool":"<b>"}"#)
            ]
        }
        let visitor = try await reader()
        let page = await visitor.get("/sessions/-s%2F1%3Fx").text
        #expect(page.contains("as the provider billed it") && page.contains("tool_call") && page.contains("+2.0 s"))
        #expect(page.contains("&lt;script&gt;") && !page.contains("<script>alert") && page.contains("&lt;b&gt;"))
        #expect(await visitor.get("/sessions/none").status == 404)
    }

    private static func read(_ response: Response) async throws -> String {
        guard case .stream(let stream) = response.body else { return response.text }
        var bytes: [UInt8] = []
        while let chunk = await stream.next() { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// How money is written.
@Suite struct MoneyTextTests {
    @Test(arguments: [
        (Int64(0), "$0.00"), (1, "<$0.001"), (499_999, "<$0.001"), (500_000, "$0.001"), (42_300_000, "$0.042"),
        (99_499_999, "$0.099"), (99_600_000, "$0.10"), (100_000_000, "$0.10"), (640_000_000, "$0.64"),
        (995_000_000, "$1.00"), (1_104_200_000_000, "$1,104.20"), (9_999_994_999_999, "$9,999.99"),
        (12_400_000_000_000, "$12.4K"), (-1_500_000_000, "\u{2212}$1.50"), (.max, "$9.22B"),
    ])
    func isShort(nano: Int64, expected: String) {
        #expect(MoneyText.usd(nano) == expected)
    }

    @Test(arguments: [
        (Int64(0), "$0.00", "0.0"), (1, "$0.000000001", "0.000000001"), (1_250_000_000, "$1.25", "1.25"),
        (-42_300_000, "\u{2212}$0.0423", "-0.0423"),
    ])
    func isExact(nano: Int64, shown: String, written: String) {
        #expect(MoneyText.exactUSD(nano) == shown)
        #expect(MoneyText.decimal(nano) == written)
    }
}

/// The chart of spending, as markup.
@Suite struct SpendChartTests {
    @Test func barsStandOnEachOther() {
        let chart = SpendChart(
            days: [Timestamp(milliseconds: 0), Timestamp(milliseconds: 86_400_000)],
            parts: [
                .init(name: "a<b", amounts: [3_000_000_000, 0]),
                .init(name: "c", amounts: [1_000_000_000, 2_000_000_000]),
            ])
        let html = HTML.spendChart(chart).text
        #expect(html.contains("<title>1 January 1970: a&lt;b $3.00, c $1.00</title>"))
        #expect(html.contains(#"<rect class="f1" x="6.2%" width="37.5%" y="25%" height="75%"/>"#))
        #expect(html.contains(#"<rect class="f2" x="6.2%" width="37.5%" y="0%" height="25%"/>"#))
        #expect(html.contains(#"<rect class="f2" x="56.2%" width="37.5%" y="50%" height="50%"/>"#))
        #expect(html.contains("<span>$4.00</span>") && html.contains("2 days: $2.00 to $4.00 a day"))
    }
}
