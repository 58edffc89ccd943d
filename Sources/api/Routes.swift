import Daemon
import HTTPServer

/// The whole HTTP surface: the routes, and what everything else is answered.
func surface(_ site: Site, _ answers: Answers, _ meter: RequestMeter) -> Router {
    let door = Door(site: site, answers: answers)
    return Router(routes(site, answers, meter, door), fault: answers.fault, lateFault: door.refuse)
}

/// One line per route; v4's are in ``V4Operations``.
private func routes(_ site: Site, _ answers: Answers, _ meter: RequestMeter, _ door: Door) -> [Route] {
    let v3 = V3Endpoints(site: site)
    let lists = Lists(site: site, answers: answers)
    let readiness = ReadinessEndpoints(site: site)
    let pages = PageEndpoints(site: site, answers: answers)
    let models = ModelPageEndpoints(pages: pages)
    let comparison = ComparePageEndpoints(pages: pages)
    let families = FamilyPageEndpoints(pages: pages)
    let anomalies = AnomalyPageEndpoints(pages: pages)
    let webhooks = WebhookEndpoints(site: site, answers: answers, policy: site.settings.destinations)
    let v4 = V4Operations(lists: lists, webhooks: webhooks)
    let operations = OperationsEndpoints(site: site, answers: answers)
    let acts = OperatorActEndpoints(site: site, answers: answers)
    let webhookPages = WebhookPageEndpoints(site: site, answers: answers)
    let sessions = OperatorSessionEndpoints(site: site, answers: answers)
    let ledgerPages = LedgerPageEndpoints(site: site, answers: answers)
    return [
        Route(.get, "/", deferred: pages.leaderboard),
        Route(.get, "/models/:owner/:name", deferred: models.model),
        Route(.get, "/models/:name", deferred: models.legacyModel),
        Route(.get, "/compare", deferred: comparison.compare),
        Route(.get, "/families", immediate: families.families),
        Route(.get, "/families/:owner/:name", immediate: families.family),
        Route(.get, "/families/:name", immediate: families.legacyFamily),
        Route(.get, "/anomalies", deferred: anomalies.anomalies),
        Route(.get, "/assets/:name", immediate: pages.asset),
        Route(.get, "/docs/problems", immediate: pages.problems),
        Route(
            .get, "/.well-known/webhook-keys",
            deferred: WebhookKeysEndpoint(site: site, answers: answers, now: SystemClock.now).keys),
        Route(.get, "/feed.atom", deferred: AtomEndpoints(lists: lists).feed),
        Route(.get, "/usage", deferred: ledgerPages.usage),
        Route(.get, "/usage.csv", deferred: ledgerPages.usageFile),
        Route(.get, "/sessions", deferred: ledgerPages.sessions),
        Route(.get, "/sessions.csv", deferred: ledgerPages.sessionsFile),
        Route(.get, "/sessions/*sessionID", deferred: ledgerPages.session),
        Route(.get, "/ops", deferred: operations.page),
        Route(.get, "/ops/events", immediate: operations.events),
        Route(.get, "/ops/webhooks", deferred: webhookPages.list),
        Route(.get, "/ops/webhooks/:id", deferred: webhookPages.show),
        Route(.get, "/ops/limit", deferred: acts.limit),
        Route(.get, "/ops/confirm", deferred: acts.confirm),
        Route(.post, "/ops/confirm", deferred: acts.confirm),
        Route(.post, "/ops/acts", deferred: acts.act),
        Route(.get, "/ops/sign-in", deferred: sessions.signInPage),
        Route(.post, "/ops/sign-in", deferred: sessions.signIn),
        Route(.post, "/ops/sign-out", deferred: sessions.signOut),
        Route(.get, "/api/snapshot", immediate: v3.snapshot),
        Route(.get, "/api/snapshot/refresh", deferred: v3.refresh),
        Route(.get, "/api/health", deferred: v3.health),
        Route(.get, "/livez", immediate: readiness.live),
        Route(.get, "/readyz", deferred: readiness.ready),
        Route(.get, "/metrics", deferred: MetricsEndpoints(site: site, meter: meter).metrics),
    ] + ledgerRoutes(site) + door.routes(v4.all)
}

/// The session ledger's, each with the scope that a token needs for it. An id may hold any character, slashes too.
private func ledgerRoutes(_ site: Site) -> [Route] {
    let gate = LedgerGate(site: site)
    let ledger = LedgerEndpoints(site: site)
    let alerts = AlertEndpoints(site: site)
    let analytics = AnalyticsEndpoints(site: site)
    return [
        gate.route(.post, "/api/v3/ingest/session", scope: "ingest", IngestEndpoints(site: site).session),
        gate.route(.get, "/api/v3/ledger", scope: "read", ledger.list),
        gate.route(.get, "/api/v3/ledger/*sessionId", scope: "read", ledger.session),
        gate.route(.get, "/api/v3/analytics/usage", scope: "read", analytics.usage),
        gate.route(.get, "/api/v3/analytics/performance", scope: "read", analytics.performance),
        gate.route(.get, "/api/v3/alerts/rules", scope: "read", alerts.rules),
        gate.route(.post, "/api/v3/alerts/rules", scope: "control", alerts.create),
        gate.route(.patch, "/api/v3/alerts/rules/:ruleId", scope: "control", alerts.change),
        gate.route(.get, "/api/v3/alerts/active", scope: "read", alerts.active),
    ]
}
