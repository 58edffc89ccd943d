import CSQLite

/// How hard a commit is pressed onto the disk before it is acknowledged.
package enum Durability: String, Sendable {
    /// What was acknowledged survives a power cut.
    case full
    /// The last commits may be lost in a power cut; the database stays whole.
    case normal
}

/// An open database. Unique ownership makes "closed exactly once" a fact that the compiler checks.
///
/// Checkpoints: SQLite before 3.51.3 loses acknowledged commits when two processes checkpoint at once, so no
/// connection does it by itself, neither on commit nor on close; ``checkpoint(_:)`` is for the one elected process.
@safe package struct Connection: ~Copyable {
    private let owned: ConnectionHandle
    var handle: OpaquePointer { unsafe owned.pointer }

    package init(path: String, durability: Durability = .full, readOnly: Bool = false) throws(SQLiteError) {
        let settings = """
            PRAGMA journal_mode = WAL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL");
            PRAGMA foreign_keys = ON;
            PRAGMA query_only = \(readOnly ? "ON" : "OFF");
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -16384;
            """
        do {
            owned = try ConnectionHandle(path: path, readOnly: readOnly, settings: settings)
        } catch {
            // Who opens a database wants to know which, and not what was said to it first.
            throw SQLiteError(code: error.code, message: "\(path): \(error.message)")
        }
    }

    /// Runs one query to its end and decodes each row.
    @discardableResult
    package func run<Output>(_ query: Query<Output>) throws(SQLiteError) -> [Output] {
        var rows: [Output] = []
        try each(query) { rows.append($0) }
        return rows
    }

    /// Runs one query and hands over each decoded row as it comes, so that a large answer needs no array.
    package func each<Output>(_ query: Query<Output>, _ body: (Output) -> Void) throws(SQLiteError) {
        let statement = try owned.statement(for: query.sql)
        defer { statement.reset() }
        try statement.bind(query.bindings)
        while try statement.step() {
            body(statement.withRow { query.decode($0) })
        }
    }

    /// Runs one query that answers nothing.
    /// - Returns: how many rows it inserted, changed or deleted. Cheaper than a `RETURNING`, for which SQLite makes a
    ///   table at each run.
    package func change(_ query: Query<Void>) throws(SQLiteError) -> Int {
        try each(query) { _ in }
        return changeCount
    }

    /// Runs SQL text without parameters: migrations and pragmas of ours, never text from outside.
    package func runScript(_ sql: String) throws(SQLiteError) {
        try owned.execute(sql)
    }

    /// Runs `body` in one transaction that holds the write lock from its start.
    package func transaction<Result>(
        _ body: (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try owned.step("BEGIN IMMEDIATE")
        do {
            let result = try body(self)
            try owned.step("COMMIT")
            return result
        } catch {
            // A failed COMMIT may have rolled back already; the first error is the one that says why.
            try? runScript("ROLLBACK")
            throw error
        }
    }

    /// Runs `body` so that its writes vanish if it throws, while the surrounding transaction goes on.
    package func savepoint<Result>(
        _ body: (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try owned.step("SAVEPOINT part")
        do {
            let result = try body(self)
            try owned.step("RELEASE part")
            return result
        } catch {
            // A full disk or a lost lock ends the whole transaction, and the savepoint with it.
            if isInTransaction { try? runScript("ROLLBACK TO part; RELEASE part") }
            throw error
        }
    }

    /// Runs `body` in a transaction that is taken back whatever it does.
    package func rehearsal<Result>(
        _ body: (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try owned.step("BEGIN IMMEDIATE")
        // A failed statement may have rolled back already.
        defer { if isInTransaction { try? runScript("ROLLBACK") } }
        return try body(self)
    }

    package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Reads several queries from one unchanging view of the database.
    package func consistentRead<Result>(
        _ body: (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try owned.step("BEGIN")
        defer { try? owned.step("COMMIT") }
        return try body(self)
    }

    /// Rows that the last statement inserted, changed or deleted.
    package var changeCount: Int { unsafe Int(sqlite3_changes64(handle)) }

    /// The number of the row that the last statement added, where tables number their rows.
    package var lastRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    /// Gives back what the connection has read of the database, once nothing as large will be read again.
    package func releaseMemory() {
        unsafe sqlite3_db_release_memory(handle)
    }

    /// Compiles SQL and forgets it: proves that text fits the schema.
    package func prepare(_ sql: StaticString) throws(SQLiteError) {
        _ = try unsafe Statement(compiling: sql.description, on: handle)
    }

    /// How SQLite would run a statement, one line for each step. The statement itself is not run.
    package func plan(of sql: String) throws(SQLiteError) -> [String] {
        let statement = try unsafe Statement(compiling: "EXPLAIN QUERY PLAN " + sql, on: handle)
        var steps: [String] = []
        while try statement.step() { steps.append(statement.withRow { $0.text(3) }) }
        return steps
    }
}

/// The open database and its compiled statements, by the address of their constant text.
@safe private final class ConnectionHandle {
    let pointer: OpaquePointer
    private var statements: [UnsafePointer<UInt8>: Statement] = unsafe [:]
    /// Once for the process, before its first connection; another time it would be refused, and change nothing.
    private static let settings = csqlite_disable_memory_statistics()

    init(path: String, readOnly: Bool, settings: String) throws(SQLiteError) {
        _ = Self.settings
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (readOnly ? 0 : SQLITE_OPEN_CREATE)
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let reason = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) }
            unsafe sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: reason ?? "out of memory")
        }
        unsafe pointer = opened
        unsafe sqlite3_extended_result_codes(opened, 1)
        _ = unsafe csqlite_disable_checkpoint_on_close(opened)
        unsafe BusyWait.install(on: opened)
        try BusyWait.repeating { () throws(SQLiteError) in try execute(settings) }
    }

    deinit {
        unsafe statements.removeAll()
        unsafe sqlite3_close_v2(pointer)
    }

    func execute(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(pointer, sql, nil, nil, nil)
        guard code == SQLITE_OK else {
            throw unsafe SQLiteError(
                code: sqlite3_extended_errcode(pointer), message: String(cString: sqlite3_errmsg(pointer)), sql: sql)
        }
    }

    /// Runs a statement without parameters and rows, compiled once.
    func step(_ sql: StaticString) throws(SQLiteError) {
        let statement = try statement(for: sql)
        defer { statement.reset() }
        _ = try statement.step()
    }

    func statement(for sql: StaticString) throws(SQLiteError) -> Statement {
        guard sql.hasPointerRepresentation else {
            return try unsafe Statement(compiling: sql.description, on: pointer)
        }
        if let known = unsafe statements[sql.utf8Start] { return known }
        let fresh = try unsafe Statement(compiling: sql.description, on: pointer)
        unsafe statements[sql.utf8Start] = fresh
        return fresh
    }
}
