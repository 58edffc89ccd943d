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
}
