import Contracts
import Jobs
import Ledger
import Model
import SQLite
import Store
import TestKit
import Testing

/// Sessions that are recorded have the rules evaluated.
@Suite struct AlertJobTests {
    private let place: TemporaryDatabase
    private let now = Told.start + .hours(1)

    init() throws {
        place = try TemporaryDatabase()
    }

    private func add(isEnabled: Bool = true) throws {
        let rule = AlertRule(
            id: "r1", isEnabled: isEnabled, metric: .failureRate, scopeType: .global, scopeRef: nil, warnThreshold: 0.1,
            criticalThreshold: 0.5, window: .hour, comparison: .gt, dedupCooldownSec: 300, now: now)
        try place.open().run(Query<Void>.saveAlertRule(rule))
    }

    private func jobs() throws -> [Int64] {
        try place.open().run(
            Query("SELECT run_at_ms FROM job WHERE kind = 'evaluate-alerts' ORDER BY id") { $0.integer(0) })
    }

    @Test func manySessionsAskOnce() throws {
        try add()
        let connection = try place.open()
        for number in 0..<20 { _ = try connection.tell(Told.session("s\(number)"), at: now) }
        #expect(try jobs() == [(now + .seconds(1)).milliseconds], "they gather for a second")
    }

    /// While the job runs, what is recorded asks for another look.
    @Test func aSessionDuringTheEvaluationAsksAgain() throws {
        try add()
        let connection = try place.open()
        _ = try connection.tell(Told.session("s1"), at: now)
        let later = now + .seconds(2)
        _ = try connection.run(Query<String>.promote(now: later))
        let claimed = try connection.claim(
            kind: EvaluateAlerts.name, stage: .score, limit: 1, worker: "w", leaseUntil: .max, now: later)
        #expect(claimed.count == 1)
        _ = try connection.tell(Told.session("s2"), at: later)
        _ = try connection.tell(Told.session("s3"), at: later)
        #expect(try jobs().count == 2)
    }

    @Test func nobodyIsAskedInVain() throws {
        let connection = try place.open()
        _ = try connection.tell(Told.session("s1"), at: now)
        #expect(try jobs().isEmpty, "there are no rules")
        try add(isEnabled: false)
        _ = try connection.tell(Told.session("s2"), at: now)
        #expect(try jobs().isEmpty, "the rule is disabled")
        try add()
        _ = try connection.tell(Told.session("s3", .running), at: now)
        #expect(try jobs().isEmpty, "what is under way is not settled")
        _ = try connection.tell(Told.session("s1"), at: now)
        #expect(try jobs().isEmpty, "a replay changes nothing")
        _ = try connection.tell(Told.session("s3"), at: now)
        #expect(try jobs().count == 1)
    }

    @Test func aQueueThatIsFullRefusesNoSession() throws {
        try add()
        let connection = try place.open()
        // The job that sums the usage takes the only place.
        try connection.run(.limit(QueueLimit(target: "score", depth: 1)))
        #expect(try connection.tell(Told.session("s1"), at: now) == .fresh)
        #expect(try jobs().isEmpty)
    }
}
