/// One connection on its own thread. Accesses are served one after the other; each is synchronous inside, so no
/// other access can slip between two of its statements.
package actor Database {
    private let queue = BlockingQueue(label: "database")
    private let connection: Connection

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe queue.asUnownedSerialExecutor()
    }

    package init(
        path: String, durability: Durability = .full, readOnly: Bool = false
    ) throws(SQLiteError) {
        connection = try Connection(path: path, durability: durability, readOnly: readOnly)
    }

    /// Runs `body` as one transaction that holds the write lock.
    package func write<Result: Sendable>(
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try connection.transaction(body)
    }

    /// Runs `body` on one unchanging view of the database.
    package func read<Result: Sendable>(
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try connection.consistentRead(body)
    }

    /// Runs one query in a transaction of its own.
    @discardableResult
    package func run<Output>(_ query: Query<Output>) throws(SQLiteError) -> [Output] {
        try connection.run(query)
    }

    /// Runs `body` outside a transaction: for checkpoints and pragmas, and for several transactions in a row.
    package func access<Result: Sendable, Failure>(
        _ body: @Sendable (borrowing Connection) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(connection)
    }
}
