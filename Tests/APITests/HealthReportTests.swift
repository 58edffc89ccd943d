import Model
import Testing

@testable import api

@Suite struct HealthReportTests {
    private static let healthy = HealthReport(
        curated: [.init(displayName: "Llama 3 8B", error: nil), .init(displayName: "Phi-3", error: nil)],
        refreshError: nil, cacheReads: true, cacheWrites: true, scoreError: nil,
        snapshot: .init(updatedAt: Timestamp(milliseconds: 1_777_884_199_965), ageSeconds: 61))

    private static func changed(_ change: (inout HealthReport) -> Void) -> HealthReport {
        var report = healthy
        change(&report)
        return report
    }

    @Test func printsV3sKeyOrder() {
        let expected = """
            {"status":"ok","components":{"huggingFaceFetch":{"status":"ok","lastError":null},\
            "cache":{"read":"ok","write":"ok"},"scoreCompute":{"status":"ok","lastError":null}},\
            "snapshot":{"updatedAt":"2026-05-04T08:43:19.965Z","ageSeconds":61}}
            """
        #expect(String(decoding: Self.healthy.document(), as: UTF8.self) == expected)
    }

    @Test func printsNullsWithoutASnapshot() {
        var report = Self.healthy
        report.snapshot = nil
        report.scoreError = "no \"figures\""
        report.cacheWrites = false
        report.curated[1] = .init(displayName: "Phi-3", error: "Request failed with status 404")
        let expected = """
            {"status":"failed","components":{"huggingFaceFetch":{"status":"failed","lastError":\
            "Phi-3: Request failed with status 404"},"cache":{"read":"ok","write":"failed"},\
            "scoreCompute":{"status":"failed","lastError":"no \\"figures\\""}},\
            "snapshot":{"updatedAt":null,"ageSeconds":null}}
            """
        #expect(String(decoding: report.document(), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        (healthy, HealthReport.Status.ok),
        (changed { $0.curated[0] = .init(displayName: "Llama 3 8B", error: "timeout") }, .degraded),
        (changed { $0.refreshError = "connection refused" }, .degraded),
        (changed { $0.cacheReads = false }, .failed),
        (changed { $0.cacheWrites = false }, .failed),
        (changed { $0.scoreError = "x" }, .failed),
        (changed { $0.snapshot = nil }, .failed),
        (
            changed {
                $0.refreshError = "x"
                $0.cacheReads = false
            }, .failed
        ),
    ])
    func isDegradedOnlyByFetching(report: HealthReport, status: HealthReport.Status) {
        #expect(report.status == status)
    }

    @Test func theFirstFailingModelInListOrderIsNamed() {
        var report = Self.healthy
        report.refreshError = "connection refused"
        #expect(report.fetchError == "Llama 3 8B: connection refused")
        report.curated = [
            .init(displayName: "A", error: nil), .init(displayName: "B", error: "late"),
            .init(displayName: "C", error: "early"),
        ]
        #expect(report.fetchError == "B: late")
        report.curated = []
        #expect(report.fetchError == "connection refused")
    }
}
