import HTTPServer
import JSON
import Ledger
import Model
import Store

/// `GET /api/v3/analytics/…`: what sessions used and cost in a span, and how the ended ones of each model went.
struct AnalyticsEndpoints: Sendable {
    let site: Site

    func usage(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        let query: AnalyticsQuery
        do throws(LedgerQuery.Invalid) {
            query = try AnalyticsQuery(request.query)
        } catch {
            return LedgerAnswer.error(400, "Invalid \(error.name) value")
        }
        do throws(LedgerFailure) {
            let report = try await open.usage.report(query.filter)
            return LedgerAnswer.ok { json in AnalyticsBody.write(report, to: &json) }
        } catch {
            return site.answer(error)
        }
    }

    /// The shape of the body is fixed; whether its quantiles are exact is said in a header.
    func performance(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        let query: AnalyticsQuery
        do throws(LedgerQuery.Invalid) {
            query = try AnalyticsQuery(request.query)
        } catch {
            return LedgerAnswer.error(400, "Invalid \(error.name) value")
        }
        do throws(LedgerFailure) {
            let report = try await open.performance.report(query.filter)
            var json = JSONWriter(capacity: 1_024)
            AnalyticsBody.write(report, query, to: &json)
            let precision =
                report.isExact ? "exact" : "sketch; relative-error=\(QuantileSketch.relativeError)"
            return LedgerAnswer.json(200, json.finished(), headers: [HeaderField("X-Quantiles", precision)])
        } catch {
            return site.answer(error)
        }
    }
}

/// What the analytics are asked for. Empty is as good as not given, and what nobody knows is left alone.
struct AnalyticsQuery: Equatable {
    private(set) var filter = UsageFilter()
    /// As they were given, for the way from a row to its failed sessions.
    let from, to: String?
    /// Below so many ended sessions a row carries a warning.
    private(set) var minSample: Int64 = 5

    init(_ items: [QueryItem]) throws(LedgerQuery.Invalid) {
        filter.agent = try LedgerQuery.name("agent", items)
        filter.model = try LedgerQuery.name("model", items)
        filter.task = try LedgerQuery.name("task", items)
        from = try LedgerQuery.text("from", items)
        to = try LedgerQuery.text("to", items)
        if let moment = try LedgerQuery.value("from", items, { LedgerQuery.moment($0, isEnd: false) }) {
            filter.from = moment
        }
        if let moment = try LedgerQuery.value("to", items, { LedgerQuery.moment($0, isEnd: true) }) {
            filter.through = moment
        }
        let sample = try LedgerQuery.value("minSample", items) { LedgerQuery.whole($0, in: 0...1_000_000_000) }
        if let sample { minSample = Int64(sample) }
    }
}

/// The bodies of the analytics.
enum AnalyticsBody {
    private static let tokenSources = [
        ("provider_reported", UsageSums.Field.tokensReported), ("derived", .tokensDerived),
        ("missing", .tokensMissing),
    ]
    private static let runtimeSources = [
        ("provider_reported", UsageSums.Field.runtimeReported), ("derived", .runtimeDerived),
        ("missing", .runtimeMissing),
    ]
    private static let costSources = [
        ("provider_reported", UsageSums.Field.costReported), ("estimated_from_pricing", .costEstimated),
        ("unknown", .costUnknown),
    ]

    static func write(_ report: UsageReport, to json: inout JSONWriter) {
        json.beginObject()
        json.key("totals")
        json.beginObject()
        json.field("runs", report.totals[.runs])
        figures(report.totals, to: &json)
        json.endObject()
        json.key("provenance")
        json.beginObject()
        json.key("token")
        provenance(tokenSources, report.totals, to: &json)
        json.key("runtime")
        provenance(runtimeSources, report.totals, to: &json)
        json.key("cost")
        provenance(costSources, report.totals, to: &json)
        json.endObject()
        json.key("series")
        json.beginArray()
        for (day, sums) in report.days {
            json.beginObject()
            json.field("date", day.text)
            figures(sums, to: &json)
            json.field("runs", sums[.runs])
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    /// Sums of what is known; the provenance says of how many sessions nothing is.
    private static func figures(_ sums: UsageSums, to json: inout JSONWriter) {
        json.field("tokens", sums[.tokens])
        json.field("runtimeMs", sums[.runtime])
        json.key("costUsd")
        json.raw([UInt8](NanoUSD.dollars(sums[.cost]).utf8))
    }

    /// How many sessions have their figure from which source; a source without any is left out.
    private static func provenance(
        _ sources: [(String, UsageSums.Field)], _ sums: UsageSums, to json: inout JSONWriter
    ) {
        json.beginObject()
        for (name, field) in sources where sums[field] != 0 {
            json.key(text: name)
            json.integer(sums[field])
        }
        json.endObject()
    }

    static func write(_ report: PerformanceReport, _ query: AnalyticsQuery, to json: inout JSONWriter) {
        json.beginObject()
        json.key("rows")
        json.beginArray()
        for model in report.models { row(model, query, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func row(_ model: ModelPerformance, _ query: AnalyticsQuery, to json: inout JSONWriter) {
        json.beginObject()
        json.field("modelId", model.model)
        json.field("runsTotal", model.runs)
        json.field("successCount", model.success)
        json.field("failureCount", model.failed)
        json.key("successRate")
        json.double(model.runs == 0 ? 0 : Double(model.success) / Double(model.runs))
        json.key("medianRuntimeMs")
        json.double(model.runtime.p50)
        json.key("medianCostUsd")
        dollars(model.cost.p50, to: &json)
        for (name, value) in [
            ("p50RuntimeMs", model.runtime.p50), ("p95RuntimeMs", model.runtime.p95),
            ("p99RuntimeMs", model.runtime.p99),
        ] {
            json.key(text: name)
            json.double(value)
        }
        for (name, value) in [
            ("p50CostUsd", model.cost.p50), ("p95CostUsd", model.cost.p95), ("p99CostUsd", model.cost.p99),
        ] {
            json.key(text: name)
            dollars(value, to: &json)
        }
        json.key("sampleWarning")
        json.bool(model.runs < query.minSample)
        json.key("failedDrilldown")
        json.beginObject()
        json.field("status", SessionStatus.failed.rawValue)
        json.field("model", model.model)
        for (name, value) in [("from", query.from), ("to", query.to), ("agent", query.filter.agent)] {
            json.key(text: name)
            json.string(value)
        }
        json.endObject()
        json.endObject()
    }

    private static func dollars(_ nano: Double?, to json: inout JSONWriter) {
        guard let nano = nano.flatMap({ NanoUSD.rounded($0) }) else { return json.null() }
        json.raw([UInt8](NanoUSD.dollars(nano).utf8))
    }
}
