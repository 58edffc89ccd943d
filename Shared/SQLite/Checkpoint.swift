import CSQLite

/// What becomes of the log's file once all of it is in the database file.
package enum LogFile: Equatable, Sendable {
    /// It stays as long as it is and is written over from its start. A commit that need not make a file longer takes
    /// the disk about half as long.
    case kept
    /// Its space is given back.
    case released
}

/// For the one elected checkpointer alone.
///
/// In SQLite before 3.51.3 it is not enough that two checkpoints never overlap. One that begins while the whole log is
/// in the database file already may be overtaken by a commit that begins the log anew, and then notes as copied what it
/// has not looked at; a later checkpoint passes that over, and commits are lost. Only a log of which all is copied is
/// begun anew, and nobody but the checkpointer copies: so each checkpoint is preceded by a small commit of its own, and
/// finds something that is not copied.
extension Connection {
    /// Copies as much of the log as no reader holds, without holding anybody up.
    /// - Returns: the size of the log in bytes, without what is left of its file from before.
    package func copyLog() throws(SQLiteError) -> Int64 {
        try Int64(checkpoint(SQLITE_CHECKPOINT_PASSIVE).pages) * Self.bytesOfFrame
    }

    /// Copies the write-ahead log into the database file and empties it.
    ///
    /// The first passes copy without holding up writers; the last has little left to do under the lock, and waits for
    /// readers only for a moment.
    /// - Returns: false if a reader held the log back.
    @discardableResult
    package func checkpoint(_ file: LogFile = .released) throws(SQLiteError) -> Bool {
        var pages = 0
        for _ in 0..<Self.mostPasses {
            let before = pages
            pages = try checkpoint(SQLITE_CHECKPOINT_PASSIVE).pages
            if pages - before < Self.fewPages { break }
        }
        return try checkpoint(file == .kept ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_TRUNCATE).isComplete
    }

    /// Passes before the one that holds the lock.
    private static let mostPasses = 4
    /// Pages that are copied within a few milliseconds.
    private static let fewPages = 1_000
    /// A page of 4,096 bytes with its head: https://sqlite.org/fileformat2.html#walformat
    private static let bytesOfFrame: Int64 = 4_120

    private func checkpoint(_ mode: Int32) throws(SQLiteError) -> (isComplete: Bool, pages: Int) {
        do throws(SQLiteError) {
            // Nobody reads this number.
            try runScript("PRAGMA user_version = 1")
        } catch {
            // Where this does not fit on the disk no commit does, so none begins the log anew.
            guard error.isDiskFull else { throw error }
        }
        unsafe BusyWait.install(on: handle, sleeps: BusyWait.brief)
        defer { unsafe BusyWait.install(on: handle) }
        var pages: Int32 = 0
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &pages, nil)
        if code == SQLITE_BUSY { return (false, Int(pages)) }
        guard code == SQLITE_OK else {
            throw unsafe SQLiteError(
                code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
        }
        return (true, Int(pages))
    }
}
