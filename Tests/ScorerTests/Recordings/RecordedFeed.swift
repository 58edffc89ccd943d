import FoundationEssentials
import JSON
import Model
import Testing

@testable import Scoring
@testable import scorer

/// A recorded feed, oldest snapshot first, in the columns that the scorer works on.
struct RecordedFeed {
    /// One recorded listing; its columns share their keys.
    struct Observation {
        let point: SnapshotPoint
        let downloads: CounterColumn
        let likes: CounterColumn
        let trendingScores: [UInt32: Double]
        let lastModified: [UInt32: Timestamp]
    }

    private(set) var observations: [Observation] = []
    private(set) var ids: [ModelID] = []
    /// When each model was first seen, by key.
    private(set) var firstSeen: [Int64] = []
    private var keys: [ModelID: UInt32] = [:]

    /// The recorded week: one file for each listing.
    static func week() throws -> RecordedFeed {
        var feed = RecordedFeed()
        let folder = "samples/hub-week"
        let names = try FileManager.default.contentsOfDirectory(atPath: repositoryFile(folder))
        for name in names.sorted() where name.hasSuffix(".json.gz") {
            let document = try JSONDocument(parsing: unpacked("\(folder)/\(name)"))
            try feed.observe(document.root, at: "fetchedAt")
        }
        return feed
    }

    /// The daily listings: one line for each day, in the order of days.
    static func daily() throws -> RecordedFeed {
        var feed = RecordedFeed()
        let text = try unpacked("samples/transformers-js/hf_daily_2026.jsonl.gz")
        for line in text.split(separator: UInt8(ascii: "\n")) {
            try feed.observe(JSONDocument(parsing: Array(line)).root, at: "date")
        }
        return feed
    }

    private mutating func observe(_ root: JSONNode, at timeKey: String) throws {
        let moment = try #require(root[timeKey]?.string.flatMap(Timestamp.init(rfc3339:)))
        var rows: [UInt32: JSONNode] = [:]
        for row in try #require(root["models"]).elements {
            rows[key(of: ModelID(try #require(row["id"]?.string)), at: moment)] = row
        }
        let keys = rows.keys.sorted()
        func column(_ name: String) -> CounterColumn {
            CounterColumn(keys: keys, values: keys.map { rows[$0]?[name]?.int64 ?? CounterColumn.unknown })
        }
        let reference = SnapshotReference(id: Snapshot.id(feed: "hub", observedAt: moment), observedAt: moment)
        observations.append(
            Observation(
                point: SnapshotPoint(key: Int64(observations.count + 1), reference: reference),
                downloads: column("downloads"), likes: column("likes"),
                trendingScores: rows.compactMapValues { $0["trendingScore"]?.double },
                lastModified: rows.compactMapValues { $0["lastModified"]?.string.flatMap(Timestamp.init(rfc3339:)) }))
    }

    private mutating func key(of id: ModelID, at moment: Timestamp) -> UInt32 {
        if let known = keys[id] { return known }
        let key = UInt32(ids.count)
        keys[id] = key
        ids.append(id)
        firstSeen.append(moment.milliseconds)
        return key
    }

    func key(of id: ModelID) -> UInt32? { keys[id] }

    /// What each snapshot showed against the one before it.
    func steps() -> [EpochStep] {
        zip(observations, observations.dropFirst()).map {
            EpochDetection.step(from: $0.downloads, to: $1.downloads)
        }
    }

    /// Folded over the whole feed.
    func history() -> EpochHistory {
        var history = EpochHistory()
        for (step, observation) in zip(steps(), observations.dropFirst()) {
            history.record(step, at: observation.point)
        }
        return history
    }
}
