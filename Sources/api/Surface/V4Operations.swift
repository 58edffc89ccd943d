import Deployment
import HTTPServer
import Model
import Webhooks

/// All routes of v4. What is not in this table is not served, and not in `openapi.json`.
struct V4Operations: Sendable {
    let lists: Lists
    let webhooks: WebhookEndpoints

    var all: [Operation] {
        let reads = models + families + anomalies + catalog + news
        let described = reads + subscriptions + [audit]
        return described + [document(of: described)]
    }

    private static let feed = QueryParameter("feed", .feed, "The set of models; `hub` where none is named.")
    private static let profile = QueryParameter("profile", .profile, "Whose weights rank and total are of.")
    private static let cursor = QueryParameter("cursor", .cursor, "`page.nextCursor` of the page before.")
    private static let limit = QueryParameter(
        "limit", .whole(1...Int64(ModelQuery.largestLimit)), "How many at most; 25 where nothing is said.")
    private static let cursorProblems: [Problem.Code] = [.cursorInvalid, .cursorMismatch, .cursorExpired]

    private static let seriesTypes = ["application/json", "text/csv"]
    private static let seriesType: @Sendable (Request) -> String = { request in
        HistoryQuery.read(request.query, feeds: []).query.format == .csv ? "text/csv" : "application/json"
    }

    private var models: [Operation] {
        let snapshots = SnapshotEndpoints(lists: lists)
        let models = ModelEndpoints(lists: lists)
        let filters = Self.filters
        let detail = [Self.feed, Self.profile]
        let series = [
            Self.feed,
            QueryParameter("format", .oneOf(HistoryQuery.Format.allCases.map(\.rawValue)), "`csv`: as a file."),
            QueryParameter("metric", .oneOf(HistoryQuery.Metric.allCases.map(\.rawValue)), "The one figure wanted."),
            QueryParameter("from", .moment, "Not before."), QueryParameter("to", .moment, "Not after."),
        ]
        return [
            Operation(
                .get, "/snapshot", "snapshot", "The newest snapshot and its first models",
                gives: .init(schema: "Snapshot"), snapshots.snapshot
            ).with {
                $0.query = [Self.feed, Self.profile]
                $0.problems = [.noSnapshot]
            },
            Operation(
                .get, "/models", "models", "Models that fit, in the order that is asked for",
                gives: .init(schema: "Models"), snapshots.models
            ).with {
                $0.query = filters + [Self.limit, Self.cursor]
                $0.problems = Self.cursorProblems + [.noSnapshot]
            },
            Operation(
                .get, "/models/:name", "legacyModel", "A model whose id has no owner",
                gives: .init(schema: "ModelDetail"),
                models.legacyModel
            ).with { $0.query = detail },
            Operation(
                .get, "/models/:owner/:name", "model", "One model", gives: .init(schema: "ModelDetail"), models.model
            ).with { $0.query = detail },
            Operation(
                .get, "/models/:name/history", "legacyHistory", "The series of a model whose id has no owner",
                gives: .init(types: Self.seriesTypes, schema: "History"), models.legacyHistory
            ).with {
                $0.query = series
                $0.selectedType = Self.seriesType
            },
            Operation(
                .get, "/models/:owner/:name/history", "history", "A model's series, with its gaps",
                gives: .init(types: Self.seriesTypes, schema: "History"), models.history
            ).with {
                $0.query = series
                $0.selectedType = Self.seriesType
            },
            Operation(
                .get, "/export", "export", "Everything that fits, as a file",
                gives: .init(types: ["text/csv", "application/x-ndjson"]), snapshots.export
            ).with {
                $0.query =
                    filters + [
                        QueryParameter("format", .oneOf(ExportQuery.Format.allCases.map(\.rawValue)), "The form."),
                        QueryParameter("safe", .oneOf(["0", "1"]), "0: texts that look like formulas stay."),
                    ]
                $0.problems = [.noSnapshot]
                $0.feature = .export
                $0.selectedType = { request in
                    let type = ExportQuery.read(request.query).query.format.contentType
                    return String(type.prefix { $0 != ";" })
                }
            },
        ]
    }

    private var families: [Operation] {
        let families = FamilyEndpoints(lists: lists)
        let query = [Self.feed, Self.limit, Self.cursor]
        return [
            Operation(
                .get, "/families", "families", "Families by size", gives: .init(schema: "Families"), families.families
            ).with {
                $0.query = query
                $0.problems = Self.cursorProblems + [.noSnapshot]
            },
            Operation(
                .get, "/families/:name", "legacyFamily", "A family whose root has no owner",
                gives: .init(schema: "Family"), families.legacyFamily
            ).with {
                $0.query = query
                $0.problems = Self.cursorProblems
            },
            Operation(
                .get, "/families/:owner/:name", "family", "One family and its members", gives: .init(schema: "Family"),
                families.family
            ).with {
                $0.query = query
                $0.problems = Self.cursorProblems
            },
        ]
    }

