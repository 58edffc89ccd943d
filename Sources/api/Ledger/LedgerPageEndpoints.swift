import Daemon
import HTTPServer
import Ledger
import Model
import SQLite
import Store

/// The pages about sessions and what they cost, and their files. They are open to who has signed in with a token of the
/// scope `read`, since sessions hold what people have asked their agents.
struct LedgerPageEndpoints: Sendable {
    private static let newest = 5
    private static let shownEvents = 200

    let site: Site
    let answers: Answers

    func usage(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open, frame throws(SQLiteError) in
            let address = UsageAddress(query: request.query.map { ($0.name, $0.value) })
            let view = try await open.reader.read { db throws(SQLiteError) in
                try UsageView(address, frame, from: db)
            }
            return answers.page(UsagePage.render(view), isSecret: true, to: request)
        }
    }

    func sessions(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open, frame throws(SQLiteError) in
            let address = SessionsAddress(query: request.query.map { ($0.name, $0.value) })
            let view = try await open.reader.read { db throws(SQLiteError) in
                try SessionsView(address, frame, from: db)
            }
            return answers.page(SessionsPage.render(view), isSecret: true, to: request)
        }
    }

    func session(_ request: Request, _ parameters: Parameters) async -> Response {
        let place = SessionsAddress.sessionPath(parameters["sessionID"])
        return await answering(request, at: place) { open, frame throws(SQLiteError) in
            let view = try await open.reader.read { db throws(SQLiteError) -> SessionView? in
                guard let row = try db.run(Query<SessionRow>.session(parameters["sessionID"])).first else { return nil }
                let key = try db.run(Query<Int64>.sessionKey(of: row.sessionID)).first ?? 0
                let revisions = try db.run(Query<SessionUsageRow>.usageRevisions(of: key))
                let events = try db.run(Query<SessionEventRow>.sessionEvents(of: row.sessionID))
                return SessionView(
                    row: row, usage: revisions.first { $0.supersededAt == nil },
                    earlier: revisions.filter { $0.supersededAt != nil }.reversed(),
                    events: Array(events.prefix(Self.shownEvents)), eventTotal: events.count, frame: frame)
            }
            guard let view else {
                let notice = NoticePage(notice: .notFound, theme: frame.theme, assets: answers.assets)
                return answers.page(notice.render(), status: 404, to: request)
            }
            return answers.page(SessionPage.render(view), isSecret: true, to: request)
        }
    }

    /// `GET /usage.csv`
    func usageFile(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open, frame throws(SQLiteError) in
            let address = UsageAddress(query: request.query.map { ($0.name, $0.value) })
            let report = try await open.reader.read { db throws(SQLiteError) in
                try db.usageReport(address.filter(now: frame.now))
            }
            return file("usage", UsageLines.file(report, address))
        }
    }

    /// `GET /sessions.csv`: all that fit, in chunks, so that any number of them needs the memory of one.
    func sessionsFile(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open, _ in
            let address = SessionsAddress(query: request.query.map { ($0.name, $0.value) })
            let stream = SessionLines(address: address, reader: open.reader)
            return Response(status: 200, headers: Self.fileFields("sessions"), body: .stream(stream))
        }
    }

    private func file(_ name: String, _ body: [UInt8]) -> Response {
        Response(status: 200, headers: Self.fileFields(name), body: .bytes(body))
    }

    private static func fileFields(_ name: String) -> [HeaderField] {
        [
            HeaderField("Content-Type", CSVLine.contentType), HeaderField("Cache-Control", "private, no-store"),
            HeaderField("Content-Disposition", "attachment; filename=\"\(name).csv\""),
            HeaderField("X-Content-Type-Options", "nosniff"),
        ]
    }

    private func answering(
        _ request: Request, at place: String? = nil,
        _ body: (Site.Open, LedgerFrame) async throws(SQLiteError) -> Response
    ) async -> Response {
        let theme = PageEndpoints.theme(request)
        let unavailable = NoticePage(notice: .unavailable, theme: theme, assets: answers.assets)
        guard let open = site.open else { return answers.page(unavailable.render(), status: 503, to: request) }
        do throws(SQLiteError) {
            guard let who = try await OperatorGate(site: site).signedIn(request, open, for: .ledger) else {
                let next = (place ?? request.path) + QueryText.suffix(request.query.map { ($0.name, $0.value) })
                return OperatorAnswers.redirect(to: "/ops/sign-in" + QueryText.suffix([(name: "next", value: next)]))
            }
            let frame = LedgerFrame(now: SystemClock.now(), signedIn: who.name, theme: theme, assets: answers.assets)
            return try await body(open, frame)
        } catch {
            return answers.page(unavailable.render(), status: 503, to: request)
        }
    }
}

