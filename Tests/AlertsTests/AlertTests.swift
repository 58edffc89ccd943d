import Alerts
import Model
import Testing

/// Stories of single alerts: what each setting of a rule does.
@Suite struct AlertTests {
    private let start = Timestamp(milliseconds: 1_790_000_000_000)

    /// Tells an alert one value after another, `step` seconds apart; what it led to, as `second:notice`.
    private func story(
        _ policy: AlertPolicy, every step: Int64 = 60, _ values: [Double?],
        quiet: (Int64) -> AlertQuiet = { _ in AlertQuiet() }
    ) -> [String] {
        var alert = Alert(policy, state: AlertState(evaluatedAt: start))
        return values.enumerated().compactMap { index, value in
            let second = Int64(index) * step
            let event = value.map(AlertEvent.measured) ?? .noData
            let action = alert.on(event, quiet: quiet(second), at: start + .seconds(second))
            return action.notice.map { "\(second):\($0.rawValue)" }
        }
    }

    @Test func everyChangeOfSeverityIsToldAlsoWithinTheCooldown() {
        let policy = AlertPolicy(warning: 10, critical: 20, cooldown: .hours(1))
        #expect(
            story(policy, every: 1, [15, 15, 25, 25, 15, 15, 25, 5, 5, 15])
                == ["0:first", "2:escalation", "4:deescalation", "6:escalation", "7:resolved", "9:first"])
    }

    /// Were the cooldown to slide with each evaluation, nothing would ever be repeated.
    @Test func theCooldownCountsFromTheNotification() {
        let policy = AlertPolicy(warning: 10, critical: 20, cooldown: .seconds(300))
        let told = story(policy, every: 10, [Double](repeating: 15, count: 100))
        #expect(told == ["0:first", "300:repeat", "600:repeat", "900:repeat"])
    }

    @Test func whatIsSilencedByTheCooldownIsMarked() {
        var alert = Alert(
            AlertPolicy(warning: 10, critical: 20, cooldown: .seconds(300), repeatAfter: .seconds(600)),
            state: AlertState(evaluatedAt: start))
        var marks: [Bool] = []
        for second in [0, 1, 299, 300, 599, 600, 601] as [Int64] {
            _ = alert.on(.measured(15), at: start + .seconds(second))
            marks.append(alert.state.isDeduped)
        }
        #expect(marks == [false, true, true, false, false, false, true])
    }

    @Test(
        arguments: [
            (nil, 300, [0, 300, 600, 900]), (nil, 0, [0]), (.seconds(0), 300, [0]),
            (.seconds(120), 300, [0, 300, 600, 900]),
            (.seconds(400), 300, [0, 400, 800]), (.seconds(400), 0, [0, 400, 800]),
        ] as [(Duration?, Int64, [Int64])])
    func howOftenItIsRepeated(repeatAfter: Duration?, cooldown: Int64, told: [Int64]) {
        let policy = AlertPolicy(
            warning: 10, critical: 20, cooldown: .seconds(cooldown), repeatAfter: repeatAfter)
        let found = story(policy, every: 20, [Double](repeating: 15, count: 50))
        #expect(found.map { $0.prefix { $0 != ":" } }.map { Int64($0) } == told)
    }

    @Test func aLevelBeginsWhenItsConditionHasHeld() {
        let policy = AlertPolicy(warning: 10, critical: 20, holdFor: .seconds(120))
        #expect(story(policy, [15, 15, 5, 15, 15, 15]) == ["300:first"], "a break begins the wait anew")
        #expect(story(policy, [15, 25, 25, 25]) == ["120:first", "180:escalation"], "each level waits for itself")
        #expect(story(policy, [25, 25, 25]) == ["120:first"])
        #expect(story(policy, [15, nil, 15, 15]) == [], "what nobody knows has not held")
    }

    @Test func anAlertKeepsFiringAgainstFlapping() {
        let policy = AlertPolicy(warning: 10, critical: 20, keepFiring: .seconds(180), cooldown: .hours(1))
        #expect(story(policy, [15, 5, 15, 5, 15, 5, 5, 5]) == ["0:first", "420:resolved"])
        let eager = AlertPolicy(warning: 10, critical: 20, cooldown: .hours(1))
        #expect(story(eager, [15, 5, 15, 5]) == ["0:first", "60:resolved", "120:first", "180:resolved"])
    }

    @Test func anAlertEndsBelowTheThresholdOfRecovery() {
        let policy = AlertPolicy(warning: 10, critical: 20, recover: 6, cooldown: .hours(1))
        #expect(story(policy, [7, 15, 9, 7, 6]) == ["60:first", "240:resolved"])
        #expect(story(policy, [25, 15, 7, 6]) == ["0:first", "60:deescalation", "180:resolved"])
        var inclusive = policy
        inclusive.isInclusive = true
        #expect(story(inclusive, [10, 6, 5.9]) == ["0:first", "120:resolved"])
    }

    @Test func comparisonsAreExactAtTheThreshold() {
        #expect(story(AlertPolicy(warning: 10, critical: 20), [10, 20]) == ["60:first"])
        #expect(
            story(AlertPolicy(warning: 10, critical: 20, isInclusive: true), [10, 20]) == ["0:first", "60:escalation"])
        #expect(story(AlertPolicy(warning: 10, critical: 10), [11]) == ["0:first"])
    }

    @Test func whenASilenceEndsWhatStillHoldsIsTold() {
        let policy = AlertPolicy(warning: 10, critical: 20, cooldown: .hours(1))
        func silence(until end: Int64) -> (Int64) -> AlertQuiet {
            { $0 < end ? AlertQuiet(warning: .silence, critical: .silence) : AlertQuiet() }
        }
        #expect(story(policy, [15, 25, 25], quiet: silence(until: 120)) == ["120:first"])
        #expect(story(policy, [15, 5, 5, 5], quiet: silence(until: 120)) == [], "what nobody was told of ends untold")
    }

    @Test func theEndOfWhatWasToldIsToldInASilenceToo() {
        let policy = AlertPolicy(warning: 10, critical: 20, cooldown: .hours(1))
        let told = story(policy, [25, 25, 15, 5, 5]) { second in
            second >= 60 ? AlertQuiet(warning: .silence, critical: .silence) : AlertQuiet()
        }
        #expect(told == ["0:first", "180:resolved"])
    }

    @Test func anAlertWithoutDataEndsAfterItsWindow() {
        let policy = AlertPolicy(warning: 10, critical: 20, cooldown: .hours(1), window: .seconds(300))
        #expect(story(policy, [15, nil, nil, nil, nil, nil, nil, nil]) == ["0:first", "360:resolved"])
        #expect(story(policy, [15, nil, nil, 15, nil, nil, nil, nil, nil]) == ["0:first"], "data begins the wait anew")
        #expect(story(policy, [nil, nil, nil]) == [])
    }

    @Test func aClockThatWasPutBackSilencesNothing() {
        let policy = AlertPolicy(warning: 10, critical: 20, holdFor: .seconds(60), cooldown: .seconds(300))
        var alert = Alert(policy, state: AlertState(evaluatedAt: start))
        _ = alert.on(.measured(15), at: start + .days(365))
        #expect(alert.on(.measured(15), at: start).notice == nil)
        #expect(alert.on(.measured(15), at: start + .seconds(60)).notice == .first)
        _ = alert.on(.measured(15), at: start + .days(365))
        _ = alert.on(.measured(15), at: start + .seconds(70))
        #expect(alert.on(.measured(15), at: start + .seconds(370)).notice == .again)
    }

    @Test func aStateFromElsewhereHasBeenOnAsLongAsItSays() {
        var state = AlertState(evaluatedAt: start)
        (state.status, state.triggeredAt, state.told, state.notifiedAt) = (.critical, start, .critical, start)
        let policy = AlertPolicy(warning: 10, critical: 20, holdFor: .hours(1), cooldown: .hours(1))
        var alert = Alert(policy, state: state)
        #expect(alert.on(.noData, at: start + .seconds(60)) == AlertAction() && alert.state.status == .critical)
        #expect(alert.on(.measured(25), at: start + .seconds(120)) == AlertAction() && alert.state.status == .critical)
        #expect(alert.on(.measured(5), at: start + .seconds(180)).notice == .resolved)
    }

    @Test func aRuleThatLooksAwayEndsItsAlerts() {
        var alert = Alert(AlertPolicy(warning: 10, critical: 20), state: AlertState(evaluatedAt: start))
        _ = alert.on(.measured(15), at: start)
        let action = alert.on(.dropped(.ruleDisabled), at: start + .seconds(1))
        #expect(action == AlertAction(isTransition: true, notice: .resolved, end: .ruleDisabled))
        #expect(alert.state.status == .resolved)
        #expect(alert.on(.dropped(.ruleDisabled), at: start + .seconds(2)) == AlertAction(isTransition: true))
        #expect(alert.state.isPlain)
    }
}
