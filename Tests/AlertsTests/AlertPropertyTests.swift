import Alerts
import Model
import TestKit
import Testing

/// Random rules with random figures, failures and silences, against what a reader of the whole history would say.
@Suite struct AlertPropertyTests {
    private struct Step {
        let at: Timestamp
        /// `nil`: there is no data.
        let value: Double?
        let quiet: AlertQuiet
    }

    private static func policy(_ chance: inout SplitMix64) -> AlertPolicy {
        func seconds(_ most: Int64) -> Duration { .seconds(Int64.random(in: 0...most, using: &chance)) }
        return AlertPolicy(
            warning: 10, critical: [10, 20].randomElement(using: &chance) ?? 20,
            isInclusive: Bool.random(using: &chance), recover: [nil, 6, 10].randomElement(using: &chance) ?? nil,
            holdFor: [.zero, seconds(120)].randomElement(using: &chance) ?? .zero,
            keepFiring: [.zero, seconds(120)].randomElement(using: &chance) ?? .zero, cooldown: seconds(300),
            repeatAfter: [nil, .zero, seconds(600)].randomElement(using: &chance) ?? nil, window: .seconds(300))
    }

    private static func steps(_ chance: inout SplitMix64) -> [Step] {
        var now = Timestamp(milliseconds: 1_790_000_000_000)
        var (value, quiet): (Double?, AlertQuiet) = (5, AlertQuiet())
        return (0..<400).map { _ in
            now = now + .seconds(Int64.random(in: 1...60, using: &chance))
            if Int.random(in: 0..<3, using: &chance) == 0 {
                value = [nil, 5, 6, 8, 10, 15, 20, 25].randomElement(using: &chance) ?? nil
            }
            if Int.random(in: 0..<8, using: &chance) == 0 {
                quiet =
                    [
                        AlertQuiet(), AlertQuiet(), AlertQuiet(warning: .silence, critical: .silence),
                        AlertQuiet(warning: .critical),
                    ].randomElement(using: &chance) ?? quiet
            }
            return Step(at: now, value: value, quiet: quiet)
        }
    }

    /// What those who are told believe, and when they were told, from the notices alone.
    private struct Listener {
        var level: AlertLevel?
        var told: Timestamp?

        mutating func hear(_ notice: AlertNotice, _ now: AlertLevel?, at moment: Timestamp, _ policy: AlertPolicy) {
            switch notice {
            case .first: #expect(level == nil && now != nil, "it was told already")
            case .escalation: #expect(level == .warning && now == .critical)
            case .deescalation: #expect(level == .critical && now == .warning)
            case .resolved: #expect(level != nil && now == nil, "the end of what nobody was told of")
            case .again:
                #expect(level == now && now != nil)
                let passed = told.map { moment - $0 } ?? .zero
                #expect(policy.pause.map { passed >= $0 } ?? false, "again after \(passed)")
                #expect(passed >= policy.cooldown)
            }
            (level, told) = (now, moment)
        }
    }

    @Test(arguments: UInt64(1)...60)
    func whoListensIsNeverWrongForLong(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let policy = Self.policy(&chance)
        var alert: Alert?
        var listener = Listener()
        for step in Self.steps(&chance) {
            var current = alert ?? Alert(policy, state: AlertState(evaluatedAt: step.at))
            let before = current.state.status
            let event = step.value.map(AlertEvent.measured) ?? .noData
            let foretold = current.level(after: event, at: step.at)
            let action = current.on(event, quiet: step.quiet, at: step.at)
            let state = current.state
            #expect(state.status.level == foretold, "what is silent does not change what is wrong")
            if let notice = action.notice { listener.hear(notice, state.status.level, at: step.at, policy) }
            #expect(state.told == listener.level)
            if state.status.level == nil {
                #expect(listener.level == nil, "nobody believes in what is over")
            } else if state.suppression == nil, state.severity.rawValue == state.status.rawValue {
                #expect(listener.level == state.status.level, "whoever listens knows what is wrong")
            }
            if before == .resolved { #expect(state.status != .resolved, "resolved lasts for one evaluation") }
            alert = current
        }
        #expect(alert != nil)
    }

    /// A level is on exactly where the history says so.
    @Test(arguments: UInt64(1)...60)
    func levelsFollowFromTheHistory(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        var policy = Self.policy(&chance)
        policy.recover = nil
        var alert = Alert(policy, state: AlertState(evaluatedAt: Timestamp(milliseconds: 0)))
        var (warning, critical) = (History(), History())
        for step in Self.steps(&chance) {
            // The end for want of data has its own tests.
            let value = step.value ?? 5
            _ = alert.on(.measured(value), at: step.at)
            func reaches(_ threshold: Double) -> Bool {
                policy.isInclusive ? value >= threshold : value > threshold
            }
            warning.add(reaches(policy.warning), at: step.at, policy)
            critical.add(reaches(policy.critical), at: step.at, policy)
            #expect((alert.state.status.level != nil) == warning.isOn)
            #expect((alert.state.status.level == .critical) == critical.isOn)
        }
    }

    /// A level by its whole history: on after it has been true for long enough, off after it has been false for long.
    private struct History {
        private var points: [(at: Timestamp, isTrue: Bool)] = []
        var isOn = false

        mutating func add(_ isTrue: Bool, at now: Timestamp, _ policy: AlertPolicy) {
            points.append((now, isTrue))
            if isOn {
                let last = points.last { $0.isTrue }?.at ?? now
                isOn = isTrue || now - last < policy.keepFiring
            } else {
                let run = points.reversed().prefix { $0.isTrue }
                isOn = run.last.map { now - $0.at >= policy.holdFor } ?? false
            }
            if !isOn, !isTrue { points = [] }
        }
    }

    /// Between two evaluations nothing was due before the moment that was named.
    @Test(arguments: UInt64(1)...60)
    func nothingIsDueBeforeItIsSaid(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let policy = Self.policy(&chance)
        var alert = Alert(policy, state: AlertState(evaluatedAt: Timestamp(milliseconds: 0)))
        for step in Self.steps(&chance) {
            let event = step.value.map(AlertEvent.measured) ?? .noData
            _ = alert.on(event, at: step.at)
            guard alert.state.status != .resolved else { continue }
            let next = alert.nextChange ?? step.at + .days(1)
            guard next > step.at else { continue }
            var early = alert
            let action = early.on(event, at: step.at + .milliseconds(max(1, (next - step.at).milliseconds - 1)))
            #expect(action == AlertAction(), "\(action) before \(next)")
        }
    }
}
