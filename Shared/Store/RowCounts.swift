package import SQLite

/// How many rows a table has.
package struct TableCount: Equatable, Sendable {
    package let table: String
    package let rows: Int64

    package init(table: String, rows: Int64) {
        self.table = table
        self.rows = rows
    }
}

extension Query {
    /// Every table that a migration has made, in the order of the names.
    package static func tableNames() -> Query<String> {
        Query<String>(
            """
            SELECT name FROM sqlite_master
             WHERE type = 'table' AND name NOT LIKE 'sqlite#_%' ESCAPE '#' ORDER BY name
            """
        ) { $0.text(0) }
    }

    /// What SQLite finds wrong with the file, its indexes and its rules; one row `ok` if nothing. Reads everything, and
    /// takes several times as long as ``quickCheck()``.
    package static func integrityCheck() -> Query<String> {
        Query<String>("PRAGMA integrity_check(5)") { $0.text(0) }
    }

    /// Tables with rows that point at rows that do not exist; at most five.
    package static func danglingReferences() -> Query<String> {
        Query<String>(
            """
            SELECT "table" FROM pragma_foreign_key_check LIMIT 5
            """
        ) { $0.text(0) }
    }
}

extension Connection {
    /// The rows of every table. Inside ``consistentRead(_:)`` all are of one moment.
    package func rowCounts() throws(SQLiteError) -> [TableCount] {
        var counts: [TableCount] = []
        for table in try run(Query<String>.tableNames()) {
            counts.append(TableCount(table: table, rows: try number("SELECT count(*) FROM ", table)))
        }
        return counts
    }
}
