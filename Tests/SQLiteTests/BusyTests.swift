import SQLite
import TestKit
import Testing

/// Connections that want to write at the same moment take turns.
@Suite(.timeLimit(.minutes(10))) struct BusyTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
        try database.open().runScript("CREATE TABLE turn (id INTEGER PRIMARY KEY, who TEXT NOT NULL) STRICT")
    }

    /// Each goes on until every one has had a hundred turns; one that starves makes the others run into the limit.
    @Test(arguments: [2, 4])
    func everyWriterGetsItsTurns(writers: Int) async throws {
        let most = 20_000
        let turns = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<writers {
                let connection = try database.database()
                group.addTask {
                    for turn in 1...most {
                        let isEnough = try await connection.write { db throws(SQLiteError) in
                            try db.run(Query<Void>("INSERT INTO turn (who) VALUES (?1)", [.text("\(writer)")]))
                            let counts = try db.run(Query("SELECT count(*) FROM turn GROUP BY who") { $0.count(0) })
                            return counts.count == writers && counts.allSatisfy { $0 >= 100 }
                        }
                        if isEnough { return turn }
                    }
                    return most
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(turns.allSatisfy { $0 < most }, "\(turns)")
        let stored = try database.open().run(Query("SELECT count(*) FROM turn") { $0.count(0) })
        #expect(stored == [turns.reduce(0, +)])
    }
}