    private var anomalies: [Operation] {
        [
            Operation(
                .get, "/anomalies", "anomalies", "Models that stand out or stood out, the newest first",
                gives: .init(schema: "Anomalies"), AnomalyEndpoints(lists: lists).anomalies
            ).with {
                $0.query = [
                    Self.feed,
                    QueryParameter(
                        "state", .oneOf(AnomalyEndpoints.State.allCases.map(\.rawValue)), "`open`: only these."),
                    QueryParameter("rule", .oneOf(AnomalyRule.allCases.map(\.rawValue)), "Only what this rule found."),
                    Self.limit, Self.cursor,
                ]
                $0.problems = [.cursorInvalid, .cursorMismatch, .noSnapshot]
            },
            Operation(
                .post, "/hub-webhook", "hubWebhook", "Takes the Hub's own webhooks as hints to look at a model",
                gives: .init(status: 202, schema: "HubHint"),
                HubHookEndpoints(site: lists.site, answers: lists.answers).receive
            ).with {
                $0.hasOwnProof = true
                $0.body = "HubWebhook"
                $0.problems = [.notFound, .unauthorized, .forbidden, .invalidBody]
                $0.headers = [
                    HeaderParameter(name: "X-Webhook-Secret", summary: "The agreed secret, verbatim.", isRequired: true)
                ]
            },
        ]
    }

    private var catalog: [Operation] {
        let catalog = CatalogEndpoints(lists: lists)
        return [
            Operation(
                .get, "/profiles", "profiles", "Profiles with their weights", gives: .init(schema: "Profiles"),
                catalog.profiles),
            Operation(
                .get, "/feeds", "feeds", "Feeds that have a snapshot", gives: .init(schema: "Feeds"), catalog.feeds),
            Operation(
                .get, "/health", "health", "How the service is", gives: .init(schema: "Health"),
                HealthEndpoints(lists: lists).health),
        ]
    }

    private var news: [Operation] {
        let events = EventEndpoints(lists: lists)
        let badges = BadgeEndpoints(lists: lists)
        let badge = [
            Self.feed, QueryParameter("metric", .oneOf(Badge.Metric.allCases.map(\.rawValue)), "The figure shown."),
        ]
        return [
            Operation(
                .get, "/events", "events", "What happened, in order", gives: .init(schema: "Events"), events.events
            ).with {
                $0.query = [
                    QueryParameter("feed", .feed, "Only what happened in this set of models; all where none is named."),
                    Self.limit, Self.cursor,
                ]
                $0.problems = [.cursorInvalid, .cursorMismatch]
            },
            Operation(
                .get, "/stream", "stream", "Snapshots, backlog and deliveries as server-sent events",
                gives: .init(types: ["text/event-stream"]), events.stream),
            Operation(
                .get, "/badges/:name.svg", "legacyBadge", "A badge of a model whose id has no owner",
                gives: .init(types: ["image/svg+xml"]), badges.legacyBadge
            ).with { $0.query = badge },
            Operation(
                .get, "/badges/:owner/:name.svg", "badge", "A model's figure as a picture",
                gives: .init(types: ["image/svg+xml"]), badges.badge
            ).with { $0.query = badge },
        ]
    }

    private var audit: Operation {
        Operation(
            .get, "/audit", "audit", "Who did what, the newest first", gives: .init(schema: "Audit"),
            AuditEndpoint(lists: lists).audit
        ).with {
            $0.query = [
                Self.limit, Self.cursor, QueryParameter("who", .text(least: 1, most: 200), "Only what they did."),
                QueryParameter(
                    "action", .text(least: 1, most: 200), "Only this, or what begins with these words: `webhooks`."),
            ]
            $0.problems = [.cursorInvalid, .cursorMismatch]
            $0.scope = "admin"
        }
    }

    private func document(of described: [Operation]) -> Operation {
        let handle: Operation.Handle = { [lists] request, _ in
            await api.answer { () throws(Declined) in
                try lists.check(QueryReader(request.query, scalars: []).faults, request)
                let document = V4Operations.document(described, lists.site)
                return lists.digested(document.encode(), request)
            }
        }
        return Operation(
            .get, "/openapi.json", "openapi", "This description", gives: .init(schema: "Document"), handle)
    }

    /// The description of these and of the route that gives it.
    static func document(_ described: [Operation], _ site: Site) -> OpenAPIDocument {
        let own = Operation(
            .get, "/openapi.json", "openapi", "This description", gives: .init(schema: "Document")
        ) { _, _ in Response(status: 404) }
        let feeds = Set(site.feeds.current.feeds).union([LeaderboardAddress.defaultFeed])
        return OpenAPIDocument(
            operations: described + [own] + ServiceOperations.all, version: site.version, feeds: feeds.sorted(),
            profiles: site.settings.profiles.profiles.map(\.name))
    }
}
