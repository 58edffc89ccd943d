import Contracts
import Ledger
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

/// Many senders at once: each is answered for its own session, after the commit that stored it.
@Suite struct GroupCommitTests {
    @Test func whatGathersIsStoredTogether() async throws {
        let place = try TemporaryDatabase()
        let ledger = SQLiteLedger(writer: try place.database(), reader: try place.database())
        let groups = Mutex<[Int]>([])
        let group = GroupCommit(ledger, now: { Told.start }) { outcomes in groups.withLock { $0.append(outcomes.count) }
        }
        let outcomes = await withTaskGroup(of: (Int, Result<RecordOutcome, LedgerFailure>).self) { tasks in
            for number in 0..<400 {
                tasks.addTask {
                    // Every second one is told twice.
                    let session = Told.session("s\(number / 2 * 2)")
                    return (
                        number,
                        await group.record(LedgerEntry(session: session, key: .derived, result: Told.answer))
                    )
                }
            }
            return await tasks.reduce(into: [Int: Result<RecordOutcome, LedgerFailure>]()) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes.count == 400)
        #expect(outcomes.values.count { $0 == .success(.fresh) } == 200)
        #expect(outcomes.values.count { $0 == .success(.replayed(result: Told.answer)) } == 200)
        let sizes = groups.withLock { $0 }
        #expect(sizes.reduce(0, +) == 400 && sizes.count < 400, "\(sizes)")
        #expect(try place.open().run(Query("SELECT count(*) FROM session_ledger") { $0.count(0) }) == [200])
    }

    private final class Turns: Sendable {
        let count = Atomic(0)
    }

    /// Groups follow each other without a pause, and yet not for ever: the senders stop when another had its turn.
    @Test(.timeLimit(.minutes(10))) func whoeverElseNeedsTheConnectionHasATurn() async throws {
        let place = try TemporaryDatabase()
        let writer = try place.database()
        let ledger = SQLiteLedger(writer: writer, reader: try place.database())
        let group = GroupCommit(ledger, now: { Told.start }) { _ in }
        let turns = Turns()
        let senders = (0..<8).map { sender in
            Task {
                var number = 0
                while turns.count.load(ordering: .relaxed) < 20 {
                    let entry = LedgerEntry(
                        session: Told.session("\(sender)-\(number)"), key: .derived, result: Told.answer)
                    #expect(await group.record(entry) == .success(.fresh))
                    number += 1
                }
                return number
            }
        }
        for _ in 0..<20 {
            _ = try await writer.run(Query<Int64>("SELECT 1") { $0.integer(0) })
            turns.count.add(1, ordering: .relaxed)
        }
        var told = 0
        for sender in senders { told += await sender.value }
        #expect(try place.open().run(Query("SELECT count(*) FROM session_ledger") { $0.count(0) }) == [told])
    }
}
