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

    @Test func foreignKeysExist() throws {
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
