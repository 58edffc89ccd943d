package import Model

/// What an evaluation found.
package enum AlertEvent: Hashable, Sendable {
    case measured(Double)
    /// Nothing is known: nobody can say whether it is better or worse.
    case noData
    /// The figure could not be computed.
    case failed
    /// The rule does not look at the scope any more.
    case dropped(AlertEnd)
}

/// Why an alert has ended.
package enum AlertEnd: String, CaseIterable, Sendable {
    case recovered
    case noData = "no_data"
    case ruleDisabled = "rule_disabled"
    case ruleChanged = "rule_changed"
}

/// Whether somebody may be told of an alert of each level, as silences and worse alerts have it.
package struct AlertQuiet: Hashable, Sendable {
    package var warning: AlertSuppression?
    package var critical: AlertSuppression?

    package init(warning: AlertSuppression? = nil, critical: AlertSuppression? = nil) {
        self.warning = warning
        self.critical = critical
    }

    func suppression(of level: AlertLevel) -> AlertSuppression? {
        level == .warning ? warning : critical
    }
}

/// Why somebody is told.
package enum AlertNotice: String, CaseIterable, Sendable {
    case first, escalation, deescalation, resolved
    case again = "repeat"
}

/// What an evaluation leads to.
package struct AlertAction: Equatable, Sendable {
    /// Whether something has changed that is kept as a row.
    package var isTransition = false
    /// Whether somebody is told, and why.
    package var notice: AlertNotice?
    /// Why the alert has ended, if it has.
    package var end: AlertEnd?

    package init(isTransition: Bool = false, notice: AlertNotice? = nil, end: AlertEnd? = nil) {
        self.isTransition = isTransition
        self.notice = notice
        self.end = end
    }
}

/// A rule in a scope, from one evaluation to the next. Pure: what was found, what is silent and the time come in.
///
/// Three things are apart here: which level is **on** (conditions, how long they have been true, how long ago they
/// were), whether it is **suppressed**, and what has been **told**. Whoever is told believes the last notification; a
/// notification is due when that belief is wrong and nothing suppresses it. From this follow the first notification,
/// escalation, de-escalation, the one that is due when a silence ends, and that every alert that was told is told to
/// have ended, silence or not: an alarm may be unwanted, its end is not. An alarm needs evidence: it is told when the
/// level's condition is true at that moment, and not while an alert only goes on for want of data or of time.
package struct Alert: Equatable, Sendable {
    package let policy: AlertPolicy
    package private(set) var state: AlertState

    /// - Parameter state: may come from elsewhere and lack how long its level has been on: then for as long as the
    ///   alert.
    package init(_ policy: AlertPolicy, state: AlertState) {
        self.policy = policy
        self.state = state
        let begun = state.triggeredAt ?? state.evaluatedAt
        let known = AlertCondition(since: begun, lastHeld: state.evaluatedAt)
        if state.status.level != nil, state.warning.since == nil { self.state.warning = known }
        if state.status.level == .critical, state.critical.since == nil { self.state.critical = known }
    }

    /// The level that an event would lead to: what decides which warnings are muted.
    package func level(after event: AlertEvent, at now: Timestamp) -> AlertLevel? {
        var next = self
        _ = next.on(event, at: now)
        return next.state.status.level
    }

    package mutating func on(_ event: AlertEvent, quiet: AlertQuiet = AlertQuiet(), at now: Timestamp) -> AlertAction {
        let before = state
        state.forgetTheFuture(now)
        state.evaluatedAt = now
        state.isDeduped = false
        var action = AlertAction()
        switch event {
        case .failed:
            state.severity = .error
            state.isDeduped = before.isDeduped
            return action
        case .measured(let value): judge(value, now)
        case .noData: action.end = miss(now)
        case .dropped(let reason):
            (state.warning, state.critical) = (AlertCondition(), AlertCondition())
            (state.severity, state.value, state.unknownSince) = (.ok, nil, nil)
            action.end = reason
        }
        let level = onLevel(before.status, endsNow: action.end != nil)
        move(to: level, from: before.status, now)
        if before.status.level == nil || state.status != .resolved {
            action.end = nil
        } else if action.end == nil {
            action.end = .recovered
        }
        state.suppression = level.flatMap { quiet.suppression(of: $0) }
        action.notice = notice(level, now)
        action.isTransition =
            action.notice != nil || before.status != state.status || before.suppression != state.suppression
            || before.isPending != state.isPending
        return action
    }

    /// When, if the figure stays as it is, an evaluation would lead to something; `nil`: never.
    package var nextChange: Timestamp? {
        var moments: [Timestamp?] = []
        let level = state.status.level
        let isKnown = state.severity != .noData && state.severity != .error
        for (condition, own) in [(state.warning, AlertLevel.warning), (state.critical, .critical)] where isKnown {
            let isOn = level.map { $0 >= own } ?? false
            if !isOn { moments.append(condition.since.map { $0 + policy.holdFor }) }
            if isOn, let held = condition.lastHeld, held < state.evaluatedAt {
                moments.append(held + policy.keepFiring)
            }
        }
        if !isKnown, level != nil { moments.append(state.unknownSince.map { $0 + policy.window }) }
        if state.told != nil, state.told == level, state.suppression == nil, let pause = policy.pause {
            moments.append(state.notifiedAt.map { $0 + pause })
        }
        return moments.compactMap(\.self).min()
    }
}

