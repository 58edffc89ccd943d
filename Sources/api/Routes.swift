import HTTPServer

/// The whole HTTP surface, one line per route.
func routes(_ site: Site, _ answers: Answers, _ meter: RequestMeter) -> [Route] {
    let v3 = V3Endpoints(site: site)
    let lists = Lists(site: site, answers: answers)
    let snapshots = SnapshotEndpoints(lists: lists)
    let models = ModelEndpoints(lists: lists)
    let families = FamilyEndpoints(lists: lists)
    let hubHooks = HubHookEndpoints(site: site, answers: answers)
    let catalog = CatalogEndpoints(lists: lists)
    let readiness = ReadinessEndpoints(site: site)
    let pages = PageEndpoints(site: site, answers: answers)
    let webhooks = WebhookEndpoints(site: site, answers: answers, policy: site.settings.destinations)
    let gate = TokenGate(site: site, answers: answers)
    let operations = OperationsEndpoints(site: site, answers: answers)
    let acts = OperatorActEndpoints(site: site, answers: answers)
    let sessions = OperatorSessionEndpoints(site: site, answers: answers)
    return [
        Route(.get, "/", deferred: pages.leaderboard),
        Route(.get, "/assets/:name", immediate: pages.asset),
        Route(.get, "/docs/problems", immediate: pages.problems),
        Route(.get, "/ops", deferred: operations.page),
        Route(.get, "/ops/events", immediate: operations.events),
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
        Route(.get, "/api/v4/snapshot", deferred: snapshots.snapshot),
        Route(.get, "/api/v4/models", deferred: snapshots.models),
        Route(.get, "/api/v4/models/:name", deferred: models.legacyModel),
        Route(.get, "/api/v4/models/:name/history", deferred: models.legacyHistory),
        Route(.get, "/api/v4/models/:owner/:name", deferred: models.model),
        Route(.get, "/api/v4/models/:owner/:name/history", deferred: models.history),
        Route(.get, "/api/v4/families", deferred: families.families),
        Route(.get, "/api/v4/families/:name", deferred: families.legacyFamily),
        Route(.get, "/api/v4/families/:owner/:name", deferred: families.family),
        Route(.get, "/api/v4/profiles", deferred: catalog.profiles),
        Route(.get, "/api/v4/feeds", deferred: catalog.feeds),
        Route(.get, "/api/v4/export", deferred: snapshots.export),
        Route(.post, "/api/v4/hub-webhook", deferred: hubHooks.receive),
        Route(.post, "/api/v4/webhooks", deferred: gate.requiring("webhooks", webhooks.create)),
        Route(.get, "/api/v4/webhooks", deferred: gate.requiring("webhooks", webhooks.list)),
        Route(.get, "/api/v4/webhooks/:id", deferred: gate.requiring("webhooks", webhooks.show)),
        Route(.delete, "/api/v4/webhooks/:id", deferred: gate.requiring("webhooks", webhooks.delete)),
        Route(.post, "/api/v4/webhooks/:id/test", deferred: gate.requiring("webhooks", webhooks.test)),
        Route(.get, "/api/v4/webhooks/:id/deliveries", deferred: gate.requiring("webhooks", webhooks.deliveries)),
        Route(.get, "/livez", immediate: readiness.live),
        Route(.get, "/readyz", deferred: readiness.ready),
        Route(.get, "/metrics", deferred: MetricsEndpoints(site: site, meter: meter).metrics),
    ]
}
