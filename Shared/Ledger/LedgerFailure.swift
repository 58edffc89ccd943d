package import SQLite

/// Why the ledger could not do what was asked of it, whichever engine keeps it. Never the fault of what was sent.
package enum LedgerFailure: Error, Equatable, Sendable {
    /// The disk is full, or others hold the database: the same request may succeed later.
    case unavailable(String)
    /// A mistake of ours.
    case broken(String)

    package init(_ error: SQLiteError) {
        self = error.blamesStatement ? .broken(error.description) : .unavailable(error.message)
    }
}

extension Database {
    /// Reads from one view of the database, and fails as the ledger does.
    func asked<Result: Sendable>(
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(LedgerFailure) -> Result {
        do throws(SQLiteError) {
            return try read(body)
        } catch {
            throw LedgerFailure(error)
        }
    }
}
