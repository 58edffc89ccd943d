import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import scorer

/// What a publication of a fetched snapshot tells, through the outbox.
@Suite struct ModelEventTests {
    private static let base: [Int64?] = (1...40).map { Int64($0) * 1_000 }

    private func told(_ rig: StageRig, _ type: String) throws -> [String] {
        try rig.events().filter { $0.hasPrefix(type + " ") }.map { String($0.dropFirst(type.count + 1)) }
    }

    @Test func aFirstSnapshotTellsOfNoModel() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base), origin: .upstream)
        #expect(try rig.events().count == 1)
    }

    @Test func modelsThatComeAndGoAreToldOnce() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base), origin: .upstream)
        var next = Observed.madeUp(hour: 3, Self.base + [500]).listings
        next.removeFirst()
        let observed = Observed(at: Observed.madeUp(hour: 3, []).at, listings: next)
        try await rig.arrive(observed, origin: .upstream)
        _ = try await rig.publish("hub")
        let id = try rig.publication().snapshot.id
        #expect(try told(rig, "model.added") == ["model.added:hub:m/40:\(id)"])
        #expect(try told(rig, "model.removed") == ["model.removed:hub:m/0:\(id)"])
        #expect(try told(rig, "model.rank.changed").isEmpty, "nobody else of the first places has moved")
    }

    /// The snapshot that comes between has one model less: what was told of the newest stands, and nothing is added.
    @Test func anImportBeforeASnapshotThatWasToldTellsNothing() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base), origin: .upstream)
        try await rig.arrive(.madeUp(hour: 6, Self.base), origin: .upstream)
        let before = try rig.events()
        try await rig.arrive(.madeUp(hour: 3, Array(Self.base.dropLast(2))))
        #expect(try rig.events() == before)
    }

    @Test func placesOnTheFirstPageAreTold() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base), origin: .upstream)
        var risen = Self.base
        risen[0] = 900_000
        try await rig.arrive(.madeUp(hour: 3, risen), origin: .upstream)
        let moves = try told(rig, "model.rank.changed")
        #expect(moves.count == 26, "the one that rose to the top, and the twenty-five that it passed there")
        let body = try #require(try rig.body(of: "model.rank.changed:hub:m/0:\(rig.publication().snapshot.id)"))
        let data = try #require(JSONDocument(parsing: body).root["data"])
        #expect(data["rank"]?.int64 == 1 && data["formerRank"]?.int64 == 40 && data["change"]?.int64 == 39)
        #expect(data["link"]?.string == "/api/v4/models/m/0")
    }

    @Test func aLicenceThatChangesIsTold() async throws {
        let rig = try StageRig()
        func observed(_ hour: Int64, _ license: String?) -> Observed {
            let made = Observed.madeUp(hour: hour, Self.base)
            let listings = made.listings.map { listing in
                var listing = listing
                listing.license = license.map { License(id: $0, name: nil, kind: nil) }
                return listing
            }
            return Observed(at: made.at, listings: Array(listings.prefix(1)) + made.listings.dropFirst())
        }
        try await rig.arrive(observed(0, "mit"), origin: .import)
        try await rig.arrive(observed(1, nil), origin: .upstream)
        #expect(try told(rig, "model.license.changed").isEmpty, "an unknown licence is no other one")
        try await rig.arrive(observed(2, "apache-2.0"), origin: .upstream)
        try await rig.arrive(observed(3, "apache-2.0"), origin: .upstream)
        let changes = try told(rig, "model.license.changed")
        #expect(changes.count == 1)
        let key = try #require(changes.first)
        let body = try #require(try rig.body(of: key))
        let data = try #require(JSONDocument(parsing: body).root["data"])
        #expect(data["id"]?.string == "m/0" && data["formerLicense"]?.string == "mit")
        #expect(data["license"]?.string == "apache-2.0")
    }

    /// Some write the text of a licence where its name belongs.
    @Test func ofALongLicenceTheBeginningIsTold() async throws {
        let rig = try StageRig()
        let long = String(repeating: "Licence – ", count: 4_000)
        for (hour, license) in [(0, "mit"), (1, long)] {
            let made = Observed.madeUp(hour: Int64(hour), Self.base)
            var first = try #require(made.listings.first)
            first.license = License(id: license, name: nil, kind: nil)
            let listings = [first] + made.listings.dropFirst()
            try await rig.arrive(Observed(at: made.at, listings: listings), origin: .upstream)
        }
        let key = try #require(try told(rig, "model.license.changed").first)
        let body = try #require(try rig.body(of: key))
        let data = try #require(JSONDocument(parsing: body).root["data"])
        #expect(data["license"]?.string == String(long.unicodeScalars.prefix(200)) + "…")
        #expect(body.count < 2_000)
    }

    @Test func anAnomalyIsToldWhenItOpensAndWhenItCloses() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 13, jumps: [11: 7])
        for day in days[...10] { try await rig.arrive(day) }
        try await rig.arrive(days[11], origin: .upstream)
        let epoch = try rig.publication().snapshot.id
        #expect(try told(rig, "model.anomaly.opened") == ["model.anomaly.opened:hub:m/7:downloads:\(epoch)"])
        let later = Observed(at: days[11].at + .hours(3), listings: days[11].listings)
        try await rig.arrive(later, origin: .upstream)
        #expect(try told(rig, "model.anomaly.opened").count == 1, "the same epoch is told once")
        let body = try #require(try rig.body(of: "model.anomaly.opened:hub:m/7:downloads:\(epoch)"))
        let figures = try #require(JSONDocument(parsing: body).root["data"]?["figures"])
        #expect((figures["ownZ"]?.double ?? 0) > 3.5 && figures["ownReturns"]?.int64 == 9)
        try await rig.arrive(days[12], origin: .upstream)
        let closing = try rig.publication().snapshot.id
        #expect(try told(rig, "model.anomaly.closed") == ["model.anomaly.closed:hub:m/7:downloads:\(closing)"])
    }

    @Test func anEpochThatWasImportedIsNotToldByALaterSnapshot() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 12, jumps: [11: 7])
        for day in days { try await rig.arrive(day) }
        let later = Observed(at: days[11].at + .hours(3), listings: days[11].listings)
        try await rig.arrive(later, origin: .upstream)
        #expect(try rig.anomalies().count == 1 && told(rig, "model.anomaly.opened").isEmpty)
    }

    @Test func importsTellNothing() async throws {
        let rig = try StageRig()
        for day in Observed.steady(days: 13, jumps: [12: 7]) { try await rig.arrive(day) }
        #expect(try rig.anomalies().count == 1 && rig.events().isEmpty)
    }
}

extension StageRig {
    func body(of originKey: String) throws -> [UInt8]? {
        try place.open().run(
            Query("SELECT body FROM event WHERE origin_key = ?1", [.text(originKey)]) { $0.blob(0) }
        ).first
    }
}
