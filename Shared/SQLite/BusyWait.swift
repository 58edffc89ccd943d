import CSQLite
import Glibc
import Synchronization

/// Waits for another connection's lock in short, uneven steps.
///
/// `busy_timeout` backs off to 100 ms and starves whoever waits longest; with sleeps of 0.2 to 1 ms several
/// processes share the lock about evenly.
enum BusyWait {
    /// About half a minute; then the statement fails with `SQLITE_BUSY` and its owner decides.
    static let patient = 50_000
    /// About 30 ms. A checkpoint holds the write lock while it waits for readers, so it must not wait for long.
    static let brief = 50

    static func install(on connection: OpaquePointer, sleeps: Int = patient) {
        _ = unsafe sqlite3_busy_handler(
            connection,
            { mostSleeps, sleepsSoFar in
                guard Int(sleepsSoFar) < Int(bitPattern: mostSleeps) else { return 0 }
                BusyWaits.sleeps.add(1, ordering: .relaxed)
                usleep(UInt32.random(in: 200...1_000))
                return 1
            }, UnsafeMutableRawPointer(bitPattern: sleeps))
    }

    /// For the one thing that SQLite fails at once instead of asking its busy handler: switching a new file to
    /// write-ahead logging while others do the same.
    static func repeating(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do throws(SQLiteError) {
                return try body()
            } catch {
                guard error.isBusy, ContinuousClock.now < end else { throw error }
                usleep(UInt32.random(in: 200...1_000))
            }
        }
    }
}

extension Connection {
    /// Between transactions that follow each other at once: whoever waits for the lock asks for it every so often, and
    /// would hardly ever meet a moment at which it is free.
    package func giveOthersATurn() {
        usleep(50)
    }
}

/// How often this process has slept because another held a lock.
package enum BusyWaits {
    fileprivate static let sleeps = Atomic<Int>(0)

    /// Since the process began, or since ``take()``.
    package static var count: Int { sleeps.load(ordering: .relaxed) }

    /// The sleeps since the last call: for whoever adds them up elsewhere.
    package static func take() -> Int { sleeps.exchange(0, ordering: .relaxed) }
}
