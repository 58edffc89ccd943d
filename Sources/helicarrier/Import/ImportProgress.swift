import Jobs
import Model
import Store

/// How far the pipeline has come with everything that an import asked for: its own jobs, what came out of them, and the
/// publication of the feed.
struct ImportProgress: Equatable, Sendable {
    private(set) var done = 0
    private(set) var total = 0
    /// Jobs by the stage that they wait for or run in.
    private(set) var open: [StageName: Int] = [:]
    /// Jobs that will not be done, with their reason.
    private(set) var lost: [JobStep] = []

    var hasEnded: Bool { open.isEmpty }

    /// - Parameters:
    ///   - steps: the jobs from the first one asked for onwards, in their order, so that a child follows its parent.
    ///   - publishing: unfinished publications of the feed, whoever asked for them: an earlier one may stand for ours.
    init(asked: Set<JobID>, steps: [JobStep], publishing: [JobStep]) {
        var ours = asked
        var counted: Set<JobID> = []
        for step in steps where asked.contains(step.id) || step.parent.map(ours.contains) == true {
            ours.insert(step.id)
            counted.insert(step.id)
            count(step)
        }
        for step in publishing where !counted.contains(step.id) { count(step) }
    }

    private mutating func count(_ step: JobStep) {
        total += 1
        switch step.state {
        case .done: done += 1
        case .dead, .cancelled: lost.append(step)
        case .scheduled, .ready, .running: open[Self.stage(of: step.kind), default: 0] += 1
        }
    }

    private static func stage(of kind: String) -> StageName {
        Catalog.kinds.first { $0.name == kind }?.stage ?? .normalize
    }
}

/// What stands between an import and its end, for the operator.
enum ImportHindrance {
    /// - Parameter listening: the stages that have a worker.
    static func text(_ progress: ImportProgress, listening: Set<StageName>, pauses: [Pause]) -> String? {
        for stage in StageName.allCases {
            guard let count = progress.open[stage] else { continue }
            let jobs = Spoken.count(count, "job waits", "jobs wait")
            if !listening.contains(stage) {
                return "\(jobs) for \(process(of: stage)): start it, or all with `helicarrier up`"
            }
            if let pause = pauses.first(where: { $0.target == stage.rawValue }) {
                return
                    "\(jobs): \(stage.rawValue) is paused (\(pause.reason)); see `helicarrier queue resume`"
            }
        }
        return nil
    }

    static func process(of stage: StageName) -> String {
        switch stage {
        case .fetch: "fetcher"
        case .normalize: "normalizer"
        case .score: "scorer"
        case .notify: "notifier"
        }
    }
}
