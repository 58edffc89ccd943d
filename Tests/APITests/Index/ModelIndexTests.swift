import Deployment
import Model
import TestKit
import Testing

@testable import api

/// Made-up models of every kind, and an index over them.
struct IndexFixture {
    let standings: [Standing]
    let index: ModelIndex

    init(count: Int, seed: UInt64, limits: ModelIndex.Limits = ModelIndex.Limits()) throws {
        var random = SplitMix64(seed: seed)
        var standings: [Standing] = []
        for number in 0..<count { standings.append(Self.standing(number, of: count, &random)) }
        // As published: by total, then by id.
        standings.sort { left, right in
            let totals = [left, right].map { $0.scores.total?.count ?? -1 }
            return totals[0] == totals[1] ? left.listing.id < right.listing.id : totals[0] > totals[1]
        }
        for place in standings.indices { standings[place].rank = place + 1 }
        self.standings = standings
        var columns = ModelColumns()
        for (number, standing) in standings.enumerated() { columns.append(UInt32(number + 1), standing) }
        let snapshot = Snapshot(
            id: "hub-1", key: 1, feed: "hub", observedAt: Timestamp(milliseconds: 0), sourceCount: count,
            readyCount: count, rejectedCount: 0, callsUsed: 0)
        let publication = Publication(
            snapshot: snapshot, serial: 1, publishedAt: Timestamp(milliseconds: 0), epoch: nil, epochState: .pending,
            baselines: DeltaBaselines(), historyDays: 0, snapshotCount: 1, profile: "default", profileVersion: 1,
            weights: [450, 350, 200])
        index = ModelIndex(
            publication, columns,
            profiles: try DeploymentFolder(path: Repository.root + "/config").scoreProfiles(), limits: limits)
    }

