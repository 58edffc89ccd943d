import Model
import Store

/// How a stage is doing, in one word and, where something is wrong, in a sentence.
enum StageCondition: String, Sendable {
    case healthy = "Healthy"
    case behind = "Behind"
    case paused = "Paused"
    /// No process listens for its work.
    case stopped = "Stopped"

    init(_ stage: StageBacklog, isListening: Bool) {
        if stage.pauses.contains(where: { $0.target == stage.stage.rawValue }) {
            self = .paused
        } else if !isListening {
            self = .stopped
        } else {
            self = stage.isBehind ? .behind : .healthy
        }
    }
}

/// A sentence for the banner: what is wrong, and what is known about it.
struct Alert: Equatable, Sendable {
    /// What it is about: a stage, or `dead`.
    let subject: String
    var what = ""
    var why = ""

    /// What is wrong with a stage; the texts are empty if nothing is.
    init(_ stage: StageBacklog, _ condition: StageCondition) {
        subject = stage.stage.rawValue
        let name = stage.stage.title
        var reasons: [String] = []
        switch condition {
        case .healthy: break
        case .behind: what = "\(name) is behind."
        case .paused: what = stage.isBehind ? "\(name) is paused and behind." : "\(name) is paused."
        case .stopped: what = "\(name) has stopped."
        }
        if condition != .healthy, stage.isBehind { reasons.append(Self.wait(of: stage)) }
        if condition == .stopped {
            reasons.append("No process listens for its work; \(Figures.exact(Int64(stage.waiting))) jobs wait.")
        }
        for pause in stage.pauses {
            let isStage = pause.target == stage.stage.rawValue
            if !isStage, what.isEmpty { what = "\(pause.target) is paused." }
            reasons.append(Self.words(pause, named: isStage ? "" : "\(pause.target): "))
        }
        why = reasons.joined(separator: " ")
    }

    /// That there are dead jobs.
    init(dead: Int, inTheLastHour recent: Int) {
        subject = "dead"
        guard dead > 0 else { return }
        what = dead == 1 ? "1 job is dead." : "\(Figures.exact(Int64(dead))) jobs are dead."
        why = recent > 0 ? "\(Figures.exact(Int64(recent))) in the last hour." : "None in the last hour."
    }

    /// That the upstream has refused calls for a while.
    init(quota: UpstreamQuota?, now: Timestamp) {
        subject = "hub"
        guard let quota, quota.blockedUntil > now else { return }
        what = "The Hub is not called."
        why = "\(quota.blockedReason ?? "It asked to wait"); until \(TimeText.moment(quota.blockedUntil))."
    }

    private static func wait(of stage: StageBacklog) -> String {
        let waited = stage.oldestReadyAge.map(TimeText.duration) ?? "—"
        let objective = stage.objective.map { " (objective \(TimeText.length($0)))" } ?? ""
        return "Oldest job has waited \(waited)\(objective)."
    }

    private static func words(_ pause: Pause, named name: String) -> String {
        let end = pause.until.map { "until \(TimeText.moment($0))" } ?? "until somebody resumes it"
        return "\(name)“\(pause.reason)”, by \(pause.pausedBy), \(end)."
    }
}

extension StageName {
    /// As pages write it.
    var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

extension TimeText {
    /// A length that somebody has set, in the form of a stopwatch: 45s · 1m 00s · 2h 04m.
    static func length(_ length: Duration) -> String {
        length < .minutes(1) ? "\(length.components.seconds)s" : duration(length)
    }
}
