import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

/// Who did what, as an operator reads it.
@Suite struct AuditTests {
    let world: CommandWorld

    init() throws {
        world = try CommandWorld()
        let acts = [
            ("ada", "queue pause", "fetch"), ("page:bo", "queue resume", "fetch"),
            ("api:cli", "webhooks rotate", "sub_1"),
            ("ada", "queuerunner", "x\u{1B}[2J"),
        ]
        for (number, (who, action, target)) in acts.enumerated() {
            let entry = AuditEntry(
                at: CommandWorld.start + .seconds(Int64(number)), who: who, action: action, target: target,
                result: "done")
            try world.store.open().run(.audit(entry))
        }
    }

    @Test(
        arguments: [
            ([], [4, 3, 2, 1]), (["--limit", "2"], [4, 3]), (["--who", "ada"], [4, 1]), (["--who", "ad"], []),
            (["--action", "queue"], [2, 1]), (["--action", "queue pause"], [1]), (["--action", "rotate"], []),
            (["--who", "page:bo", "--action", "queue"], [2]),
        ] as [([String], [Int64])])
    func theNewestComeFirst(words: [String], ids: [Int64]) async throws {
        #expect(await world.run(["audit", "--json"] + words) == .fine)
        let rows = try JSONDocument(parsing: world.output).root.elements
        #expect(rows.compactMap { $0["id"]?.int64 } == ids)
        for row in rows { #expect(row.members.map(\.key) == ["id", "at", "who", "action", "target", "result"]) }
    }

    @Test func theTableIsForPeople() async throws {
        let table = await world.output(of: "audit")
        let lines = table.split(separator: "\n")
        #expect(lines.count == 5 && lines[0].split(separator: " ") == ["AT", "WHO", "ACTION", "TARGET", "RESULT"])
        #expect(lines[2].contains("api:cli") && lines[2].contains("webhooks rotate") && lines[2].contains("sub_1"))
        #expect(!table.contains("\u{1B}"), "what a target holds does not reach the terminal")
        #expect(await world.run(["audit", "--limit", "0"]) == .wrongUsage)
    }
}
