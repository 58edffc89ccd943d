/// One SQL statement: its text, what is bound to it, and what a row of its answer means.
///
/// The text is a `StaticString`: what is known only at run time cannot become SQL.
package struct Query<Output: Sendable>: Write {
    package let sql: StaticString
    package let bindings: [Value]
    package let decode: @Sendable (borrowing Row) -> Output

    package init(
        _ sql: StaticString, _ bindings: [Value] = [], decode: @escaping @Sendable (borrowing Row) -> Output
    ) {
        self.sql = sql
        self.bindings = bindings
        self.decode = decode
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        _ = try connection.run(self)
    }
}

extension Query where Output == Void {
    package init(_ sql: StaticString, _ bindings: [Value] = []) {
        self.init(sql, bindings) { _ in }
    }
}

/// A change to the database that can be stored in somebody else's transaction.
package protocol Write: Sendable {
    func apply(to connection: borrowing Connection) throws(SQLiteError)
}
