import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct TokenTests {
    let world: CommandWorld

    init() throws {
        world = try CommandWorld()
    }

    @Test func theTextIsShownOnceAndOnlyItsDigestIsKept() async throws {
        let words = ["token", "create", "--scope", "ingest,read", "--plan", "pro", "--expires", "90d", "--json"]
        #expect(await world.run(words) == .fine)
        let json = try JSONDocument(parsing: world.output).root
        #expect(json.members.map(\.key) == ["id", "token", "scopes", "plan", "expiresAt"])
        let text = try #require(json["token"]?.string)
        #expect(text.hasPrefix("hc_") && text.utf8.count == 46)
        #expect(json["scopes"]?.elements.map(\.string) == ["read", "ingest"])
        let tokens = try world.store.open().run(.tokens())
        #expect(tokens.map(\.id) == [json["id"]?.string])
        #expect(tokens.first?.scopes == ["read", "ingest"])
        #expect(tokens.first?.expiresAt == CommandWorld.start + .days(90))
        let dump = try world.audit().map { "\($0)" }.joined() + (await world.output(of: "token", "list", "--json"))
        #expect(!dump.contains(text))
    }

    @Test func noTwoAreAlike() async throws {
        let first = await world.output(of: "token", "create", "--scope", "read")
        let second = await world.output(of: "token", "create", "--scope", "read")
        #expect(first != second)
        #expect(try world.store.open().run(.tokens()).count == 2)
    }

    @Test(arguments: [
        (["--scope", "reed"], "there is no scope 'reed'"), (["--scope", "read,"], nil),
        (["--scope", "read", "--expires", "soon"], "--expires expects"),
        (["--scope", "read", "--expires", "2020-01-01"], "--expires is in the past"),
        (["--scope", "read", "--expires", "2030-01-01"], nil),
        (["--scope", "read", "--plan", "Pro Plan"], "--plan expects"),
    ])
    func arguments(words: [String], complaint: String?) async throws {
        #expect(await world.run(["token", "create"] + words) == (complaint == nil ? .fine : .wrongUsage))
        if let complaint { #expect(world.errors.contains(complaint)) }
    }

    @Test func aPlanMustBeOneOfTheDeployments() async throws {
        let folder = try TemporaryDirectory()
        let plans = #"""
            {"version": 1, "standard": "free", "plans": [
              {"name": "free", "rate": "60/1m", "pageSize": 25, "filterDepth": 3, "exports": false,
               "customProfiles": false, "webhooks": {"subscriptions": 1, "concurrency": 1}}]}
            """#
        _ = try folder.write([UInt8](plans.utf8), to: "plans.json")
        let world = try CommandWorld(settings: ["HELICARRIER_CONFIG_DIR": folder.path])
        #expect(await world.run(["token", "create", "--scope", "read", "--plan", "free"]) == .fine)
        #expect(await world.run(["token", "create", "--scope", "read", "--plan", "pro"]) == .wrongUsage)
        #expect(world.errors.contains("there is no plan 'pro' in plans.json; there is: free"))
        #expect(try world.store.open().run(.tokens()).count == 1)
    }

    @Test func revokingIsForGood() async throws {
        _ = await world.output(of: "token", "create", "--scope", "read", "--expires", "1h")
        let id = try #require(try world.store.open().run(.tokens()).first?.id)
        #expect(await world.output(of: "token", "list").contains("  valid "))
        world.advance(by: .minutes(1))
        #expect(await world.run(["token", "revoke", id]) == .fine)
        let revoked = try #require(try world.store.open().run(.tokens()).first)
        #expect(revoked.revokedAt == CommandWorld.start + .minutes(1))
        #expect(!revoked.isValid(at: CommandWorld.start))
        world.advance(by: .minutes(1))
        #expect(await world.run(["token", "revoke", id]) == .fine)
        #expect(try world.store.open().run(.tokens()).first?.revokedAt == revoked.revokedAt)
        #expect(await world.output(of: "token", "list").contains("  revoked "))
    }

    @Test func aTextGivenInPlaceOfAnIdIsNotRecorded() async throws {
        let text = await world.output(of: "token", "create", "--scope", "read").filter { $0 != "\n" }
        world.forget()
        #expect(await world.run(["token", "revoke", text]) == .failed)
        #expect(!world.errors.contains(text))
        #expect(try world.audit().allSatisfy { $0.target != text })
    }

    @Test func anExpiredOneIsShownAsThat() async throws {
        _ = await world.output(of: "token", "create", "--scope", "read", "--expires", "1h")
        world.advance(by: .hours(1))
        #expect(await world.output(of: "token", "list").contains("  expired "))
    }
}
