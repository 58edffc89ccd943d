import JSON
import Model
import Store

/// A model's series: one point per snapshot that has it, and the gaps in between.
struct HistoryBody {
    let model: String
    let feed: String
    /// The one figure that is wanted; `nil` for all.
    let metric: HistoryQuery.Metric?

    /// A stretch of snapshots that do not have the model, named by its first and its last.
    struct Gap: Equatable {
        let from: Timestamp
        var to: Timestamp
    }

    /// Stretches without the model between its first and its last appearance, and after the last.
    static func gaps(in points: [HistoryPoint]) -> [Gap] {
        var gaps: [Gap] = []
        var isOpen = false
        for point in points.drop(while: { !$0.isListed }) {
            if point.isListed {
                isOpen = false
            } else if isOpen {
                gaps[gaps.count - 1].to = point.snapshot.observedAt
            } else {
                gaps.append(Gap(from: point.snapshot.observedAt, to: point.snapshot.observedAt))
                isOpen = true
            }
        }
        return gaps
    }

    /// - Parameter points: of all snapshots, oldest first.
    func encode(_ points: [HistoryPoint]) -> [UInt8] {
        var json = JSONWriter(capacity: 256 + points.count * 160)
        json.beginObject()
        json.key("id")
        json.string(model)
        json.key("feed")
        json.string(feed)
        json.key("points")
        json.beginArray()
        for point in points where point.isListed { write(point, to: &json) }
        json.endArray()
        json.key("gaps")
        json.beginArray()
        for gap in Self.gaps(in: points) {
            json.beginObject()
            json.key("from")
            json.string(gap.from.rfc3339)
            json.key("to")
            json.string(gap.to.rfc3339)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.finished()
    }

    /// The same points, one a line; a gap is a stretch without lines.
    func csv(_ points: [HistoryPoint]) -> [UInt8] {
        let metrics = metrics
        var bytes = CSVLine.header(["id", "snapshotId", "observedAt"] + metrics.map(\.rawValue))
        for point in points where point.isListed {
            var line = CSVLine(isSafe: true)
            line.text(model)
            line.text(point.snapshot.id)
            line.text(point.snapshot.observedAt.rfc3339)
            for metric in metrics {
                switch metric {
                case .downloads: line.number(point.downloads)
                case .likes: line.number(point.likes)
                case .trendingScore: line.number(point.trendingScore)
                case .rank: line.number(point.rank.map { Int64($0) })
                case .score: line.number(point.total?.value)
                }
            }
            bytes += line.finished()
        }
        return bytes
    }

    private var metrics: [HistoryQuery.Metric] { metric.map { [$0] } ?? HistoryQuery.Metric.allCases }

    private func write(_ point: HistoryPoint, to json: inout JSONWriter) {
        json.beginObject()
        json.key("snapshotId")
        json.string(point.snapshot.id)
        json.key("observedAt")
        json.string(point.snapshot.observedAt.rfc3339)
        for metric in metrics {
            json.key(text: metric.rawValue)
            switch metric {
            case .downloads: json.integer(point.downloads)
            case .likes: json.integer(point.likes)
            case .trendingScore: json.double(point.trendingScore)
            case .rank: json.integer(point.rank)
            case .score: json.double(point.total?.value)
            }
        }
        json.endObject()
    }
}
