import HTTPServer
import Model
import Store

/// The routes beside v4's that programs use, as `openapi.json` describes them: v3's, the ledger's, and those of
/// machines that watch the service. They stand in the table of routes; pages are for people, and described nowhere.
enum ServiceOperations {
    static let all = snapshots + machines + ledger + analytics + alerts

    private static let failure = [500: "V3Error"]

    private static let snapshots = [
        Operation(
            described: .get, "/api/snapshot", "v3Snapshot", "The curated models (v3)",
            gives: .init(schema: "V3Snapshot")
        ).with {
            $0.errors = failure
        },
        Operation(
            described: .get, "/api/snapshot/refresh", "v3Refresh", "The same after a refresh that it asks for (v3)",
            gives: .init(schema: "V3Snapshot")
        ).with { $0.errors = failure },
        Operation(
            described: .get, "/api/health", "v3Health", "How the service is (v3)", gives: .init(schema: "V3Health")
        ).with {
            $0.errors = [:]
        },
    ]

    private static let machines = [
        Operation(
            described: .get, "/livez", "live", "Whether the process is alive", gives: .init(types: ["text/plain"])
        ).with {
            $0.errors = [:]
        },
        Operation(
            described: .get, "/readyz", "ready", "Whether it may be sent requests; `?verbose` lists the checks",
            gives: .init(types: ["text/plain"])
        ).with {
            $0.errors = [503: nil]
        },
        Operation(
            described: .get, "/metrics", "metrics", "Figures for a monitoring system (OpenMetrics)",
            gives: .init(types: ["application/openmetrics-text"])
        ).with { $0.errors = [:] },
        Operation(
            described: .get, "/feed.atom", "atom", "Movers, new models and anomalies as a feed",
            gives: .init(types: ["application/atom+xml"])
        ).with {
            $0.query = [QueryParameter("feed", .feed, "The set of models; `hub` where none is named.")]
        },
        Operation(
            described: .get, "/.well-known/webhook-keys", "webhookKeys", "The keys that deliveries are verified with",
            gives: .init(types: ["application/jwk-set+json"], schema: "WebhookKeys")),
    ]

    /// What the ledger's routes may answer instead, beside what is wrong with the request.
    private static let refusals: [Int: String?] = [
        400: "V3Error", 401: "V3Error", 403: "V3Error", 500: "V3Error", 503: "V3Error",
    ]

    private static func text(_ name: String, _ summary: String) -> QueryParameter {
        QueryParameter(name, .text(least: 0, most: LedgerQuery.longestName), summary)
    }

    private static let span = [
        QueryParameter("from", .momentOrNone, "Sessions that started from here; a date is its whole day in UTC."),
        QueryParameter("to", .momentOrNone, "Up to here."),
    ]

    private static let ledger = [
        Operation(
            described: .post, "/api/v3/ingest/session", "ingest", "Takes a session, once",
            gives: .init(schema: "V3Taken")
        ).with {
            $0.scope = "ingest"
            $0.body = "V3Envelope"
            $0.errors = refusals.merging(
                [400: "V3IngestFault", 409: "V3IngestFault", 413: "V3Error", 415: "V3Error", 422: "V3IngestFault"]
            ) { $1 }
        },
        Operation(
            described: .get, "/api/v3/ledger", "ledger", "Sessions that fit, a page at a time",
            gives: .init(schema: "V3Ledger")
        ).with {
            $0.scope = "read"
            $0.errors = refusals
            $0.query =
                [
                    text("agent", "Of this agent."), text("model", "With this model."),
                    QueryParameter("status", .oneOf(SessionStatus.allCases.map(\.rawValue)), "How it stands."),
                    QueryParameter("q", .text(least: 0, most: LedgerQuery.longestSearch), "Words that all occur."),
                    QueryParameter("sort", .oneOf(SessionSort.allCases.map(\.rawValue)), "What comes first."),
                    QueryParameter("page", .whole(1...1_000_000_000), "Which page."),
                    QueryParameter("pageSize", .whole(1...100), "Sessions of a page; 20 where nothing is said."),
                ] + span
        },
        Operation(
            described: .get, "/api/v3/ledger/*sessionId", "session", "A session with its usage and events",
            gives: .init(schema: "V3Session")
        ).with {
            $0.scope = "read"
            $0.errors = refusals.merging([404: "V3Error"]) { $1 }
        },
    ]

    private static let analytics = [
        Operation(
            described: .get, "/api/v3/analytics/usage", "usage", "Runs, tokens, time and cost by day",
            gives: .init(schema: "V3Usage")
        ).with {
            $0.scope = "read"
            $0.errors = refusals
            $0.query =
                [text("agent", "Of this agent."), text("model", "With this model."), text("task", "Of this category.")]
                + span
        },
        Operation(
            described: .get, "/api/v3/analytics/performance", "performance", "Success, time and cost by model",
            gives: .init(schema: "V3Performance")
        ).with {
            $0.scope = "read"
            $0.errors = refusals
            $0.query =
                [
                    text("agent", "Of this agent."), text("task", "Of this category."),
                    QueryParameter("minSample", .whole(0...1_000_000_000), "Fewer sessions are marked; 5 if unsaid."),
                ] + span
        },
    ]

    private static let alerts = [
        Operation(
            described: .get, "/api/v3/alerts/rules", "alertRules", "By which rules somebody is told",
            gives: .init(schema: "V3Rows")
        ).with {
            $0.scope = "read"
            $0.errors = refusals
        },
        Operation(
            described: .post, "/api/v3/alerts/rules", "createAlertRule", "A new rule",
            gives: .init(status: 201, schema: "V3AlertRule")
        ).with {
            $0.scope = "control"
            $0.body = "V3NewAlertRule"
            $0.errors = refusals.merging([413: "V3Error", 415: "V3Error"]) { $1 }
        },
        Operation(
            described: .patch, "/api/v3/alerts/rules/:ruleId", "changeAlertRule", "Changes a part of a rule",
            gives: .init(schema: "V3AlertRule")
        ).with {
            $0.scope = "control"
            $0.body = "V3AlertRulePatch"
            $0.errors = refusals.merging([404: "V3Error", 413: "V3Error", 415: "V3Error"]) { $1 }
        },
        Operation(
            described: .get, "/api/v3/alerts/active", "activeAlerts", "What holds now or has just ceased to",
            gives: .init(schema: "V3Rows")
        ).with {
            $0.scope = "read"
            $0.errors = refusals
        },
    ]
}
