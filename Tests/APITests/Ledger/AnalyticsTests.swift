import Contracts
import Crypto
import HTTPServer
import JSON
import Ledger
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// The analytics, byte for byte.
@Suite struct AnalyticsTests {
    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
    }

    private func tell(
        _ id: String, _ status: SessionStatus = .success, start: String, seconds: Int64 = 10, billed: Int64? = nil,
        tokens: Int64? = 150, model: String = "m", agent: String = "a"
    ) throws {
        let startedAt = try #require(Timestamp(rfc3339: start))
        var session = CanonicalSession(
            sessionID: id, agentID: agent, modelID: model, status: status, startedAt: startedAt, source: .ingest,
            contract: "v1", fingerprint: SHA256.digest(Array(id.utf8)).bytes)
        if !status.isOpen { session.endedAt = startedAt + .seconds(seconds) }
        var usage = ReportedUsage()
        usage.totalTokens = tokens
        usage.billedCost = billed
        session.usage = usage
        try place.open().transaction { db throws(SQLiteError) in
            _ = try db.record(
                session, key: .derived, result: "", prices: PriceDesk(), now: startedAt + .days(1))
        }
    }

    private func usage(_ query: [QueryItem] = []) async throws -> String {
        let report = try await SQLiteUsage(place.database()).report(AnalyticsQuery(query).filter)
        var json = JSONWriter()
        AnalyticsBody.write(report, to: &json)
        return String(decoding: json.finished(), as: UTF8.self)
    }

    private func performance(_ items: [QueryItem] = []) async throws -> String {
        let query = try AnalyticsQuery(items)
        let report = try await SQLitePerformance(place.database()).report(query.filter)
        var json = JSONWriter()
        AnalyticsBody.write(report, query, to: &json)
        return String(decoding: json.finished(), as: UTF8.self)
    }

    @Test func nothingIsNothing() async throws {
        let body =
            #"{"totals":{"runs":0,"tokens":0,"runtimeMs":0,"costUsd":0},"#
            + #""provenance":{"token":{},"runtime":{},"cost":{}},"series":[]}"#
        #expect(try await usage() == body)
        #expect(try await performance() == #"{"rows":[]}"#)
    }

    /// A session counts on the UTC day of its start, wherever its sender is.
    @Test func usageIsSummedByUTCDay() async throws {
        try tell("s1", start: "2026-03-28T23:30:00-02:00", billed: 1_500_000_000)
        try tell("s2", start: "2026-03-29T12:00:00Z", billed: 1)
        try tell("s3", .running, start: "2026-03-30T12:00:00Z", tokens: nil)
        let body =
            #"{"totals":{"runs":3,"tokens":300,"runtimeMs":20000,"costUsd":1.500000001},"#
            + #""provenance":{"token":{"provider_reported":2,"missing":1},"runtime":{"derived":2,"missing":1},"#
            + #""cost":{"provider_reported":2,"unknown":1}},"#
            + #""series":[{"date":"2026-03-29","tokens":300,"runtimeMs":20000,"costUsd":1.500000001,"runs":2},"#
            + #"{"date":"2026-03-30","tokens":0,"runtimeMs":0,"costUsd":0,"runs":1}]}"#
        #expect(try await usage() == body)
    }

    @Test func datesMeanTheirWholeDaysAndProvenanceHonoursTheFilters() async throws {
        try tell("s1", start: "2026-03-29T00:00:00Z", billed: 1)
        try tell("s2", start: "2026-03-29T23:59:59.999Z")
        try tell("s3", start: "2026-03-30T00:00:00Z", billed: 1, agent: "b")
        let day = try await usage([QueryItem("from", "2026-03-29"), QueryItem("to", "2026-03-29")])
        #expect(day.contains(#""runs":2,"#) && day.contains(#""cost":{"provider_reported":1,"unknown":1}"#))
        let other = try await usage([QueryItem("agent", "b")])
        #expect(
            other.contains(#""cost":{"provider_reported":1}"#) && other.contains(#""token":{"provider_reported":1}"#))
        let part = try await usage([
            QueryItem("from", "2026-03-29T00:00:00.001Z"),
            QueryItem("to", "2026-03-30T00:00:00Z"),
        ])
        #expect(part.contains(#""runs":2,"#))
    }

    @Test func performanceIsOfEndedSessions() async throws {
        for (index, seconds) in [Int64(10), 20, 30, 40].enumerated() {
            try tell(
                "s\(index)", index == 0 ? .failed : .success, start: "2026-03-29T12:00:00Z", seconds: seconds,
                billed: seconds * 1_000_000_000)
        }
        try tell("open", .running, start: "2026-03-29T12:00:00Z")
        let body =
            #"{"rows":[{"modelId":"m","runsTotal":4,"successCount":3,"failureCount":1,"successRate":0.75,"#
            + #""medianRuntimeMs":25000,"medianCostUsd":25,"p50RuntimeMs":25000,"p95RuntimeMs":38500,"#
            + #""p99RuntimeMs":39700,"p50CostUsd":25,"p95CostUsd":38.5,"p99CostUsd":39.7,"sampleWarning":true,"#
            + #""failedDrilldown":{"status":"failed","model":"m","from":"2026-03-29","to":null,"agent":null}}]}"#
        #expect(try await performance([QueryItem("from", "2026-03-29")]) == body)
        let enough = try await performance([QueryItem("minSample", "4")])
        #expect(enough.contains(#""sampleWarning":false"#))
    }

    @Test(arguments: [
        ("from", "yesterday"), ("to", "2026-13-01"), ("minSample", "-1"), ("minSample", "many"),
    ])
    func whatHasNoMeaningIsRefused(name: String, value: String) {
        #expect(throws: LedgerQuery.Invalid(name: name)) { try AnalyticsQuery([QueryItem(name, value)]) }
    }

    @Test func quantilesOfManyAreWithinTheStatedError() async throws {
        for number in 0..<60 {
            try tell("s\(number)", start: "2026-03-29T12:00:00Z", seconds: Int64(number + 1))
        }
        let report = try await SQLitePerformance(place.database(), exactLimit: 10).report(UsageFilter())
        #expect(!report.isExact)
        let median = try #require(report.models.first?.runtime.p50)
        #expect(abs(median - 30_500) <= 305)
    }
}
