import Alerts
import Model

/// States and events by the names that the tables of ``DecisionTableTests`` use. Thresholds are 10 and 20; a level must
/// hold for 60 seconds, goes on for 30, is not told again for 300 and again after 600.
enum Named {
    static let now = Timestamp(milliseconds: 1_790_000_000_000)
    static let policy = AlertPolicy(
        warning: 10, critical: 20, recover: 8, holdFor: .seconds(60), keepFiring: .seconds(30),
        cooldown: .seconds(300), repeatAfter: .seconds(600), window: .hours(1))

    static func ago(_ seconds: Int64) -> Timestamp { now - .seconds(seconds) }

    /// A state as the name says: where it is, what was told, and how long what depends on time has lasted.
    static func state(_ name: String) -> AlertState {
        var state = AlertState(evaluatedAt: ago(5))
        let words = name.split(separator: " ").map(String.init)
        switch words[0] {
        case "pending": pend(&state, words[1], since: words.last == "due" ? 60 : 59)
        case "warning", "critical": fire(&state, words)
        case "resolved":
            state.status = .resolved
            state.triggeredAt = ago(900)
            state.notifiedAt = ago(5)
        default: break
        }
        return state
    }

    private static func pend(_ state: inout AlertState, _ level: String, since: Int64) {
        state.severity = level == "critical" ? .critical : .warning
        state.warning = AlertCondition(since: ago(since), lastHeld: ago(5))
        if level == "critical" { state.critical = state.warning }
    }

    /// `warning told warning`, with one of `fresh` (told just now), `cooled` (the cooldown is over), `old` (a
    /// repetition is due), `fading` and `faded` (the condition was true 29 or 30 seconds ago), `rising` (the worse
    /// condition has been true for 60 seconds), `blind` (no data for an hour).
    private static func fire(_ state: inout AlertState, _ words: [String]) {
        let isCritical = words[0] == "critical"
        state.status = isCritical ? .critical : .warning
        state.severity = isCritical ? .critical : .warning
        state.triggeredAt = ago(900)
        state.warning = AlertCondition(since: ago(900), lastHeld: ago(5))
        if isCritical { state.critical = state.warning }
        state.told = AlertLevel(rawValue: words[2])
        let how = words.last ?? ""
        if state.told != nil { state.notifiedAt = ago(how == "old" ? 600 : how == "cooled" ? 300 : 5) }
        if state.told == nil { state.suppression = .silence }
        switch how {
        case "fading", "faded":
            let held = ago(how == "fading" ? 29 : 30)
            state.severity = .ok
            state.warning.lastHeld = held
            if isCritical { state.critical.lastHeld = held }
        case "rising": state.critical = AlertCondition(since: ago(60), lastHeld: ago(5))
        case "blind":
            state.severity = .noData
            state.unknownSince = ago(3_600)
        default: break
        }
    }

    static let events: KeyValuePairs<String, AlertEvent> = [
        "8": .measured(8), "9": .measured(9), "15": .measured(15), "25": .measured(25), "no data": .noData,
        "failed": .failed, "dropped": .dropped(.ruleDisabled),
    ]

    static let quiets: KeyValuePairs<String, AlertQuiet> = [
        "loud": AlertQuiet(), "silenced": AlertQuiet(warning: .silence, critical: .silence),
        "muted": AlertQuiet(warning: .critical),
    ]

    private static let places: [AlertStatus: String] = [.ok: "o", .warning: "w", .critical: "c", .resolved: "r"]
    private static let notices: [AlertNotice: String] = [
        .first: "+", .escalation: "^", .deescalation: "v", .again: "*", .resolved: ".",
    ]

    /// What came of an event, in the signs of the tables.
    static func outcome(_ state: String, _ event: AlertEvent, _ quiet: AlertQuiet) -> String {
        var alert = Alert(policy, state: Named.state(state))
        let action = alert.on(event, quiet: quiet, at: now)
        let after = alert.state
        let place = after.isPending && after.status == .ok ? "p" : places[after.status] ?? "?"
        let told = action.notice.flatMap { notices[$0] } ?? ""
        let quietly = after.suppression.map { $0 == .silence ? "s" : "m" } ?? ""
        return place + told + quietly
    }
}
