import Daemon
import HTTPServer
import Jobs
import Model
import SQLite
import Store

/// The operations page, and the stream that keeps it current.
struct OperationsEndpoints: Sendable {
    private static let deliveriesShown = 10

    let site: Site
    let answers: Answers
    /// One for each window that there are readers of.
    private let live: [FigureWindow: LiveFigures]

    init(site: Site, answers: Answers) {
        self.site = site
        self.answers = answers
        live = Dictionary(uniqueKeysWithValues: FigureWindow.allCases.map { ($0, LiveFigures(site, $0)) })
    }

    func page(_ request: Request, _ parameters: Parameters) async -> Response {
        let theme = PageEndpoints.theme(request)
        guard let open = site.open else { return unavailable(request, theme) }
        do throws(SQLiteError) {
            let view = try await view(request, open, theme)
            return answers.page(OperationsPage.render(view), to: request)
        } catch {
            return unavailable(request, theme)
        }
    }

    private func unavailable(_ request: Request, _ theme: Theme) -> Response {
        let notice = NoticePage(notice: .unavailable, theme: theme, assets: answers.assets)
        return answers.page(notice.render(), status: 503, to: request)
    }

    private func view(
        _ request: Request, _ open: Site.Open, _ theme: Theme
    ) async throws(SQLiteError) -> OperationsView {
        let address = OperationsAddress(query: request.query.map { ($0.name, $0.value) })
        let figures = try await site.operationsFigures(address.window, open)
        var view = OperationsView(figures: figures, assets: answers.assets)
        view.theme = theme
        view.hasUpstream = site.settings.hasUpstream
        (view.dead, view.deliveries, view.limits) = try await open.reader.read { db throws(SQLiteError) in
            let dead = try OperationsView.DeadJobs.load(address, from: db)
            let deliveries = try OperationsView.Deliveries.load(Self.deliveriesShown, now: figures.readAt, from: db)
            return (dead, deliveries, try db.limits())
        }
        view.address = address
        view.address.page = view.dead.page.number
        if let operatorNow = try await OperatorGate(site: site).signedIn(request, open) {
            view.signedIn = operatorNow.name
            if let done = address.done {
                let results = try await open.reader.run(
                    Query<String>.confirmationResult(done, session: operatorNow.session))
                view.result = results.first { !$0.isEmpty }
            }
        }
        return view
    }

    func events(_ request: Request, _ parameters: Parameters) -> Response {
        let window = OperationsAddress(query: request.query.map { ($0.name, $0.value) }).window
        guard site.open != nil, let live = live[window] else { return answers.unavailable(request) }
        return Response(
            status: 200,
            headers: [
                HeaderField("Content-Type", "text/event-stream"), HeaderField("Cache-Control", "no-store"),
                // Some proxies collect a body before they pass it on.
                HeaderField("X-Accel-Buffering", "no"),
            ],
            body: .stream(LiveStream(live) { try await Task.sleep(for: $0) }))
    }
}

extension OperationsView.DeadJobs {
    static func load(_ address: OperationsAddress, from db: borrowing Connection) throws(SQLiteError) -> Self {
        var dead = Self(counts: try db.run(.deadJobCounts()))
        let fitting = dead.counts.filter { count in
            (address.stage == nil || count.stage == address.stage?.rawValue)
                && (address.errorClass == nil || count.errorClass == address.errorClass)
        }
        dead.page = PageIndex(requested: address.page, total: fitting.reduce(0) { $0 + $1.jobs })
        dead.jobs = try db.run(
            .deadJobs(address.filter, limit: dead.page.size, offset: dead.page.rows.lowerBound))
        return dead
    }
}

extension OperationsView.Deliveries {
    static func load(_ limit: Int, now: Timestamp, from db: borrowing Connection) throws(SQLiteError) -> Self {
        let day = try db.run(.endedDeliveries(since: now - .days(1))).first
        return Self(
            newest: try db.run(.recentDeliveries(limit: limit)), ended: day?.ended ?? 0, succeeded: day?.succeeded ?? 0)
    }
}
