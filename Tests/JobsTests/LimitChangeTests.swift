import Model
import SQLite
import Store
import TestKit
import Testing

@testable import Jobs

/// What operators may set, in the words of the command line and of the page.
@Suite struct LimitChangeTests {
    private func change(_ texts: [LimitField: String]) throws(LimitChange.Fault) -> LimitChange {
        try LimitChange { texts[$0] }
    }

    @Test(arguments: [
        (LimitField.depth, "5", "5"), (.depth, "007", "7"), (.objective, "300s", "5m"), (.objective, "90s", "90s"),
        (.objective, "24h", "1d"), (.running, "off", "off"), (.rate, "10/1s", "10/1s"), (.rate, "3/1s", "3/1s"),
        (.rate, "7/60s", "7/1m"), (.rate, "1000000/1h", "1000000/1h"),
    ])
    func aLimitHasOneWayOfWriting(field: LimitField, given: String, text: String) throws {
        let change = try change([field: given])
        #expect(change.texts == [field: text] && change.words == "\(field.rawValue) \(text)")
        let limits = change.applied(to: TargetLimits(QueueLimit(target: "x")))
        #expect(limits.text(field) ?? "off" == text)
        #expect(change.without(limits).isEmpty, "nothing is left to change")
    }

    @Test(arguments: [
        (LimitField.depth, "0"), (.depth, "-1"), (.depth, "many"), (.depth, ""), (.running, "1.5"),
        (.objective, "5"), (.rate, "10"), (.rate, "0/1s"), (.rate, "1/1s/2"), (.rate, "99999999999/1s"),
    ])
    func whatIsNoLimitSaysWhatWasExpected(field: LimitField, given: String) {
        let fault = #expect(throws: LimitChange.Fault.self) { try change([field: given]) }
        #expect(fault?.field == field && fault?.words.hasSuffix(", or off") == true)
    }

    @Test func whatIsNotNamedStays() async throws {
        let shop = try await Workshop()
        let queue = QueueOperator(try shop.place.database(), name: "ada", now: shop.time.now)
        try await queue.limit("fetch", change([.depth: "9", .objective: "1h"]))
        try await queue.limit("fetch", change([.depth: "off"]))
        let limits = try shop.place.open().limits()
        #expect(limits.first?.limit == QueueLimit(target: "fetch", objective: .hours(1)))
        #expect(limits.map(\.target).contains("deliver-webhook") && limits.count == 4 + Catalog.kinds.count)
        try await queue.limit("fetch-page", change([.rate: "2/1m"]))
        #expect(try shop.place.open().limits(of: "fetch-page").pace?.interval == 30_000_000)
        try await queue.limit("fetch-page", change([.rate: "off"]))
        #expect(try shop.place.open().limits(of: "fetch-page").pace == nil)
        let audit = try shop.place.open().run(.auditEntries(limit: 9)).map(\.entry)
        #expect(audit.map(\.result) == ["rate off", "rate 2/1m", "depth off", "depth 9, objective 1h"])
    }
}