    private static func standing(_ number: Int, of count: Int, _ random: inout SplitMix64) -> Standing {
        func maybe<Value>(_ value: Value) -> Value? { Int.random(in: 0..<4, using: &random) == 0 ? nil : value }
        func one<Value>(of values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        func upTo(_ limit: Int64) -> Int64 { Int64.random(in: 0...limit, using: &random) }
        let owner = one(of: ["Meta", "meta-Llama", "q", "Ω"])
        let id = ModelID("\(owner)\(number % 2)/Model-\(number / 2)")
        var listing = Listing(id: id, provider: one(of: ["Meta", "meta", "Q"]))
        listing.downloads = maybe(upTo(20))
        listing.downloadsAllTime = maybe(upTo(1 << 40))
        listing.likes = maybe(upTo(5))
        listing.trendingScore = maybe(Double(upTo(112)) / 10)
        listing.createdAt = maybe(Timestamp(milliseconds: upTo(9)))
        listing.lastModified = maybe(Timestamp(milliseconds: upTo(9)))
        listing.gated = maybe(one(of: Gated.allCases))
        listing.library = maybe(one(of: ["gguf", "transformers"]))
        listing.pipeline = maybe(one(of: ["text-generation", "fill-mask"]))
        listing.license = maybe(
            License(id: one(of: ["mit", "gemma"]), name: maybe("N"), kind: one(of: LicenseClass.allCases)))
        listing.parameters = maybe(
            ParameterCount(
                total: upTo(400) * 1_000_000_000, active: maybe(5), source: one(of: ParameterSource.allCases)))
        listing.isPrivate = one(of: [true, false])
        listing.capabilities = Capability.allCases.filter { _ in one(of: [true, false, false]) }
            .map { CapabilityClaim($0, source: one(of: CapabilitySource.allCases)) }
        var family = FamilyPlace(root: listing.id, parentage: nil)
        if let parent = maybe(ModelID("root/\(upTo(4))")) {
            family = FamilyPlace(
                root: parent,
                parentage: Parentage(
                    parent: parent, relation: one(of: Relation.allCases), source: one(of: LineageSource.allCases)))
        } else {
            listing.id = ModelID(number < 5 ? "root/\(number)" : listing.id.text)
            family = FamilyPlace(root: listing.id, parentage: nil)
        }
        func delta() -> Delta { maybe(.change(upTo(10) - 5)) ?? .missing(one(of: MissingReason.allCases)) }
        var figures = AnomalyFigures()
        figures.cohortZ = maybe(3.5)
        let anomaly = Anomaly(
            downloads: maybe(one(of: [true, false])), velocity: maybe(one(of: [true, false])),
            state: one(of: AnomalyState.allCases), figures: figures)
        func tenths() -> Tenths? { maybe(Tenths(Int32(upTo(10)) * 100)) }
        return Standing(
            listing: listing, rank: 0,
            scores: Scores(
                adoption: tenths(), ecosystem: tenths(), velocity: tenths(), total: maybe(Tenths(Int32(upTo(8))))),
            deltas: Deltas(
                downloads24h: delta(), downloads7d: delta(), likes24h: delta(), likes7d: delta(), rankChange: delta()),
            family: family, anomaly: anomaly)
    }
}

@Suite struct ModelIndexTests {
    @Test func aRowComesBackAsItWentIn() throws {
        let fixture = try IndexFixture(count: 300, seed: 1)
        for (row, standing) in fixture.standings.enumerated() { #expect(fixture.index.columns[row] == standing) }
        for (row, standing) in fixture.standings.enumerated() {
            #expect(fixture.index.row(of: standing.listing.id.text) == row)
        }
        #expect(fixture.index.row(of: "nobody/nothing") == nil && fixture.index.row(of: "") == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func filtersKeepWhatTheContractSays(seed: UInt64) throws {
        let fixture = try IndexFixture(count: 200, seed: seed)
        var random = SplitMix64(seed: seed &+ 1_000)
        var kept = 0
        for _ in 0..<60 {
            let filter = RowByRow.filter(&random)
            let wanted = fixture.standings.filter { RowByRow.fits(filter, $0) }.map(\.listing.id.text)
            let rows = fixture.index.rows(filter, sort: .usual, profile: "default")
            #expect(rows.map { fixture.index.columns.ids[Int($0)] } == wanted, "\(filter)")
            kept += rows.count
        }
        #expect(kept > 0)
    }

    @Test(arguments: ModelSort.Key.allCases, [true, false])
    func missingValuesAreLastAndEqualOnesGoById(key: ModelSort.Key, descending: Bool) throws {
        let fixture = try IndexFixture(count: 300, seed: 7)
        let sort = ModelSort(key: key, descending: descending)
        let wanted = RowByRow.sorted(fixture.standings, sort)
        let rows = fixture.index.rows(ModelFilter(), sort: sort, profile: "default")
        #expect(rows.map { fixture.standings[Int($0)].listing.id } == wanted.map(\.listing.id))
    }

    @Test(arguments: ["research", "production", "community"])
    func anotherProfileRanksAnew(profile: String) throws {
        let fixture = try IndexFixture(count: 200, seed: 3)
        let rows = fixture.index.rows(ModelFilter(), sort: .usual, profile: profile)
        let standings = rows.map { fixture.index.standing(Int($0), profile: profile) }
        #expect(standings.map(\.rank) == Array(1...200))
        for (left, right) in zip(standings, standings.dropFirst()) {
            let totals = [left, right].map { $0.scores.total?.count ?? -1 }
            #expect(totals[0] > totals[1] || totals[0] == totals[1] && left.listing.id < right.listing.id)
        }
        #expect(standings.map(\.listing.id) != fixture.standings.map(\.listing.id))
    }

    @Test(arguments: 0..<5 as Range<UInt64>)
    func familiesHoldEachModelOnceAndSumWhatTheySay(seed: UInt64) throws {
        let fixture = try IndexFixture(count: 200, seed: seed)
        let families = (0..<fixture.index.families.count).map { fixture.index.families[$0] }
        #expect(families.flatMap(\.rows).sorted() == (0..<200).map { UInt32($0) })
        #expect(Set(families.map(\.root)) == Set(fixture.standings.map(\.family.root.text)))
        #expect(families.map(\.size) == families.map(\.size).sorted(by: >))
        for family in families {
            let members = fixture.standings.filter { $0.family.root.text == family.root }
            let counted = members.compactMap(\.listing.downloads)
            #expect(family.downloads == Family.Sum(sum: counted.reduce(0, +), counted: counted.count))
            let isListed = members.contains { $0.listing.id.text == family.root }
            #expect(family.size == members.count + (isListed ? 0 : 1))
            for relation in Relation.allCases {
                #expect(
                    (family.relations[relation] ?? 0) == members.count { $0.family.parentage?.relation == relation })
            }
            for row in family.rows { #expect(fixture.index.families.size(ofRow: Int(row)) == family.size) }
            let row = fixture.index.row(of: family.root)
            #expect(fixture.index.families.family(of: family.root, row: row)?.rows == family.rows)
        }
        #expect(fixture.index.families.family(of: "nobody/nothing", row: nil) == nil)
    }
}
