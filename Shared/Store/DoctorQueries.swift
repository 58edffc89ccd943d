package import Model
package import SQLite

extension Query {
    /// What SQLite finds wrong with the file; one row `ok` if nothing. Reads the whole database.
    package static func quickCheck() -> Query<String> {
        Query<String>("PRAGMA quick_check(5)") { $0.text(0) }
    }

    /// When the newest job was made; no row if there is none.
    package static func newestJobCreation() -> Query<Timestamp> {
        Query<Timestamp>("SELECT created_at_ms FROM job ORDER BY id DESC LIMIT 1") {
            Timestamp(milliseconds: $0.integer(0))
        }
    }
}
