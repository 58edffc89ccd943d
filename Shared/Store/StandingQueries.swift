package import Model
package import SQLite

extension Query {
    /// Every model of a published snapshot with its listing, tags aside, by rising model number: what a reader of a
    /// whole Hub holds in memory. Rows that SQLite must put into another order first are all kept at once, a kilobyte
    /// each.
    package static func standingsByModel(snapshot key: Int64) -> Query<(model: UInt32, standing: Standing)> {
        Query<(model: UInt32, standing: Standing)>(
            """
            SELECT model.name, card.provider, listing.downloads, card.downloads_all_time, listing.likes,
                   listing.trending, card.created_at_ms, card.last_modified_ms, card.gated, card.library,
                   card.pipeline, card.private, card.license, card.license_name, card.license_class,
                   card.parameters, card.parameters_active, card.parameters_source, card.parent, card.relation,
                   card.parent_source, card.capabilities, '',
                   standing.rank, standing.adoption, standing.ecosystem, standing.velocity, standing.total,
                   standing.downloads_24h, standing.downloads_24h_reason, standing.downloads_7d,
                   standing.downloads_7d_reason, standing.likes_24h, standing.likes_24h_reason, standing.likes_7d,
                   standing.likes_7d_reason, standing.rank_change, standing.rank_change_reason,
                   standing.family_root, standing.anomaly_state, standing.anomaly_downloads,
                   standing.anomaly_velocity, standing.downloads_return, standing.cohort_z, standing.own_z,
                   standing.downloads_change, standing.own_returns, standing.likes_gained, standing.likes_z,
                   standing.like_days, model.id
              FROM standing
              JOIN listing ON listing.key = standing.key
              JOIN model ON model.id = (standing.key & 4294967295)
              JOIN snapshot ON snapshot.key = ?1
              JOIN model_card AS card ON card.feed_id = snapshot.feed_id AND card.model_id = model.id
             WHERE standing.key >= (?1 << 32) AND standing.key < ((?1 + 1) << 32)
             ORDER BY standing.key
            """, [.integer(key)]
        ) { (UInt32(truncatingIfNeeded: $0.integer(50)), Standing($0)) }
    }
}

extension Query {
    /// What was said of the models of a published snapshot, by rising model number.
    package static func standingAnomalies(snapshot key: Int64) -> Query<(model: UInt32, anomaly: Anomaly)> {
        Query<(model: UInt32, anomaly: Anomaly)>(
            """
            SELECT key & 4294967295, anomaly_state, anomaly_downloads, anomaly_velocity, downloads_return, cohort_z,
                   own_z, downloads_change, own_returns, likes_gained, likes_z, like_days
              FROM standing WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32) ORDER BY key
            """, [.integer(key)]
        ) { (UInt32(truncatingIfNeeded: $0.integer(0)), Anomaly($0, from: 1)) }
    }
}

extension Listing {
    /// From the first 23 columns of ``Query/standingsByModel(snapshot:)`` and of
    /// ``Query/absentModels(snapshot:seenSince:)``.
    init(_ row: borrowing Row) {
        self.init(id: ModelID(row.text(0)), provider: row.text(1))
        downloads = row.integerOrNull(2)
        downloadsAllTime = row.integerOrNull(3)
        likes = row.integerOrNull(4)
        trendingScore = row.realOrNull(5)
        createdAt = row.integerOrNull(6).map { Timestamp(milliseconds: $0) }
        lastModified = row.integerOrNull(7).map { Timestamp(milliseconds: $0) }
        gated = row.textOrNull(8).flatMap { Gated(rawValue: $0) }
        library = row.textOrNull(9)
        pipeline = row.textOrNull(10)
        isPrivate = row.flag(11)
        license = row.textOrNull(12).map { id in
            License(id: id, name: row.textOrNull(13), kind: row.textOrNull(14).flatMap { LicenseClass(rawValue: $0) })
        }
        if let total = row.integerOrNull(15), let source = ParameterSource(rawValue: row.text(17)) {
            parameters = ParameterCount(total: total, active: row.integerOrNull(16), source: source)
        }
        if let parent = row.textOrNull(18), let relation = Relation(rawValue: row.text(19)),
            let source = LineageSource(rawValue: row.text(20))
        {
            parentage = Parentage(parent: ModelID(parent), relation: relation, source: source)
        }
        capabilities = row.text(21).split(separator: "\n").compactMap { CapabilityClaim(stored: $0) }
        tags = row.text(22).split(separator: "\n").map(String.init)
    }
}

extension CapabilityClaim {
    /// A line of `capability source`.
    fileprivate init?(stored line: Substring) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 2, let capability = Capability(rawValue: words[0]),
            let source = CapabilitySource(rawValue: words[1])
        else { return nil }
        self.init(capability, source: source)
    }
}

extension Standing {
    fileprivate init(_ row: borrowing Row) {
        func tenths(_ row: borrowing Row, _ column: Int32) -> Tenths? {
            row.integerOrNull(column).map { Tenths(Int32($0)) }
        }
        func delta(_ row: borrowing Row, _ column: Int32) -> Delta {
            if let value = row.integerOrNull(column) { return .change(value) }
            return .missing(MissingReason(rawValue: row.text(column + 1)) ?? .noBaseline)
        }
        let listing = Listing(row)
        let root = row.textOrNull(38).map { ModelID($0) } ?? listing.id
        self.init(
            listing: listing, rank: row.count(23),
            scores: Scores(
                adoption: tenths(row, 24), ecosystem: tenths(row, 25), velocity: tenths(row, 26),
                total: row.integer(27) == Standing.noTotal ? nil : Tenths(Int32(row.integer(27)))),
            deltas: Deltas(
                downloads24h: delta(row, 28), downloads7d: delta(row, 30), likes24h: delta(row, 32),
                likes7d: delta(row, 34), rankChange: delta(row, 36)),
            family: FamilyPlace(root: root, parentage: root == listing.id ? nil : listing.parentage),
            anomaly: Anomaly(row, from: 39))
    }
}

extension Anomaly {
    /// From eleven columns, the state first.
    fileprivate init(_ row: borrowing Row, from first: Int32) {
        var figures = AnomalyFigures()
        figures.downloadsReturn = row.realOrNull(first + 3)
        figures.cohortZ = row.realOrNull(first + 4)
        figures.ownZ = row.realOrNull(first + 5)
        figures.downloadsChange = row.integerOrNull(first + 6)
        figures.ownReturns = row.integerOrNull(first + 7).map { Int($0) }
        figures.likesGained = row.integerOrNull(first + 8)
        figures.likesZ = row.realOrNull(first + 9)
        figures.likeDays = row.integerOrNull(first + 10).map { Int($0) }
        self.init(
            downloads: row.integerOrNull(first + 1).map { $0 == 1 },
            velocity: row.integerOrNull(first + 2).map { $0 == 1 },
            state: AnomalyState(rawValue: row.text(first)) ?? .insufficientHistory, figures: figures)
    }
}

extension Standing {
    /// What stands for a total that there is not; the column takes no NULL.
    static let noTotal: Int64 = -1
}
