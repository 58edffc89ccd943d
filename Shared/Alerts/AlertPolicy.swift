import Model

/// When somebody wants to be told, as far as the decision needs to know.
package struct AlertPolicy: Equatable, Sendable {
    package var warning: Double
    package var critical: Double
    /// Whether a value that equals a threshold has reached it (`gte`).
    package var isInclusive: Bool
    /// What an alert's value must fall below before the alert ends; `nil`: the threshold of the warning.
    package var recover: Double?
    /// For how long a level's condition must be true before the level begins.
    package var holdFor: Duration
    /// For how long a level goes on after its condition was last true.
    package var keepFiring: Duration
    /// For how long after a notification nothing is said again that was said in it.
    package var cooldown: Duration
    /// After which time an alert that goes on is told again; zero: never; `nil`: as soon as the cooldown is over.
    package var repeatAfter: Duration?
    /// How far back the figure looks. An alert that has had no data for as long ends.
    package var window: Duration

    package init(
        warning: Double, critical: Double, isInclusive: Bool = false, recover: Double? = nil, holdFor: Duration = .zero,
        keepFiring: Duration = .zero, cooldown: Duration = .seconds(300), repeatAfter: Duration? = nil,
        window: Duration = .hours(1)
    ) {
        self.warning = warning
        self.critical = critical
        self.isInclusive = isInclusive
        self.recover = recover
        self.holdFor = holdFor
        self.keepFiring = keepFiring
        self.cooldown = cooldown
        self.repeatAfter = repeatAfter
        self.window = window
    }

    /// The pause between two notifications of the same; `nil`: what was told is not told again.
    package var pause: Duration? {
        let wanted = repeatAfter ?? cooldown
        return wanted > .zero ? max(wanted, cooldown) : nil
    }

    func threshold(of level: AlertLevel) -> Double {
        level == .warning ? warning : critical
    }

    func reaches(_ value: Double, _ threshold: Double) -> Bool {
        isInclusive ? value >= threshold : value > threshold
    }

    /// Whether a level's condition is true, given whether the alert is on: then it takes less to keep it on.
    func holds(_ level: AlertLevel, _ value: Double, isOn: Bool) -> Bool {
        let threshold = threshold(of: level)
        guard level == .warning, isOn, let recover else { return reaches(value, threshold) }
        return reaches(value, min(recover, threshold))
    }

    /// What a value is, taken alone.
    func severity(of value: Double) -> AlertSeverity {
        reaches(value, critical) ? .critical : reaches(value, warning) ? .warning : .ok
    }
}
