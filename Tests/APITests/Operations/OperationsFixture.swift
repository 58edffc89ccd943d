import Model
import Store

@testable import api

/// Made-up figures of the queue, and the pages drawn from them.
enum OperationsFixture {
    static let now = Timestamp(milliseconds: 1_777_884_199_965)

    static func stage(_ name: StageName, _ change: (inout StageBacklog) -> Void = { _ in }) -> StageBacklog {
        var stage = StageBacklog(stage: name)
        stage.objective = .minutes(1)
        stage.depthLimit = 1_000
        change(&stage)
        return stage
    }

    /// All stages, of which some are changed.
    static func figures(_ changed: StageBacklog...) -> OperationsFigures {
        let backlog = StageName.allCases.map { name in changed.first { $0.stage == name } ?? stage(name) }
        return OperationsFigures(backlog: backlog, readAt: now)
    }

    static func pause(_ target: String, until: Timestamp? = nil) -> Pause {
        Pause(target: target, reason: "deploy <b>", pausedBy: "page:ada", since: now - .minutes(5), until: until)
    }

    static func dead(_ id: Int64, _ errorClass: String = "tls", message: String = "no way") -> DeadJob {
        DeadJob(
            id: JobID(id), stage: "notify", kind: "deliver-webhook", errorClass: errorClass, errorMessage: message,
            attempts: 8, firstFailedAt: now - .hours(3), lastFailedAt: now - .minutes(10))
    }

    static func view(_ figures: OperationsFigures = figures()) -> OperationsView {
        OperationsView(figures: figures, assets: AssetCatalog(digest: AssetTests.sum))
    }

    static func draw(_ view: OperationsView) -> String {
        String(decoding: OperationsPage.render(view), as: UTF8.self)
    }
}
