import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct RejectsTests {
    @Test func newestFirstWithTheirReasons() async throws {
        let world = try CommandWorld()
        try world.store.open().runScript(
            """
            INSERT INTO feed VALUES (1, 'hub', 0), (2, 'mine', 0);
            INSERT INTO refresh (id, feed_id, origin, observed_at_ms, state, started_at_ms)
            VALUES ('a', 1, 'import', 1000, 'fetched', 0), ('b', 2, 'import', 2000, 'fetched', 0);
            INSERT INTO rejected_row VALUES ('a', 0, 3, 'x/y', '/3/downloads', 'must be a number', '"many"'),
                                            ('a', 0, 4, NULL, '/4/id', 'is missing', '{}'),
                                            ('b', 0, -1, NULL, '', 'not an array', '7');
            """)
        let all = try JSONDocument(parsing: await world.output(of: "rejects", "--json")).root
        #expect(all.elements.map { $0["snapshot"]?.string } == ["b", "a", "a"])
        #expect(all[0]?["row"]?.isNull == true)
        #expect(all[1]?["reason"]?.string == "must be a number")
        let own = try JSONDocument(
            parsing: await world.output(of: "rejects", "--feed", "hub", "--limit", "1", "--json"))
        #expect(own.root.elements.map { $0["row"]?.int64 } == [3])
        #expect(await world.output(of: "rejects").contains("x/y    /3/downloads  must be a number"))
    }
}
