import Daemon
import HTTPServer
import Jobs
import Model
import SQLite
import Store

/// The pages about subscriptions: all of them, and one with its deliveries. Acts go through
/// ``OperatorActEndpoints``.
struct WebhookPageEndpoints: Sendable {
    private static let most = 1_000
    private static let deliveriesShown = 25

    let site: Site
    let answers: Answers

    func list(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open, frame throws(SQLiteError) in
            let asked = request.query.first { $0.name == "page" }.flatMap { Int($0.value) } ?? 1
            let page = try await open.reader.read { db throws(SQLiteError) in
                let all = try db.run(.subscriptions(limit: Self.most))
                let index = PageIndex(requested: asked, total: all.count)
                var lines: [WebhooksPage.Line] = []
                for subscription in all[index.rows] {
                    lines.append(
                        WebhooksPage.Line(
                            shown: try ShownSubscription(subscription, now: frame.now, from: db),
                            health: try WebhookHealth(subscription, now: frame.now, from: db)))
                }
                let day = try db.run(.endedDeliveries(since: frame.now - .days(1))).first ?? (0, 0)
                return WebhooksPage(
                    frame: frame, lines: lines, states: all.reduce(into: [:]) { $0[$1.state, default: 0] += 1 },
                    day: day, pending: try db.run(.pendingDeliveryCount()).first ?? 0, index: index)
            }
            return answers.page(page.render(), to: request)
        }
    }

    func show(_ request: Request, _ parameters: Parameters) async -> Response {
        let id = parameters["id"]
        return await answering(request) { open, frame throws(SQLiteError) in
            let address = WebhookAddress(id, query: request.query.map { ($0.name, $0.value) })
            let page = try await open.reader.read { db throws(SQLiteError) -> WebhookPage? in
                guard let subscription = try db.run(.subscription(id: id)).first else { return nil }
                let found = try db.run(
                    .deliveries(
                        of: id, state: address.state, before: address.before, limit: Self.deliveriesShown + 1))
                var lines: [WebhookPage.Line] = []
                for delivery in found.prefix(Self.deliveriesShown) {
                    lines.append(
                        WebhookPage.Line(
                            delivery: delivery, attempts: try db.run(.deliveryAttempts(of: delivery.id))))
                }
                let hasOlder = found.count > Self.deliveriesShown
                return WebhookPage(
                    frame: frame, shown: try ShownSubscription(subscription, now: frame.now, from: db),
                    health: try WebhookHealth(subscription, now: frame.now, from: db), address: address,
                    lines: lines, older: hasOlder ? address.behind(lines.last?.delivery).path : nil,
                    total: try db.run(.deliveryCount(of: id, state: address.state)).first ?? 0)
            }
            guard let page else {
                let notice = NoticePage(notice: .notFound, theme: frame.theme, assets: answers.assets)
                return answers.page(notice.render(), status: 404, to: request)
            }
            return answers.page(page.render(), to: request)
        }
    }

    private func answering(
        _ request: Request, _ body: (Site.Open, WebhookFrame) async throws(SQLiteError) -> Response
    ) async -> Response {
        var frame = WebhookFrame(now: SystemClock.now(), assets: answers.assets)
        frame.theme = PageEndpoints.theme(request)
        guard let open = site.open else { return unavailable(request, frame) }
        do throws(SQLiteError) {
            if let who = try await OperatorGate(site: site).signedIn(request, open) {
                frame.signedIn = who.name
                if let done = request.query.first(where: { $0.name == "done" }).flatMap({ Int64($0.value) }) {
                    let results = try await open.reader.run(
                        Query<String>.confirmationResult(done, session: who.session))
                    frame.result = results.first { !$0.isEmpty }
                }
            }
            return try await body(open, frame)
        } catch {
            return unavailable(request, frame)
        }
    }

    private func unavailable(_ request: Request, _ frame: WebhookFrame) -> Response {
        let notice = NoticePage(notice: .unavailable, theme: frame.theme, assets: answers.assets)
        return answers.page(notice.render(), status: 503, to: request)
    }
}
