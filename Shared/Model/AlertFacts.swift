/// How bad a figure is, of those that somebody is told about.
package enum AlertLevel: String, CaseIterable, Comparable, Sendable {
    case warning, critical

    package static func < (left: AlertLevel, right: AlertLevel) -> Bool {
        left == .warning && right == .critical
    }
}

/// What the last evaluation said of a figure.
package enum AlertSeverity: String, CaseIterable, Sendable {
    case ok, warning, critical
    /// There is nothing to judge: that is not the same as a 0.
    case noData = "no_data"
    /// The figure could not be computed.
    case error
}

/// Where an alert stands between its beginning and its end, as clients of the ledger know it.
package enum AlertStatus: String, CaseIterable, Sendable {
    case ok, warning, critical
    /// It has just ended; the next evaluation that finds nothing makes it `ok`.
    case resolved

    package init(_ level: AlertLevel) {
        self = level == .warning ? .warning : .critical
    }

    /// `nil` where nothing is wrong any more, or never was.
    package var level: AlertLevel? {
        switch self {
        case .ok, .resolved: nil
        case .warning: .warning
        case .critical: .critical
        }
    }
}

/// Why nobody is told of an alert.
package enum AlertSuppression: String, CaseIterable, Sendable {
    case silence
    /// Something worse is told of the same scope.
    case critical
}

/// How long a condition has been true, as far as evaluations have seen.
package struct AlertCondition: Hashable, Sendable {
    /// Since when without a break; `nil`: it was not true the last time, and nothing hangs on it any more.
    package var since: Timestamp?
    /// The last evaluation that found it true.
    package var lastHeld: Timestamp?

    package init(since: Timestamp? = nil, lastHeld: Timestamp? = nil) {
        self.since = since
        self.lastHeld = lastHeld
    }
}

/// How a rule stands in a scope.
package struct AlertState: Hashable, Sendable {
    package var status: AlertStatus = .ok
    package var severity: AlertSeverity = .ok
    /// `nil` also where there is nothing to tell.
    package var suppression: AlertSuppression?
    /// When the alert began; `nil` while it is ``AlertStatus/ok``.
    package var triggeredAt: Timestamp?
    package var warning = AlertCondition()
    package var critical = AlertCondition()
    /// Since when there has been no data.
    package var unknownSince: Timestamp?
    /// What those who are told believe: `nil` is that nothing is wrong.
    package var told: AlertLevel?
    /// The cooldown and the wait for a repetition count from here.
    package var notifiedAt: Timestamp?
    /// The last evaluation would have told again what was told, but for the cooldown.
    package var isDeduped = false
    package var value: Double?
    package var evaluatedAt: Timestamp

    package init(evaluatedAt: Timestamp) {
        self.evaluatedAt = evaluatedAt
    }

    /// A condition has become true that must stay so for a while before anybody is told.
    package var isPending: Bool { status.level == nil && (warning.since != nil || critical.since != nil) }

    /// Nothing is lost if it is forgotten.
    package var isPlain: Bool { status == .ok && !isPending }
}
