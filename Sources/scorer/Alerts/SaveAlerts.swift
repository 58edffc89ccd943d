import Alerts
import Jobs
import Model
import SQLite
import Store

/// Takes figures in: every rule in its scopes goes on from where it stands, and what that leads to is stored together:
/// the state, a row for what has happened, the event that tells it.
///
/// States are read under the write lock, so two scorers at work at once neither tell a thing twice nor forget one.
struct SaveAlerts: Write {
    /// How many notifications one transaction tells: the rest follows in the next, since each may go to many receivers.
    static let mostNotices = 200
    /// A result is out of date if another came later; further apart it was a clock that has been put back.
    private static let late = Duration.minutes(10)
    /// For how long it is kept what happened.
    static let kept = Duration.days(90)
    private static let batch = 500

    let figures: AlertFigures
    let traceParent: String?
    var mostNotices = Self.mostNotices

    private var now: Timestamp { figures.at }

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let rules = try connection.run(.alertRules()).compactMap(\.self)
        let silences = try connection.run(.alertSilences(at: now)).compactMap { row in
            AlertSilence(row.matchers.compactMap { AlertMatcher($0) }, expiresAt: row.expiresAt)
        }
        let standings = standings(rules, try known(rules, connection))
        let loudest = loudest(standings, silences)
        var (told, next): (Int, Timestamp?) = (0, silences.map(\.expiresAt).min())
        for standing in standings {
            guard told < mostNotices else {
                try connection.enqueueEvaluation(traceParent: traceParent, now: now)
                break
            }
            var standing = standing
            let quiet = quiet(standing, silences, mutes: loudest)
            let before = standing.alert.state
            let action = standing.alert.on(standing.figure.event, quiet: quiet, at: now)
            try store(standing, before, action, in: connection)
            if action.notice != nil { told += 1 }
            next = [next, standing.alert.nextChange].compactMap(\.self).min()
        }
        try plan(next, in: connection)
        try connection.run(
            Query<Void>.pruneAlertTransitions(before: now - Self.kept, limit: Self.batch))
        try connection.run(Query<Void>.pruneAlertSilences(endedBefore: now - Self.kept, limit: Self.batch))
    }

    /// A rule in a scope, with what was found there.
    private struct Standing {
        let rule: AlertRule
        let scope: AlertScope
        let figure: AlertFigure
        var alert: Alert
        let isKnown: Bool
        /// Whether its row stays although there is nothing to remember: then a list shows the rule.
        let isLasting: Bool
    }

    /// What is stored, by rule and scope. Rows of other systems may call a scope by the reference alone; these get the
    /// name that it has here.
    private func known(
        _ rules: [AlertRule], _ connection: borrowing Connection
    ) throws(SQLiteError) -> [String: [AlertScope: AlertState]] {
        var known: [String: [AlertScope: AlertState]] = [:]
        let byID = Dictionary(rules.map { ($0.id, $0) }) { first, _ in first }
        for row in try connection.run(.alertStates()) {
            guard let rule = byID[row.rule] else { continue }
            let scope = AlertScope(name: row.scope) ?? rule.scope(of: row.scope)
            if scope.name != row.scope {
                try connection.run(Query<Void>.forgetAlertState(rule: rule.id, scope: row.scope))
                guard known[row.rule]?[scope] == nil else { continue }
            }
            known[row.rule, default: [:]][scope] = row.state
        }
        return known
    }

    private func standings(_ rules: [AlertRule], _ known: [String: [AlertScope: AlertState]]) -> [Standing] {
        rules.flatMap { rule -> [Standing] in
            let states = known[rule.id] ?? [:]
            var scopes = Set(states.keys)
            if rule.isEnabled {
                // It was changed after it was looked at: whoever did that has asked for another look.
                guard figures.versions[rule.id] == rule.version else { return [] }
                scopes.formUnion(rule.namedScope.map { [$0] } ?? figures.scopes(of: rule))
            }
            return scopes.sorted { $0.name < $1.name }.compactMap { scope in
                let state = states[scope]
                if let state, state.evaluatedAt > now, state.evaluatedAt - now < Self.late { return nil }
                return Standing(
                    rule: rule, scope: scope, figure: figure(of: rule, in: scope),
                    alert: Alert(rule.policy, state: state ?? AlertState(evaluatedAt: now)), isKnown: state != nil,
                    isLasting: rule.isEnabled && rule.namedScope == scope)
            }
        }
    }

    private func figure(of rule: AlertRule, in scope: AlertScope) -> AlertFigure {
        func dropped(_ end: AlertEnd) -> AlertFigure { AlertFigure(event: .dropped(end), sessions: 0, unknown: 0) }
        guard rule.isEnabled else { return dropped(.ruleDisabled) }
        if let named = rule.namedScope {
            guard named == scope else { return dropped(.ruleChanged) }
        } else if !rule.looksAt(scope) {
            return dropped(.ruleChanged)
        }
        return figures.figure(of: rule, in: scope)
    }

    /// The scopes in which something critical is told: there warnings are muted. What is silenced mutes nothing, or
    /// nobody would hear of anything.
    private func loudest(_ standings: [Standing], _ silences: [AlertSilence]) -> Set<AlertScope> {
        var scopes: Set<AlertScope> = []
        for standing in standings where standing.alert.level(after: standing.figure.event, at: now) == .critical {
            if !isSilenced(standing, .critical, silences) { scopes.insert(standing.scope) }
        }
        return scopes
    }

    private func isSilenced(_ standing: Standing, _ level: AlertLevel, _ silences: [AlertSilence]) -> Bool {
        let subject = AlertSubject(
            rule: standing.rule.id, metric: standing.rule.metric.rawValue, scope: standing.scope, level: level)
        return silences.contains { $0.covers(subject, at: now) }
    }

    private func quiet(_ standing: Standing, _ silences: [AlertSilence], mutes: Set<AlertScope>) -> AlertQuiet {
        AlertQuiet(
            warning: isSilenced(standing, .warning, silences)
                ? .silence : mutes.contains(standing.scope) ? .critical : nil,
            critical: isSilenced(standing, .critical, silences) ? .silence : nil)
    }

    private func store(
        _ standing: Standing, _ before: AlertState, _ action: AlertAction, in connection: borrowing Connection
    ) throws(SQLiteError) {
        let (rule, scope, state) = (standing.rule, standing.scope.name, standing.alert.state)
        if state.isPlain, !standing.isLasting {
            if standing.isKnown { try connection.run(Query<Void>.forgetAlertState(rule: rule.id, scope: scope)) }
        } else {
            try connection.run(
                Query<Void>.saveAlertState(
                    StoredAlert(rule: rule.id, scope: scope, state: state),
                    fingerprint: AlertNews.fingerprint(rule: rule.id, scope: scope, status: state.status)))
        }
        guard action.isTransition else { return }
        let id = try connection.run(
            .addAlertTransition(
                AlertTransition(
                    rule: rule.id, metric: rule.metric.rawValue, scope: scope, from: before.place, to: state.place,
                    suppression: state.suppression, notice: action.notice?.rawValue, ending: action.end?.rawValue,
                    value: state.value, at: now))
        ).first
        guard let id, let notice = action.notice else { return }
        let news = AlertNews(
            rule: rule, scope: standing.scope, figure: standing.figure, before: before, state: state, notice: notice,
            end: action.end)
        if let event = news.event(transition: id, traceParent) {
            try EmitEvent(event, now: now).apply(to: connection)
        }
    }

    /// Asks for a look at the moment when something is due, if that comes before the next tick of the clock.
    private func plan(_ next: Timestamp?, in connection: borrowing Connection) throws(SQLiteError) {
        guard let next, next > now, next < now + EvaluateAlerts.period else { return }
        let moment = max(next, now + EvaluateAlerts.gather)
        try connection.enqueueEvaluation(
            EvaluateAlerts(dueAt: moment), at: moment, traceParent: traceParent, now: now)
    }
}

extension AlertState {
    /// The status, or that it waits to begin.
    fileprivate var place: String { isPending && status == .ok ? "pending" : status.rawValue }
}

extension AlertRule {
    /// Whether a rule that names no scope looks at this one.
    fileprivate func looksAt(_ scope: AlertScope) -> Bool {
        switch scope {
        case .global: scopeType == .global
        case .agent: scopeType == .agent
        case .model: scopeType == .model
        case .agentModel: scopeType == .agentModel
        }
    }
}
