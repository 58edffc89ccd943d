import Alerts
import Model
import Testing

/// What comes of every state at every event, written down by hand. The columns are the events of ``Named/events``; a
/// cell says where the alert is then (`o` ok, `p` pending, `w` warning, `c` critical, `r` resolved), what is told (`+`
/// first, `^` escalation, `v` de-escalation, `*` again, `.` its end), and `s` or `m` where it is silenced or muted.
@Suite struct DecisionTableTests {
    private static let table = """
        state                         | 8  | 9  | 15 | 25 | no data | failed | dropped
        ok                            | o  | o  | p  | p  | o       | o      | o
        pending warning               | o  | o  | p  | p  | o       | p      | o
        pending warning due           | o  | o  | w+ | w+ | o       | p      | o
        pending critical              | o  | o  | p  | p  | o       | p      | o
        pending critical due          | o  | o  | w+ | c+ | o       | p      | o
        warning told none             | w  | w+ | w+ | w+ | w       | ws     | r
        warning told warning fresh    | w  | w  | w  | w  | w       | w      | r.
        warning told warning cooled   | w  | w  | w  | w  | w       | w      | r.
        warning told warning old      | w  | w* | w* | w* | w       | w      | r.
        warning told warning fading   | w  | w  | w  | w  | w       | w      | r.
        warning told warning faded    | r. | w  | w  | w  | w       | w      | r.
        warning told warning rising   | w  | w  | w  | c^ | w       | w      | r.
        warning told warning blind    | w  | w  | w  | w  | r.      | w      | r.
        warning told critical         | wv | wv | wv | wv | wv      | w      | r.
        critical told none            | c  | c  | c  | c+ | c       | cs     | r
        critical told none faded      | r  | w+ | w+ | c+ | c       | cs     | r
        critical told warning         | c  | c  | c  | c^ | c       | c      | r.
        critical told critical fresh  | c  | c  | c  | c  | c       | c      | r.
        critical told critical cooled | c  | c  | c  | c  | c       | c      | r.
        critical told critical old    | c  | c  | c  | c* | c       | c      | r.
        critical told critical fading | c  | c  | c  | c  | c       | c      | r.
        critical told critical faded  | r. | wv | wv | c  | c       | c      | r.
        critical told critical blind  | c  | c  | c  | c  | r.      | c      | r.
        resolved                      | o  | o  | p  | p  | o       | r      | o
        """

    private struct Row: Sendable {
        let state: String
        let outcomes: [String]
    }

    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: "|").map { $0.trimmed }
    }

    private static let rows: [Row] = table.split(separator: "\n").dropFirst().map { line in
        Row(state: cells(line)[0], outcomes: Array(cells(line).dropFirst()))
    }

    @Test func theTableHasEveryEvent() {
        #expect(Self.cells(Self.table.split(separator: "\n")[0]).dropFirst() == Named.events.map(\.key)[...])
        #expect(Self.rows.count == 24 && Set(Self.rows.map(\.state)).count == 24)
        #expect(Self.rows.allSatisfy { $0.outcomes.count == Named.events.count })
        let seen = Set(Self.rows.map { Named.state($0.state).status })
        #expect(seen == Set(AlertStatus.allCases))
    }

    @Test(arguments: rows.map(\.state))
    func whatIsTold(state: String) throws {
        let row = try #require(Self.rows.first { $0.state == state })
        for (event, expected) in zip(Named.events, row.outcomes) {
            #expect(Named.outcome(state, event.value, AlertQuiet()) == expected, "\(state) at \(event.key)")
        }
    }

    /// A silence takes every alarm away and changes nothing else; the end of what was told is told.
    @Test(arguments: rows.map(\.state))
    func whatASilenceTakesAway(state: String) throws {
        let row = try #require(Self.rows.first { $0.state == state })
        for (event, loud) in zip(Named.events, row.outcomes) where event.key != "failed" {
            let expected = loud.hasPrefix("w") ? "ws" : loud.hasPrefix("c") ? "cs" : loud
            let quiet = AlertQuiet(warning: .silence, critical: .silence)
            #expect(Named.outcome(state, event.value, quiet) == expected, "\(state) at \(event.key)")
        }
    }

    /// Something critical mutes warnings, and nothing else.
    @Test(arguments: rows.map(\.state))
    func whatSomethingWorseMutes(state: String) throws {
        let row = try #require(Self.rows.first { $0.state == state })
        for (event, loud) in zip(Named.events, row.outcomes) where event.key != "failed" {
            let expected = loud.hasPrefix("w") ? "wm" : loud
            #expect(
                Named.outcome(state, event.value, AlertQuiet(warning: .critical)) == expected,
                "\(state) at \(event.key)")
        }
    }

    /// What failed tells nothing and forgets nothing.
    @Test(arguments: rows.map(\.state))
    func aFailureChangesNothingButTheSeverity(state: String) {
        for quiet in Named.quiets {
            var alert = Alert(Named.policy, state: Named.state(state))
            var expected = alert.state
            #expect(alert.on(.failed, quiet: quiet.value, at: Named.now) == AlertAction())
            (expected.severity, expected.evaluatedAt) = (.error, Named.now)
            #expect(alert.state == expected)
        }
    }

    /// Whatever the schema demands of a state holds after every event.
    @Test(arguments: rows.map(\.state))
    func statesStayWhole(state: String) {
        for event in Named.events {
            for quiet in Named.quiets {
                var alert = Alert(Named.policy, state: Named.state(state))
                let action = alert.on(event.value, quiet: quiet.value, at: Named.now)
                let after = alert.state
                #expect((after.status == .ok) == (after.triggeredAt == nil))
                #expect(after.suppression == nil || after.status.level != nil)
                #expect(after.status.level != nil || after.told == nil)
                #expect(after.told == nil || after.notifiedAt != nil)
                #expect(action.notice == nil || action.isTransition)
                #expect((action.end != nil) == (after.status == .resolved && event.value != .failed))
                #expect((after.severity == .noData) == (event.value == .noData))
                #expect(after.evaluatedAt == Named.now)
            }
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
