import Contracts
import Ledger
import Model
import Store
import Synchronization
import Testing

/// What every engine promises of sessions.
@Suite struct LedgerConformanceTests {
    private static let now = Told.start + .hours(1)

    private func entry(_ session: CanonicalSession, _ key: IngestKey = .derived) -> LedgerEntry {
        LedgerEntry(session: session, key: key, result: Told.answer)
    }

    @Test(arguments: Engine.allCases)
    func sessionsAreRecordedTogetherAndAnsweredInTheirOrder(engine: Engine) async throws {
        let opened = try engine.open()
        let entries = [
            entry(Told.session("a")), entry(Told.session("a")), entry(Told.session("b", .running)),
            entry(Told.session("b")), entry(Told.session("a") { $0.taskTitle = "other" }),
            entry(Told.session("c"), .explicit("k")), entry(Told.session("d"), .explicit("k")),
        ]
        let outcomes = await opened.ledger.record(entries, now: Self.now)
        let replay = RecordOutcome.replayed(result: Told.answer)
        #expect(
            outcomes == [
                .success(.fresh), .success(replay), .success(.fresh), .success(.updated), .success(.conflict),
                .success(.fresh), .success(.conflict),
            ])
        #expect(try await opened.ledger.page(SessionFilter(), sort: .newest, offset: 0, limit: 9).total == 3)
    }

    /// So many and no more, so that whoever else needs the engine has a turn.
    @Test(arguments: Engine.allCases, [(0, []), (1, [2]), (2, [2, 1]), (9, [2, 1, 2])])
    func groupsAreRecordedOneAfterTheOther(engine: Engine, given: (most: Int, sizes: [Int])) async throws {
        let opened = try engine.open()
        let left = Mutex([["a", "b"], ["bad"], ["a", "c"]])
        let answers = Mutex<[[Result<RecordOutcome, LedgerFailure>]]>([])
        await opened.ledger.record(groups: given.most) {
            let names = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            return names.map { names in
                let entries = names.map { name in
                    entry(
                        Told.session(name) { session in
                            guard name == "bad" else { return }
                            session.events = [
                                CanonicalEvent(
                                    eventID: "e", sequence: 0, type: .metric, at: Told.start, payload: "no JSON")
                            ]
                        })
                }
                return LedgerGroup(entries: entries, now: Self.now) { told in answers.withLock { $0.append(told) } }
            }
        }
        let told = answers.withLock { $0 }
        #expect(told.map(\.count) == given.sizes)
        if given.sizes.count == 3 {
            #expect(told[0] == [.success(.fresh), .success(.fresh)])
            guard case .failure(.broken) = told[1][0] else {
                Issue.record("\(told[1])")
                return
            }
            #expect(told[2] == [.success(.replayed(result: Told.answer)), .success(.fresh)])
        }
    }

    /// One that the schema refuses is a mistake of ours, and costs nobody else.
    @Test(arguments: Engine.allCases)
    func aBadSessionSpoilsNoOther(engine: Engine) async throws {
        let opened = try engine.open()
        let bad = Told.session("bad") { session in
            session.events = [
                CanonicalEvent(eventID: "e", sequence: 0, type: .metric, at: Told.start, payload: "no JSON")
            ]
        }
        let outcomes = await opened.ledger.record(
            [entry(Told.session("a")), entry(bad), entry(Told.session("b"))], now: Self.now)
        #expect(outcomes[0] == .success(.fresh) && outcomes[2] == .success(.fresh))
        guard case .failure(.broken) = outcomes[1] else {
            Issue.record("\(outcomes[1])")
            return
        }
        #expect(try await opened.ledger.session("bad") == nil)
        let page = try await opened.ledger.page(SessionFilter(), sort: .newest, offset: 0, limit: 9)
        #expect(page.rows.map(\.sessionID) == ["a", "b"])
    }

    @Test(arguments: Engine.allCases)
    func aSessionIsFoundAsItStands(engine: Engine) async throws {
        let opened = try engine.open()
        #expect(try await opened.ledger.session("s") == nil)
        let events = [3, 1, 2].map { number in
            CanonicalEvent(
                eventID: "e\(number)", sequence: Int64(number), type: .message, at: Told.start, payload: "{}")
        }
        _ = await opened.ledger.record([entry(Told.session("s", .running) { $0.events = events })], now: Self.now)
        let found = try #require(try await opened.ledger.session("s"))
        #expect(found.row.status == .running && found.events.map(\.sequence) == [1, 2, 3])
        #expect(found.row.firstIngestedAt == Self.now && found.row.revision == 1)
    }

    @Test(arguments: Engine.allCases)
    func pagesDoNotOverlap(engine: Engine) async throws {
        let opened = try engine.open()
        let ids = (0..<25).map { "s\($0)" }
        let entries = ids.map { id in
            entry(
                Told.session(id) { session in
                    session.reportedRuntime = Int64(id.utf8.count)
                    session.taskTitle = "mend \(id)"
                })
        }
        _ = await opened.ledger.record(entries, now: Self.now)
        var filter = SessionFilter()
        for words in [[], ["mend"]] {
            filter.words = words
            for sort in SessionSort.allCases {
                var seen: [String] = []
                for offset in stride(from: 0, to: 30, by: 7) {
                    let page = try await opened.ledger.page(filter, sort: sort, offset: offset, limit: 7)
                    #expect(page.total == 25)
                    seen += page.rows.map(\.sessionID)
                }
                #expect(seen.count == 25 && Set(seen) == Set(ids), "\(sort) \(words)")
            }
        }
    }
}
