import CSQLite

/// Copying and moving whole databases.
extension Connection {
    /// Copies this database into a new file, through SQLite's backup API, a few pages at a time.
    ///
    /// Inside ``consistentRead(_:)`` the copy is of that one moment, and writers go on beside it; outside, each of
    /// their commits would make it begin anew. The copy is on no disk for certain when this returns.
    /// - Parameters:
    ///   - path: a file that does not exist.
    ///   - progress: is told after each step how many pages of how many are copied.
    package func copy(
        to path: String, pagesPerStep: Int32 = 1_024, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(SQLiteError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        defer { unsafe sqlite3_close_v2(opened) }
        guard code == SQLITE_OK, let target = unsafe opened else {
            let reason = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) }
            throw SQLiteError(code: code, message: reason ?? "out of memory")
        }
        // It is read again and again before it counts, and thrown away if this process dies.
        _ = unsafe sqlite3_exec(target, "PRAGMA synchronous = OFF", nil, nil, nil)
        guard let backup = unsafe sqlite3_backup_init(target, "main", handle, "main") else {
            throw unsafe SQLiteError(
                code: sqlite3_extended_errcode(target), message: String(cString: sqlite3_errmsg(target)))
        }
        var step = SQLITE_OK
        while step == SQLITE_OK {
            step = unsafe sqlite3_backup_step(backup, pagesPerStep)
            let total = unsafe Int(sqlite3_backup_pagecount(backup))
            progress(unsafe total - Int(sqlite3_backup_remaining(backup)), total)
        }
        let end = unsafe sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, end == SQLITE_OK else {
            throw unsafe SQLiteError(
                code: step == SQLITE_DONE ? end : step, message: String(cString: sqlite3_errstr(step)))
        }
    }

    /// Takes the database for this connection alone, until it is closed, and folds the write-ahead log into the file,
    /// so that the database is that one file.
    /// - Returns: false where any other connection is open, of whatever process; then nothing was changed.
    package func takeAlone() throws(SQLiteError) -> Bool {
        unsafe BusyWait.install(on: handle, sleeps: BusyWait.brief)
        defer { unsafe BusyWait.install(on: handle) }
        do {
            try runScript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
            return true
        } catch {
            guard error.isBusy else { throw error }
            return false
        }
    }

    /// Makes the database one file without a write-ahead log: for copies that nobody else has open.
    package func leaveLog() throws(SQLiteError) {
        try runScript("PRAGMA journal_mode = DELETE")
    }

    /// Whether another file, or none, is at the path by now: then what is written here is lost to everybody else.
    package var hasMoved: Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// Runs a statement that ends with the name of a table, and answers the number in its first row. The name is
    /// quoted: it can be nothing but a name.
    package func number(_ sql: StaticString, _ table: String) throws(SQLiteError) -> Int64 {
        var quoted = "\""
        for character in table { quoted += character == "\"" ? "\"\"" : String(character) }
        let statement = try unsafe Statement(compiling: sql.description + quoted + "\"", on: handle)
        guard try statement.step() else { return 0 }
        return statement.withRow { $0.integer(0) }
    }
}