extension Alert {
    private mutating func judge(_ value: Double, _ now: Timestamp) {
        let level = state.status.level
        state.value = value
        state.severity = policy.severity(of: value)
        state.unknownSince = nil
        state.warning.see(policy.holds(.warning, value, isOn: level != nil), isOn: level != nil, policy, now)
        state.critical.see(
            policy.holds(.critical, value, isOn: level == .critical), isOn: level == .critical, policy, now)
    }

    /// Without data nothing begins, and what is on stays on; but not for ever.
    private mutating func miss(_ now: Timestamp) -> AlertEnd? {
        state.severity = .noData
        state.value = nil
        let since = state.unknownSince ?? now
        state.unknownSince = since
        if state.status.level == nil { state.warning.since = nil }
        if state.status.level != .critical { state.critical.since = nil }
        guard state.status.level != nil, now - since >= policy.window else { return nil }
        (state.warning, state.critical) = (AlertCondition(), AlertCondition())
        return .noData
    }

    /// Which level is on: one that was stays until its condition has been false long enough, another begins when its
    /// condition has been true long enough.
    private func onLevel(_ before: AlertStatus, endsNow: Bool) -> AlertLevel? {
        guard !endsNow else { return nil }
        let known: [(AlertLevel, AlertCondition)] = [(.critical, state.critical), (.warning, state.warning)]
        return known.first { level, condition in
            guard let since = condition.since else { return false }
            let wasOn = before.level.map { $0 >= level } ?? false
            return wasOn || (condition.lastHeld == state.evaluatedAt && state.evaluatedAt - since >= policy.holdFor)
        }?.0
    }

    private mutating func move(to level: AlertLevel?, from before: AlertStatus, _ now: Timestamp) {
        if let level {
            state.status = AlertStatus(level)
            if before.level == nil { state.triggeredAt = now }
        } else if before.level != nil {
            state.status = .resolved
        } else {
            state.status = .ok
            state.triggeredAt = nil
        }
    }

    private mutating func notice(_ level: AlertLevel?, _ now: Timestamp) -> AlertNotice? {
        guard let level else {
            guard state.told != nil else { return nil }
            (state.told, state.notifiedAt) = (nil, now)
            return .resolved
        }
        guard state.suppression == nil else { return nil }
        let passed = state.notifiedAt.map { now - $0 }
        let notice: AlertNotice
        if let told = state.told, told > level {
            notice = .deescalation
        } else if state.told == level {
            state.isDeduped = (passed ?? policy.cooldown) < policy.cooldown
            guard let passed, let pause = policy.pause, passed >= pause else { return nil }
            notice = .again
        } else {
            notice = state.told == nil ? .first : .escalation
        }
        let condition = level == .warning ? state.warning : state.critical
        guard notice == .deescalation || condition.lastHeld == now else { return nil }
        (state.told, state.notifiedAt) = (level, now)
        return notice
    }
}

extension AlertCondition {
    /// Takes in whether the condition is true now.
    fileprivate mutating func see(_ holds: Bool, isOn: Bool, _ policy: AlertPolicy, _ now: Timestamp) {
        if holds {
            since = since ?? now
            lastHeld = now
        } else if !isOn || now - (lastHeld ?? now) >= policy.keepFiring {
            self = AlertCondition()
        }
    }
}

extension AlertState {
    /// Moments that are later than now were written by a clock that has been put back since: they count as now, or the
    /// alert would wait for them.
    fileprivate mutating func forgetTheFuture(_ now: Timestamp) {
        func known(_ moment: Timestamp?) -> Timestamp? { moment.map { min($0, now) } }
        warning = AlertCondition(since: known(warning.since), lastHeld: known(warning.lastHeld))
        critical = AlertCondition(since: known(critical.since), lastHeld: known(critical.lastHeld))
        (triggeredAt, unknownSince, notifiedAt) = (known(triggeredAt), known(unknownSince), known(notifiedAt))
    }
}
