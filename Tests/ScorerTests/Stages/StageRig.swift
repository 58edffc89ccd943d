import Deployment
import JSON
import Jobs
import Model
import SQLite
import Scoring
import Store
import Telemetry
import TestKit
import Testing

@testable import Scoring
@testable import scorer

/// One observation as the normalizer would hand it over.
struct Observed: Sendable {
    let at: Timestamp
    let listings: [Listing]
    var errors: [UpstreamError] = []

    /// A recorded file; of its thousand models about every third, and the curated ones.
    static func recorded(_ name: String, curated: Set<String>) throws -> Observed {
        let root = try JSONDocument(parsing: unpacked("samples/hub-week/\(name).json.gz")).root
        let moment = try #require(root["fetchedAt"]?.string.flatMap(Timestamp.init(rfc3339:)))
        var listings: [Listing] = []
        for row in try #require(root["models"]).elements {
            let id = try #require(row["id"]?.string)
            guard curated.contains(id) || id.utf8.reduce(0, { $0 + Int($1) }) % 3 == 0 else { continue }
            var listing = Listing(id: ModelID(id))
            listing.downloads = row["downloads"]?.int64
            listing.likes = row["likes"]?.int64
            listing.trendingScore = row["trendingScore"]?.double
            listing.lastModified = row["lastModified"]?.string.flatMap(Timestamp.init(rfc3339:))
            listings.append(listing)
        }
        return Observed(at: moment, listings: listings)
    }

    /// Models `m/0`, `m/1` … with these downloads.
    static func madeUp(hour: Int64, _ downloads: [Int64?]) -> Observed {
        let listings = downloads.enumerated().map { index, count in
            var listing = Listing(id: ModelID("m/\(index)"))
            listing.downloads = count
            return listing
        }
        return Observed(at: Timestamp(milliseconds: 1_777_000_000_000) + .hours(hour), listings: listings)
    }
}

/// A real database that snapshots arrive in, with the scorer's two stages over it.
struct StageRig {
    let place: TemporaryDatabase
    let database: Database
    let profiles: ScoreProfiles
    let thresholds: AnomalyThresholds
    let curated: [CuratedSource]

    init() throws {
        place = try TemporaryDatabase()
        database = try place.database()
        let folder = DeploymentFolder(path: repositoryFile("samples/config"))
        profiles = try folder.scoreProfiles()
        thresholds = try folder.anomalyThresholds()
        curated = try folder.sources()
    }

    /// Stores a snapshot, as the normalizer does.
    func observe(_ observed: Observed, origin: Origin = .import, feed: String = "hub") throws -> String {
        let id = Snapshot.id(feed: feed, observedAt: observed.at)
        try place.open().transaction { db throws(SQLiteError) in
            try db.run(Query<Void>.registerFeed(feed, now: observed.at))
            try db.run(
                Query<String>.startRefresh(
                    feed: feed, origin: origin, observedAt: observed.at, state: "fetched", now: observed.at))
            guard let refresh = try db.run(Query<Refresh>.refresh(id: id)).first else { return }
            try SaveSnapshot(
                refresh: refresh, listings: observed.listings, sourceCount: observed.listings.count, rejected: [],
                errors: observed.errors, now: observed.at
            ).apply(to: db)
        }
        return id
    }

    /// Stores a snapshot, scores it and publishes its feed, as the jobs do one after another.
    /// - Parameter stage: the one of a process that has published before; a new one otherwise.
    @discardableResult
    func arrive(
        _ observed: Observed, origin: Origin = .import, feed: String = "hub", by stage: PublishStage? = nil
    ) async throws -> StageResult {
        let id = try observe(observed, origin: origin, feed: feed)
        let scored = try await score(id)
        #expect(scored.next.map(\.uniqueKey) == ["publish-feed:\(feed)"])
        return try await publish(feed, by: stage)
    }

    func score(_ snapshot: String, by scoring: Scoring? = nil) async throws -> StageResult {
        let weights = try #require(profiles["default"]?.weights)
        let stage = ScoreStage(
            database: database, scoring: scoring ?? Scoring(caps: profiles.caps, weights: weights), now: Self.now)
        let result = try await stage.run(
            ScoreSnapshot(snapshot: snapshot), JobContext(job: JobID(1), log: .silent))
        try store(result)
        return result
    }

    func publishStage() throws -> PublishStage {
        PublishStage(
            database: database, profiles: profiles, profile: try #require(profiles["default"]), thresholds: thresholds,
            curated: curated, now: Self.now)
    }

    func publish(_ feed: String, by stage: PublishStage? = nil) async throws -> StageResult {
        let stage = try stage ?? publishStage()
        let result = try await stage.run(PublishFeed(feed: feed), JobContext(job: JobID(2), log: .silent))
        try store(result)
        return result
    }

    func store(_ result: StageResult) throws {
        try place.open().transaction { db throws(SQLiteError) in
            for write in result.writes { try write.apply(to: db) }
        }
    }

    @Sendable private static func now() -> Timestamp { Timestamp(milliseconds: 1_790_000_000_000) }

    func publication(_ feed: String = "hub") throws -> Publication {
        try #require(try place.open().run(Query<Publication>.newestPublication(feed: feed)).first)
    }

    func standings(_ feed: String = "hub") throws -> [Standing] {
        let key = try publication(feed).snapshot.key
        return try place.open().run(.standingsByModel(snapshot: key)).map(\.standing).sorted { $0.rank < $1.rank }
    }

    /// The verdicts, by the moments of their snapshots: keys depend on the order of arrival.
    func steps() throws -> [String] {
        try place.open().run(
            Query(
                """
                SELECT this.id, previous.id, verdict, coalesce(reason, ''), cohort, changed, median, mad
                  FROM epoch_step JOIN snapshot AS this ON this.key = snapshot_key
                  JOIN snapshot AS previous ON previous.key = previous_key ORDER BY this.id
                """
            ) {
                "\($0.text(0)) after \($0.text(1)): \($0.text(2)) \($0.text(3)) \($0.count(4)) \($0.count(5)) "
                    + "\($0.realOrNull(6) ?? -1) \($0.realOrNull(7) ?? -1)"
            })
    }

    /// By opening and model: ids depend on the order of arrival.
    func anomalies(_ feed: String = "hub") throws -> [AnomalyRecord] {
        try place.open().run(.anomalies(feed: feed, limit: 10_000)).sorted {
            ($0.openedAt.milliseconds, $0.model, $0.rule.rawValue) < (
                $1.openedAt.milliseconds, $1.model, $1.rule.rawValue
            )
        }
    }

    /// Prunes until nothing is left to prune; gives the number of batches.
    @discardableResult
    func prune(_ feed: String = "hub", batch: Int = 500) async throws -> Int {
        let stage = PruneStage(database: database, batch: batch, now: Self.now)
        var batches = 0
        while true {
            let result = try await stage.run(PruneFeed(feed: feed), JobContext(job: JobID(3), log: .silent))
            try store(result)
            batches += 1
            if result.next.isEmpty { return batches }
        }
    }

    /// The first figure of an answer.
    func count(_ sql: StaticString) throws -> Int {
        try place.open().run(Query(sql) { $0.count(0) }).first ?? 0
    }

    func document() throws -> String? {
        try place.open().run(Query<Document>.document("v3/snapshot")).first.map {
            String(decoding: $0.body, as: UTF8.self)
        }
    }

    func events() throws -> [String] {
        try place.open().run(
            Query("SELECT type, origin_key FROM event ORDER BY rowid") { $0.text(0) + " " + $0.text(1) })
    }
}