extension SessionsView {
    fileprivate init(
        _ address: SessionsAddress, _ frame: LedgerFrame, from db: borrowing Connection
    ) throws(SQLiteError) {
        let asked = (address.page - 1) * PageIndex.usualSize
        var found = try db.sessions(address.filter, sort: address.sort, offset: asked, limit: PageIndex.usualSize)
        let page = PageIndex(requested: address.page, total: found.total)
        if page.number != address.page {
            found = try db.sessions(
                address.filter, sort: address.sort, offset: page.rows.lowerBound, limit: PageIndex.usualSize)
        }
        self.init(address: address, lines: try db.lines(found.rows), page: page, frame: frame)
    }
}

extension AlertLine {
    /// What a rule watches, where, and what it saw.
    fileprivate init(_ alert: ActiveAlert) {
        func words(_ value: Double) -> String {
            switch alert.metric {
            case "daily_cost_usd": MoneyText.usd(Int64((value * 1e9).rounded()))
            case "runtime_p95_ms": TimeText.duration(.milliseconds(Int64(value.rounded())))
            default: LedgerMarks.percent(Int((value * 1_000).rounded()))
            }
        }
        let what =
            switch alert.metric {
            case "daily_cost_usd": "Spend"
            case "runtime_p95_ms": "Length, p95"
            default: "Failures"
            }
        let limits = "warns at \(words(alert.warnThreshold)), critical at \(words(alert.criticalThreshold))"
        self.init(
            title: "\(what) · \(alert.scope)",
            words: "\(alert.value.map(words) ?? "no data"); \(limits); since \(TimeText.moment(alert.triggeredAt))",
            status: alert.status)
    }
}

extension Connection {
    /// Sessions with what holds of their usage now.
    func lines(_ rows: [SessionRow]) throws(SQLiteError) -> [SessionLine] {
        var lines: [SessionLine] = []
        for row in rows {
            let key = try run(Query<Int64>.sessionKey(of: row.sessionID)).first ?? 0
            lines.append(SessionLine(row: row, usage: try run(Query<SessionUsageRow>.currentUsage(of: key)).first))
        }
        return lines
    }
}

extension UsageView {
    fileprivate init(
        _ address: UsageAddress, _ frame: LedgerFrame, from db: borrowing Connection
    ) throws(SQLiteError) {
        let filter = address.filter(now: frame.now)
        let report = try db.usageReport(filter)
        let earlier = address.filterBefore(now: frame.now)
        let before = try db.usageReport(earlier).totals
        let names: [(name: String, sums: UsageSums)]
        let namesBefore: [(name: String, sums: UsageSums)]
        switch address.grouping {
        case .model: (names, namesBefore) = (try db.usageByModel(filter), try db.usageByModel(earlier))
        case .agent: (names, namesBefore) = (try db.usageByAgent(filter), try db.usageByAgent(earlier))
        }
        let known = Dictionary(namesBefore.map { ($0.name, $0.sums[.cost]) }) { first, _ in first }
        let shown = names.prefix(Self.mostGroups).map { Group(name: $0.name, sums: $0.sums, before: known[$0.name]) }
        var newest = address.sessions(now: frame.now).filter
        (newest.agent, newest.model) = (address.agent, address.model)
        let found = try db.sessions(newest, sort: .newest, offset: 0, limit: Self.newest)
        self.init(
            address: address, totals: report.totals, before: before[.runs] > 0 ? before : nil, groups: shown,
            chart: try Self.chart(report, names.map(\.name), address, frame.now, db),
            p95Cost: try db.costQuantile(0.95, filter), sessions: try db.lines(found.rows), sessionTotal: found.total,
            alerts: try db.run(.activeAlerts()).map { AlertLine($0) }, frame: frame)
    }

    private static let mostGroups = 25
    private static let newest = 5

    /// The dearest names have a colour each, and the others share one.
    private static func chart(
        _ report: UsageReport, _ names: [String], _ address: UsageAddress, _ now: Timestamp, _ db: borrowing Connection
    ) throws(SQLiteError) -> SpendChart {
        let days = (address.span(now: now).lowerBound.number...address.span(now: now).upperBound.number)
            .map { UTCDay($0) }
        func amounts(_ report: UsageReport) -> [Int64] {
            let known = Dictionary(report.days.map { ($0.day, $0.sums[.cost]) }) { first, _ in first }
            return days.map { known[$0] ?? 0 }
        }
        let hasRest = names.count > SpendChart.mostParts
        var parts: [SpendChart.Part] = []
        var rest = amounts(report)
        for name in names.prefix(hasRest ? SpendChart.mostParts - 1 : SpendChart.mostParts) {
            var filter = address.filter(now: now)
            switch address.grouping {
            case .model: filter.model = name
            case .agent: filter.agent = name
            }
            let part = SpendChart.Part(name: name, amounts: amounts(try db.usageReport(filter)))
            for day in rest.indices { rest[day] -= part.amounts[day] }
            parts.append(part)
        }
        if hasRest { parts.append(SpendChart.Part(name: "\(names.count - parts.count) others", amounts: rest)) }
        return SpendChart(days: days.map(\.start), parts: parts)
    }
}
