import Deployment
import HTTPServer
import Model
import SQLite
import Store

/// One model: what is known of it now, and its series over the kept history.
struct ModelEndpoints: Sendable {
    /// Anomalies of a model that its own page tells; `/api/v4/anomalies` has all.
    private static let shownAnomalies = 20

    let lists: Lists

    func model(_ request: Request, _ parameters: Parameters) async -> Response {
        await model(parameters["owner"] + "/" + parameters["name"], request)
    }

    /// Legacy ids have no owner.
    func legacyModel(_ request: Request, _ parameters: Parameters) async -> Response {
        await model(parameters["name"], request)
    }

    func history(_ request: Request, _ parameters: Parameters) async -> Response {
        await history(parameters["owner"] + "/" + parameters["name"], request)
    }

    func legacyHistory(_ request: Request, _ parameters: Parameters) async -> Response {
        await history(parameters["name"], request)
    }

    private func model(_ id: String, _ request: Request) async -> Response {
        await answer { () throws(Declined) in
            let (query, faults) = ModelQuery.read(
                request.query, .snapshot, feeds: lists.site.feeds.current.feeds,
                profiles: lists.site.settings.profiles)
            try lists.check(faults, request)
            let index = try await lists.newest(query.feed, request)
            guard let row = index.place(of: id) else {
                throw lists.refusal(
                    .notFound, "The feed \(query.feed) has not seen a model \(id) in the kept history.", request)
            }
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            let anomalies: [AnomalyRecord]
            do throws(SQLiteError) {
                anomalies = try await open.reader.run(
                    .anomalies(feed: query.feed, model: ModelID(id), limit: Self.shownAnomalies))
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            let body = ModelDetailBody(
                index: index, profile: lists.profile(query.profile), caps: lists.site.settings.profiles.caps,
                anomalies: anomalies)
            return lists.digested(body.encode(row), request)
        }
    }

    /// An id as the name of a file: whatever else it holds, no separator and nothing that a header could trip over.
    private static func fileName(of id: String) -> String {
        let kept = id.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": Character(scalar)
            default: "-"
            }
        }
        return "history-" + String(kept)
    }

    private func history(_ id: String, _ request: Request) async -> Response {
        await answer { () throws(Declined) in
            let (query, faults) = HistoryQuery.read(request.query, feeds: lists.site.feeds.current.feeds)
            try lists.check(faults, request)
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            let points: [HistoryPoint]?
            do throws(SQLiteError) {
                points = try await open.reader.read { db throws(SQLiteError) in
                    guard try db.run(.isKnown(id, feed: query.feed)).first != nil else { return nil }
                    return try db.run(.history(feed: query.feed, model: id, from: query.from, to: query.to))
                }
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            guard let points else {
                throw lists.refusal(.notFound, "The feed \(query.feed) has never seen a model \(id).", request)
            }
            let body = HistoryBody(model: id, feed: query.feed, metric: query.metric)
            switch query.format {
            case .json: return lists.digested(body.encode(points), request)
            case .csv:
                let place = "attachment; filename=\"\(Self.fileName(of: id)).csv\""
                return lists.digested(
                    body.csv(points), request, contentType: CSVLine.contentType,
                    headers: [HeaderField("Content-Disposition", place)])
            }
        }
    }
}
