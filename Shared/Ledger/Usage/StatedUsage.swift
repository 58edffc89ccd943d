package import Contracts
import JSON
import Model
package import Pricing

/// What a source said about the tokens and the money of a session, kept as JSON: buckets and costs are computed from
/// it, and computed anew when prices change.
package struct StatedUsage: Equatable, Sendable {
    package var report: TokenReport?
    /// What the provider charged, in nano-USD.
    package var billed: Int64?
    /// What an older system made of the figures.
    package var imported: ImportedUsage?
    /// The provider's own words, as JSON.
    package var raw: String?

    package init() {}

    package init(_ usage: ReportedUsage) {
        billed = usage.billedCost
        raw = usage.detail?.raw
        imported = usage.imported
        var report = TokenReport(
            prompt: usage.promptTokens, completion: usage.completionTokens, total: usage.totalTokens)
        if let detail = usage.detail {
            report.detail = TokenReport.Detail(
                input: detail.inputTokens, output: detail.outputTokens, cacheRead: detail.cacheReadTokens,
                cacheWrite5m: detail.cacheWrite5mTokens, cacheWrite1h: detail.cacheWrite1hTokens,
                reasoning: detail.reasoningTokens, cachedInInput: detail.cachedInInput)
        }
        if report != TokenReport() { self.report = report }
    }

    /// What holds when a session is told again: figures that belong together are replaced together.
    package func updated(by later: StatedUsage) -> StatedUsage {
        var merged = self
        if later.report != nil {
            merged.report = later.report
            merged.raw = later.raw
        }
        merged.raw = later.raw ?? merged.raw
        merged.billed = later.billed ?? billed
        // What is told anew is reckoned anew.
        merged.imported = later.imported
        return merged
    }
}

extension StatedUsage {
    package var json: String? {
        guard self != StatedUsage() else { return nil }
        var json = JSONWriter()
        json.beginObject()
        func count(_ name: StaticString, _ value: Int64?) {
            guard let value else { return }
            json.key(name)
            json.integer(value)
        }
        count("promptTokens", report?.prompt)
        count("completionTokens", report?.completion)
        count("totalTokens", report?.total)
        if let detail = report?.detail {
            json.key("usage")
            json.beginObject()
            count("inputTokens", detail.input)
            count("outputTokens", detail.output)
            count("cacheReadTokens", detail.cacheRead)
            count("cacheWrite5mTokens", detail.cacheWrite5m)
            count("cacheWrite1hTokens", detail.cacheWrite1h)
            count("reasoningTokens", detail.reasoning)
            if let inside = detail.cachedInInput {
                json.key("cachedInInput")
                json.bool(inside)
            }
            json.endObject()
        }
        count("billedNanoUsd", billed)
        if let imported {
            json.key("imported")
            json.beginObject()
            count("estimatedNanoUsd", imported.estimate)
            for (name, word) in [
                ("pricingVersion", imported.pricingVersion), ("tokenSource", imported.tokenSource?.rawValue),
                ("tokenConfidence", imported.tokenConfidence?.rawValue),
                ("costConfidenceLevel", imported.costLevel?.rawValue),
            ] where word != nil {
                json.key(text: name)
                json.string(word)
            }
            json.endObject()
        }
        if let raw {
            json.key("raw")
            json.raw([UInt8](raw.utf8))
        }
        json.endObject()
        return String(decoding: json.finished(), as: UTF8.self)
    }

    /// What ``json`` wrote.
    package init(json text: String?) {
        guard let text, let root = try? JSONDocument(parsing: text).root else { return }
        var report = TokenReport(
            prompt: root["promptTokens"]?.int64, completion: root["completionTokens"]?.int64,
            total: root["totalTokens"]?.int64)
        if let usage = root["usage"] {
            report.detail = TokenReport.Detail(
                input: usage["inputTokens"]?.int64, output: usage["outputTokens"]?.int64,
                cacheRead: usage["cacheReadTokens"]?.int64, cacheWrite5m: usage["cacheWrite5mTokens"]?.int64,
                cacheWrite1h: usage["cacheWrite1hTokens"]?.int64, reasoning: usage["reasoningTokens"]?.int64,
                cachedInInput: usage["cachedInInput"]?.bool)
        }
        if report != TokenReport() { self.report = report }
        billed = root["billedNanoUsd"]?.int64
        if let node = root["imported"] {
            var told = ImportedUsage()
            told.estimate = node["estimatedNanoUsd"]?.int64
            told.pricingVersion = node["pricingVersion"]?.string
            told.tokenSource = node["tokenSource"]?.string.flatMap { FigureSource(rawValue: $0) }
            told.tokenConfidence = node["tokenConfidence"]?.string.flatMap { Confidence(rawValue: $0) }
            told.costLevel = node["costConfidenceLevel"]?.string.flatMap { Confidence(rawValue: $0) }
            imported = told
        }
        if let node = root["raw"] {
            var json = JSONWriter()
            json.node(node)
            raw = String(decoding: json.finished(), as: UTF8.self)
        }
    }
}
