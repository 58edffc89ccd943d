import Alerts
import Model
import SQLite
import Store

/// What a rule's metric is in a scope.
struct AlertFigure: Equatable, Sendable {
    let event: AlertEvent
    /// Of how many settled sessions, and of how many of these the figure is not known.
    let sessions: Int64
    let unknown: Int64

    static let nothing = AlertFigure(event: .noData, sessions: 0, unknown: 0)
    static let failed = AlertFigure(event: .failed, sessions: 0, unknown: 0)
}

/// The figures of all enabled rules at a moment, from the facts.
///
/// A window holds the settled sessions that ended in it. What is not known is no data, and never 0; that nothing was
/// spent where no session ended is known.
struct AlertFigures: Sendable {
    let at: Timestamp
    /// By rule and the name of the scope; the version is the one that was looked at.
    private(set) var figures: [String: [AlertScope: AlertFigure]] = [:]
    private(set) var versions: [String: Int64] = [:]
    /// Rules whose figures could not be computed, and why.
    private var failed: Set<String> = []
    private(set) var faults: [String] = []

    init(at moment: Timestamp) {
        at = moment
    }

    /// Reads what the rules ask for: each window once, and each set of runtimes once.
    static func read(
        _ rules: [AlertRule], at moment: Timestamp, from db: borrowing Connection
    ) throws(SQLiteError) -> AlertFigures {
        var found = AlertFigures(at: moment)
        for window in AlertRule.Window.allCases {
            let asking = rules.filter { $0.isEnabled && $0.window == window }
            guard !asking.isEmpty else { continue }
            let start = moment - window.length
            let sums = try found.noting { () throws(SQLiteError) in
                try db.run(.settledSessions(after: start, until: moment))
            }
            for rule in asking {
                found.versions[rule.id] = rule.version
                if rule.metric == .runtimeP95 {
                    let runtimes = try found.noting { () throws(SQLiteError) in
                        try db.run(.settledRuntimes(rule.scopeType, rule.scopeRef, after: start, until: moment))
                    }
                    found.figures[rule.id] = runtimes.map { percentiles(rule, $0, sums ?? []) }
                } else {
                    found.figures[rule.id] = sums.map { sum(rule, $0) }
                }
                if found.figures[rule.id] == nil { found.failed.insert(rule.id) }
            }
        }
        return found
    }

    /// What a rule's scope has; a scope without settled sessions has what nothing has.
    func figure(of rule: AlertRule, in scope: AlertScope) -> AlertFigure {
        if failed.contains(rule.id) { return .failed }
        if let figure = figures[rule.id]?[scope] { return figure }
        return rule.metric == .dailyCost ? AlertFigure(event: .measured(0), sessions: 0, unknown: 0) : .nothing
    }

    /// The scopes of a rule that have settled sessions.
    func scopes(of rule: AlertRule) -> [AlertScope] {
        Array((figures[rule.id] ?? [:]).keys)
    }

    /// Keeps an error that only this statement has; one of the database ends the reading.
    private mutating func noting<Output>(
        _ body: () throws(SQLiteError) -> [Output]
    ) throws(SQLiteError) -> [Output]? {
        do throws(SQLiteError) {
            return try body()
        } catch {
            guard error.blamesStatement else { throw error }
            faults.append(error.description)
            return nil
        }
    }

    private static func sum(_ rule: AlertRule, _ rows: [SettledSessions]) -> [AlertScope: AlertFigure] {
        var tallies: [AlertScope: Tally] = [:]
        for row in rows {
            if let scope = rule.scope(for: row) { tallies[scope, default: Tally()].add(row) }
        }
        return tallies.mapValues { rule.metric == .failureRate ? $0.failureRate : $0.cost }
    }

    private static func percentiles(
        _ rule: AlertRule, _ runtimes: [SettledRuntime], _ rows: [SettledSessions]
    ) -> [AlertScope: AlertFigure] {
        var ended: [AlertScope: Int64] = [:]
        for row in rows {
            if let scope = rule.scope(for: row) { ended[scope, default: 0] += row.ended }
        }
        var figures = ended.mapValues { AlertFigure(event: .noData, sessions: $0, unknown: $0) }
        for runtime in runtimes {
            let scope = rule.scope(of: runtime.scope)
            let all = max(ended[scope] ?? 0, runtime.timed)
            figures[scope] = AlertFigure(
                event: .measured(Double(runtime.p95)), sessions: all, unknown: all - runtime.timed)
        }
        return figures
    }
}

extension AlertRule {
    /// In which of the rule's scopes a group of sessions counts; `nil`: in none.
    fileprivate func scope(for row: SettledSessions) -> AlertScope? {
        let reference: String
        switch scopeType {
        case .global: return .global
        case .agent: reference = row.agent
        case .model: reference = row.model
        case .agentModel: reference = "\(row.agent)|\(row.model)"
        }
        guard scopeRef == nil || scopeRef == reference else { return nil }
        return scope(of: reference)
    }
}

/// Settled sessions added up.
private struct Tally {
    private var ended: Int64 = 0
    private var failures: Int64 = 0
    private var priced: Int64 = 0
    /// `nil`: more than can be counted.
    private var nanoUSD: Int64? = 0

    mutating func add(_ row: SettledSessions) {
        ended += row.ended
        failures += row.failed
        priced += row.priced
        nanoUSD = nanoUSD.flatMap { sum in
            let (total, isTooMuch) = sum.addingReportingOverflow(row.cost)
            return isTooMuch ? nil : total
        }
    }

    var failureRate: AlertFigure {
        guard ended > 0 else { return .nothing }
        return AlertFigure(event: .measured(Double(failures) / Double(ended)), sessions: ended, unknown: 0)
    }

    /// The known costs: others are counted beside, and where there are no others there is nothing to judge.
    var cost: AlertFigure {
        guard let nanoUSD else { return .failed }
        guard priced > 0 || ended == 0 else { return AlertFigure(event: .noData, sessions: ended, unknown: ended) }
        return AlertFigure(
            event: .measured(Double(nanoUSD) / 1_000_000_000), sessions: ended, unknown: ended - priced)
    }
}
