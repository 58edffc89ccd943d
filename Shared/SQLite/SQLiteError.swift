import CSQLite

/// What SQLite answered instead of success: its extended code, its words, and the statement.
package struct SQLiteError: Error, Equatable, CustomStringConvertible {
    package let code: Int32
    package let message: String
    package let sql: String

    package init(code: Int32, message: String, sql: String = "") {
        self.code = code
        self.message = message
        self.sql = sql
    }

    private var primaryCode: Int32 { code & 0xff }

    /// Another connection holds the lock; trying again may succeed.
    package var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }
    /// No space for the database, its log or the index of its log.
    package var isDiskFull: Bool { primaryCode == SQLITE_FULL || code == Self.noSpaceForLogIndex }
    /// `SQLITE_IOERR_SHMSIZE`, a macro that Swift cannot import.
    private static let noSpaceForLogIndex = SQLITE_IOERR | (19 << 8)
    /// A CHECK, NOT NULL, UNIQUE or foreign key refused the row: the same write will be refused again.
    package var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
    /// A trigger refused the row with `RAISE`: the message is its own.
    package var isRaised: Bool { code == SQLITE_CONSTRAINT | (7 << 8) }
    /// The statement cannot succeed as it stands, whoever runs it and whenever; all others are unharmed.
    package var blamesStatement: Bool {
        [SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE].contains(primaryCode)
    }
    package var cannotOpen: Bool { primaryCode == SQLITE_CANTOPEN || primaryCode == SQLITE_READONLY }
    package var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }

    package var description: String {
        sql.isEmpty ? "\(message) (SQLite \(code))" : "\(message) (SQLite \(code)) in: \(sql.prefix(120))"
    }
}
