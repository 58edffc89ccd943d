import Testing

@testable import helicarrier

@Suite struct SupervisionTests {
    let members: [String: Formation.Member]
    var supervision: Supervision

    init() throws {
        let formation = try Formation(scale: "scorer=2")
        members = Dictionary(uniqueKeysWithValues: formation.members.map { ($0.label, $0) })
        supervision = Supervision(formation, at: .zero)
    }

    func member(_ label: String) throws -> Formation.Member {
        try #require(members[label])
    }

    /// What actions do to which child, in words.
    func words(_ actions: [Supervision.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .start(let member): "start \(member.label)"
            case .ask(let member): "ask \(member.label)"
            case .kill(let member): "kill \(member.label)"
            case .report(let member, let status, let wait): "\(member.label) ended \(status), again in \(wait)"
            case .giveUp(let member): "give up for \(member.label)"
            }
        }
    }

    @Test mutating func everybodyIsStartedOnceTheApiLast() {
        let started = words(supervision.due(at: .zero))
        #expect(started.count == 6)
        #expect(started.last == "start api")
        #expect(supervision.due(at: .seconds(9)).isEmpty)
        #expect(supervision.nextDue == nil)
    }

    @Test mutating func aChildThatDiesComesBackLaterEachTime() throws {
        let api = try member("api")
        _ = supervision.due(at: .zero)
        var now = Duration.zero
        for wait in [1, 2, 4, 8, 16, 30, 30] as [Int64] {
            let told = words(supervision.ended(api, status: 1, at: now))
            #expect(told == ["api ended 1, again in \(Duration.seconds(wait))"])
            #expect(supervision.due(at: now + .seconds(wait) - .milliseconds(1)).isEmpty)
            #expect(supervision.nextDue == now + .seconds(wait))
            now += .seconds(wait)
            #expect(words(supervision.due(at: now)) == ["start api"])
        }
    }

    @Test mutating func aChildThatWasWellStartsOverWithAShortWait() throws {
        let api = try member("api")
        _ = supervision.due(at: .zero)
        _ = supervision.ended(api, status: 1, at: .zero)
        _ = supervision.due(at: .seconds(1))
        let told = words(supervision.ended(api, status: 139, at: .seconds(61)))
        #expect(told == ["api ended 139, again in \(Duration.seconds(1))"])
    }

    @Test mutating func wrongSettingsStopEverything() throws {
        _ = supervision.due(at: .zero)
        let told = words(supervision.ended(try member("scorer.1"), status: 78, at: .seconds(1)))
        #expect(told == ["give up for scorer.1", "ask api"])
        for label in ["api", "fetcher", "normalizer", "scorer.2"] {
            #expect(!supervision.hasEnded)
            _ = supervision.ended(try member(label), status: 0, at: .seconds(1))
        }
        _ = supervision.ended(try member("notifier"), status: 0, at: .seconds(1))
        #expect(supervision.hasEnded)
        #expect(supervision.verdict == .wrongSettings)
    }

    @Test mutating func theApiIsAskedFirstThenTheStagesInTheOrderOfTheFlow() throws {
        _ = supervision.due(at: .zero)
        var asked = words(supervision.stop(at: .zero))
        for label in ["api", "fetcher", "normalizer", "scorer.2", "scorer.1", "notifier"] {
            asked += words(supervision.ended(try member(label), status: 0, at: .zero))
        }
        #expect(asked == ["ask api", "ask fetcher", "ask normalizer", "ask scorer.1", "ask scorer.2", "ask notifier"])
        #expect(supervision.hasEnded)
        #expect(supervision.verdict == .fine)
        #expect(supervision.stop(at: .zero).isEmpty)
    }

    @Test mutating func aChildThatDoesNotStopIsKilled() throws {
        _ = supervision.due(at: .zero)
        _ = supervision.stop(at: .seconds(100))
        #expect(supervision.nextDue == .seconds(110))
        #expect(supervision.due(at: .milliseconds(109_999)).isEmpty)
        #expect(words(supervision.due(at: .seconds(110))) == ["kill api"])
        #expect(supervision.due(at: .seconds(120)).isEmpty)
        #expect(words(supervision.ended(try member("api"), status: 137, at: .seconds(110))) == ["ask fetcher"])
    }

    @Test mutating func whoIsDownAtTheStopIsNotStartedAgain() throws {
        _ = supervision.due(at: .zero)
        _ = supervision.ended(try member("fetcher"), status: 1, at: .zero)
        _ = supervision.stop(at: .zero)
        #expect(supervision.due(at: .seconds(5)).isEmpty)
        #expect(words(supervision.ended(try member("api"), status: 0, at: .seconds(5))) == ["ask normalizer"])
    }
}
