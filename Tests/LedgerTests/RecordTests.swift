import Contracts
import Ledger
import Model
import SQLite
import Store
import TestKit
import Testing

/// The one way into the ledger: what is taken, what was taken before, and what contradicts it.
@Suite struct RecordTests {
    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
    }

    private func stored(_ id: String) throws -> SessionRow {
        try #require(place.open().run(Query<SessionRow>.session(id)).first)
    }

    private static let replay = RecordOutcome.replayed(result: Told.answer)

    @Test func runningThenCompletedIsAnUpdate() throws {
        let connection = try place.open()
        #expect(try connection.tell(Told.session("s", .running)) == .fresh)
        #expect(try connection.tell(Told.session("s", .running) { $0.taskTitle = "mend" }) == .updated)
        #expect(try connection.tell(Told.session("s", .success)) == .updated)
        let row = try stored("s")
        #expect(row.status == .success && row.revision == 3 && row.runtime == 90_000)
        #expect(row.taskTitle == "mend", "what the last one left out stays")
    }

    @Test func aReplayAnswersTheStoredResultAndWritesNothing() throws {
        let connection = try place.open()
        let session = Told.session("s") { $0.events = [Self.event(1), Self.event(2)] }
        #expect(try connection.tell(session) == .fresh)
        let before = try connection.run(Query("SELECT total_changes()") { $0.count(0) })
        #expect(try connection.tell(session) == Self.replay)
        #expect(try connection.run(Query("SELECT total_changes()") { $0.count(0) }) == before)
    }

    @Test func anEndedSessionNeverBecomesOpenAgain() throws {
        let connection = try place.open()
        let running = Told.session("s", .running)
        _ = try connection.tell(running)
        _ = try connection.tell(Told.session("s", .failed))
        #expect(try connection.tell(running) == Self.replay, "it came twice, and changes nothing")
        #expect(try connection.tell(Told.session("s", .running) { $0.taskTitle = "other" }) == .conflict)
        #expect(try connection.tell(Told.session("s", .queued), .explicit("k")) == .conflict)
        #expect(try stored("s").status == .failed)
    }

    @Test func anEndedSessionWithOtherContentIsAConflict() throws {
        let connection = try place.open()
        _ = try connection.tell(Told.session("s"))
        #expect(try connection.tell(Told.session("s") { $0.taskTitle = "other" }) == .conflict)
        #expect(try connection.tell(Told.session("s", .failed)) == .conflict)
        #expect(try connection.tell(Told.session("s", .failed), .explicit("correction")) == .updated)
        #expect(try stored("s").status == .failed)
    }

    @Test func oneKeyForTwoContentsIsAConflict() throws {
        let connection = try place.open()
        #expect(try connection.tell(Told.session("a"), .explicit("k")) == .fresh)
        #expect(try connection.tell(Told.session("b"), .explicit("k")) == .conflict)
        #expect(try connection.tell(Told.session("a"), .explicit("k")) == Self.replay)
        #expect(try connection.run(Query<SessionRow>.session("b")).isEmpty)
    }

    @Test func aKeyHasALifetime() throws {
        let connection = try place.open()
        let late = Told.start + .hours(1) + IngestKey.life
        #expect(try connection.tell(Told.session("a"), .explicit("k")) == .fresh)
        #expect(try connection.tell(Told.session("b"), .explicit("k"), at: late - .seconds(1)) == .conflict)
        #expect(try connection.tell(Told.session("b"), .explicit("k"), at: late) == .fresh)
        // The session itself remembers what it ended with.
        #expect(try connection.tell(Told.session("a"), at: late) == Self.replay)
        #expect(try connection.run(Query<String>.forgetIngestKeys(now: late, limit: 10)).isEmpty)
        #expect(
            try connection.run(Query<String>.forgetIngestKeys(now: late + IngestKey.life, limit: 10)) == ["key k"])
    }

    private func keyCount() throws -> Int {
        try place.open().run(Query("SELECT count(*) FROM ingest_key") { $0.count(0) })[0]
    }

    /// A session says itself that it was taken under its own key; a row says it once something else was taken.
    @Test func aSessionsOwnKeyOutlivesWhatIsTakenLater() throws {
        let connection = try place.open()
        let (first, corrected) = (Told.session("s"), Told.session("s", .failed))
        #expect(try connection.tell(first) == .fresh)
        #expect(try keyCount() == 0)
        #expect(try connection.tell(corrected, .explicit("k")) == .updated)
        #expect(try keyCount() == 2)
        #expect(try connection.tell(first) == Self.replay)
        #expect(try connection.tell(Told.session("s") { $0.taskTitle = "other" }) == .conflict)
        #expect(try connection.tell(corrected, .explicit("k")) == Self.replay)
        #expect(try stored("s").status == .failed)
    }

    @Test func anOpenSessionsOwnKeyIsThatOfItsLastWord() throws {
        let connection = try place.open()
        let (first, second) = (Told.session("s", .running), Told.session("s", .queued))
        #expect(try connection.tell(first) == .fresh)
        #expect(try connection.tell(second) == .updated)
        #expect(try keyCount() == 0, "one key, and the session says it")
        #expect(try connection.tell(second) == Self.replay)
        #expect(try connection.tell(first) == .updated)
        #expect(try connection.tell(second, .explicit("k")) == .updated)
        #expect(try connection.tell(first) == Self.replay)
        #expect(try connection.tell(Told.session("s")) == .updated)
        #expect(try connection.tell(first) == Self.replay && connection.tell(second) == .conflict)
    }

    @Test func aSessionsOwnKeyHasALifetime() throws {
        let connection = try place.open()
        let (told, late) = (Told.start + .hours(1), Told.start + .hours(1) + IngestKey.life)
        let running = Told.session("s", .running)
        #expect(try connection.tell(running, at: told) == .fresh)
        #expect(try connection.tell(running, at: late - .milliseconds(1)) == Self.replay)
        #expect(try connection.tell(running, at: late) == .updated)
        let moved = Told.session("s", .running) { $0.taskTitle = "moved" }
        #expect(try connection.tell(moved, .explicit("k"), at: late + .hours(1)) == .updated)
        // The row ends when the key would have.
        #expect(try connection.tell(running, at: late + IngestKey.life - .milliseconds(1)) == Self.replay)
        #expect(try connection.tell(running, at: late + IngestKey.life) == .updated)
    }

    /// Whoever was answered something else is answered that again.
    @Test func anotherAnswerIsKeptInARow() throws {
        let connection = try place.open()
        let session = Told.session("s")
        for expected in [RecordOutcome.fresh, .replayed(result: "{}")] {
            let outcome = try connection.transaction { db throws(SQLiteError) in
                try db.record(session, key: .derived, result: "{}", prices: PriceDesk(), now: Told.start)
            }
            #expect(outcome == expected)
        }
        #expect(try keyCount() == 1)
    }

    /// Key and data stand in one transaction: one that fails leaves neither.
    @Test func keyAndDataAreStoredTogether() throws {
        let connection = try place.open()
        let bad = Told.session("s") { $0.events = [Self.event(1), Self.event(2, payload: "no JSON")] }
        #expect(throws: SQLiteError.self) { try connection.tell(bad, .explicit("k")) }
        #expect(try connection.run(Query<SessionRow>.session("s")).isEmpty)
        #expect(try connection.run(Query<IngestKeyRow>.ingestKey("key k", now: Told.start)).isEmpty)
        #expect(try connection.tell(Told.session("s"), .explicit("k")) == .fresh)
    }

    @Test func eventsAreToldOnceAndInOrder() throws {
        let connection = try place.open()
        _ = try connection.tell(Told.session("s", .running) { $0.events = [Self.event(3), Self.event(1)] })
        _ = try connection.tell(
            Told.session("s", .success) { $0.events = [Self.event(1), Self.event(2, type: .artifact)] })
        let events = try connection.run(Query<SessionEventRow>.sessionEvents(of: "s"))
        #expect(events.map(\.sequence) == [1, 2, 3])
        #expect(try stored("s").artifactCount == 1)
    }

    @Test func fault14ForeignKeysExist() throws {
        let connection = try place.open()
        let event = SessionEventRow(eventID: "e", sequence: 1, type: .error, at: Told.start, payload: "{}")
        let error = #expect(throws: SQLiteError.self) {
            try connection.run(Query<Void>.saveSessionEvent(event, of: "nobody"))
        }
        #expect(error?.isConstraint == true)
    }

    private static func event(
        _ sequence: Int64, type: SessionEventType = .message, payload: String = "{}"
    ) -> CanonicalEvent {
        CanonicalEvent(
            eventID: "e\(sequence)", sequence: sequence, type: type, at: Told.start, payload: payload)
    }
}
