import Alerts
import Model
import Testing

@Suite struct AlertMatcherTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)
    private static let planner = AlertSubject(
        rule: "rule_1", metric: "failure_rate", scope: .agentModel(agent: "planner", model: "gpt-5.5|mini"),
        level: .warning)
    private static let everything = AlertSubject(
        rule: "rule_2", metric: "daily_cost_usd", scope: .global, level: .critical)

    private static func matches(_ text: String, _ subject: AlertSubject) throws -> Bool {
        let silence = AlertSilence([try #require(AlertMatcher(text))], expiresAt: now + .seconds(1))
        return try #require(silence).covers(subject, at: now)
    }

    @Test(arguments: [
        ("agent=planner", true, false), ("agent=plan*", true, false), ("agent=*", true, false),
        ("agent=plan", false, false), ("agent!=planner", false, true), ("agent!=other", true, true),
        ("model=gpt-5.5|mini", true, false), ("model=*5*ni", true, false), ("model=*5*5*5*", false, false),
        ("metric=failure_rate", true, false), ("metric!=failure_rate", false, true), ("severity=critical", false, true),
        ("rule=rule_*", true, true), ("rule=*_1", true, false), ("scope=global", false, true),
        ("scope=agent_model:planner|*", true, false), ("rule=**", true, true), ("agent=*planner*", true, false),
        ("agent=pla*lanner", false, false),
    ])
    func whatFits(text: String, planner: Bool, everything: Bool) throws {
        #expect(try Self.matches(text, Self.planner) == planner)
        #expect(try Self.matches(text, Self.everything) == everything)
        #expect(AlertMatcher(text)?.text == text)
    }

    @Test(arguments: ["", "agent", "=planner", "agent=", "who=planner", "agent!planner", "agent=a\nrule=*", "!=x"])
    func whatIsNoMatcher(text: String) {
        #expect(AlertMatcher(text) == nil)
    }

    @Test func aSilenceNeedsAllItsMatchersAndEnds() throws {
        let matchers = try ["agent=planner", "severity=warning"].map { try #require(AlertMatcher($0)) }
        let silence = try #require(AlertSilence(matchers, expiresAt: Self.now + .seconds(60)))
        #expect(silence.covers(Self.planner, at: Self.now))
        #expect(silence.covers(Self.planner, at: Self.now + .milliseconds(59_999)))
        #expect(!silence.covers(Self.planner, at: Self.now + .seconds(60)))
        #expect(!silence.covers(Self.everything, at: Self.now))
        let worse = AlertSubject(
            rule: "r", metric: "failure_rate", scope: .agent("planner"), level: .critical)
        #expect(!silence.covers(worse, at: Self.now))
        #expect(AlertSilence([], expiresAt: Self.now + .seconds(60)) == nil)
    }

    @Test(arguments: [
        AlertScope.global, .agent("planner"), .agent("a:b|c"), .model("org/name"),
        .agentModel(agent: "planner", model: "m|1"),
    ])
    func scopesHaveNames(scope: AlertScope) {
        #expect(AlertScope(name: scope.name) == scope)
    }

    @Test(arguments: ["", "agent", "agent:", "agent_model:a", "agent_model:|m", "agent_model:a|", "else:x", "Global"])
    func whatIsNoScope(name: String) {
        #expect(AlertScope(name: name) == nil)
    }
}
