package import Model

/// One condition of a silence, such as `agent=planner`, `metric!=failure_rate` or `model=gpt-*`.
///
/// `*` stands for any text. What an alert has no value for, as a global one has no agent, equals nothing.
package struct AlertMatcher: Hashable, Sendable {
    package enum Field: String, CaseIterable, Sendable {
        case rule, metric, severity, scope, agent, model
    }

    package let field: Field
    package let isNegated: Bool
    package let pattern: String

    /// Reads what ``text`` writes. `nil`: there is no such field, no `=`, nothing behind it, or a line ends within.
    package init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), !text.contains(where: \.isNewline) else { return nil }
        isNegated = text[..<equals].hasSuffix("!")
        pattern = String(text[text.index(after: equals)...])
        guard let field = Field(rawValue: String(text[..<equals].dropLast(isNegated ? 1 : 0))), !pattern.isEmpty else {
            return nil
        }
        self.field = field
    }

    package var text: String { "\(field.rawValue)\(isNegated ? "!=" : "=")\(pattern)" }

    func matches(_ subject: AlertSubject) -> Bool {
        let value: String? =
            switch field {
            case .rule: subject.rule
            case .metric: subject.metric
            case .severity: subject.level.rawValue
            case .scope: subject.scope.name
            case .agent: subject.scope.agent
            case .model: subject.scope.model
            }
        return (value.map { Self.fits($0, pattern) } ?? false) != isNegated
    }

    /// Whether a text fits a pattern: its first part at the beginning, its last at the end, the others between in their
    /// order. Each as early as possible, so it takes no longer than both are long.
    private static func fits(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return text == pattern }
        guard text.hasPrefix(first) else { return false }
        var rest = text.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

/// An alert as silences see it.
package struct AlertSubject: Hashable, Sendable {
    package let rule: String
    package let metric: String
    package let scope: AlertScope
    package let level: AlertLevel

    package init(rule: String, metric: String, scope: AlertScope, level: AlertLevel) {
        self.rule = rule
        self.metric = metric
        self.scope = scope
        self.level = level
    }
}

/// For a while nobody is told of what fits all of its matchers.
package struct AlertSilence: Hashable, Sendable {
    package let matchers: [AlertMatcher]
    package let expiresAt: Timestamp

    /// `nil` without a matcher: nobody means to silence everything by forgetting to say what.
    package init?(_ matchers: [AlertMatcher], expiresAt: Timestamp) {
        guard !matchers.isEmpty else { return nil }
        self.matchers = matchers
        self.expiresAt = expiresAt
    }

    package func covers(_ subject: AlertSubject, at now: Timestamp) -> Bool {
        now < expiresAt && matchers.allSatisfy { $0.matches(subject) }
    }
}
