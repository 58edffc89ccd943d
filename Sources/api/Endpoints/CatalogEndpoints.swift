import Crypto
import Deployment
import HTTPServer
import JSON
import Model

/// What there is to choose from: feeds and score profiles.
struct CatalogEndpoints: Sendable {
    let lists: Lists

    func feeds(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            try lists.check(QueryReader(request.query, scalars: []).faults, request)
            guard lists.site.open != nil else { throw Declined(response: lists.answers.unavailable(request)) }
            let edition = lists.site.feeds.current
            var json = JSONWriter()
            json.beginObject()
            json.key("feeds")
            json.beginArray()
            for feed in edition.feeds {
                guard let publication = edition.newest[feed]?.publication else { continue }
                json.beginObject()
                json.key("name")
                json.string(feed)
                json.key("isDefault")
                json.bool(feed == LeaderboardAddress.defaultFeed)
                json.key("models")
                json.integer(publication.snapshot.readyCount)
                json.key("historyDays")
                json.integer(publication.historyDays)
                json.key("snapshotCount")
                json.integer(publication.snapshotCount)
                SnapshotBody.write(publication.snapshot, to: &json)
                json.endObject()
            }
            json.endArray()
            json.endObject()
            return digested(json.finished(), request)
        }
    }

    func profiles(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            try lists.check(QueryReader(request.query, scalars: []).faults, request)
            let profiles = lists.site.settings.profiles
            var json = JSONWriter()
            json.beginObject()
            json.key("profiles")
            json.beginArray()
            for profile in profiles.profiles {
                json.beginObject()
                json.key("name")
                json.string(profile.name)
                json.key("version")
                json.integer(profile.version)
                json.key("weights")
                SnapshotBody.write(profile.weights, to: &json)
                json.endObject()
            }
            json.endArray()
            json.key("version")
            json.integer(profiles.version)
            json.key("caps")
            json.beginObject()
            json.key("downloads")
            json.double(profiles.caps.downloads)
            json.key("likes")
            json.double(profiles.caps.likes)
            json.key("trendingScore")
            json.double(profiles.caps.trendingScore)
            json.endObject()
            json.endObject()
            return digested(json.finished(), request)
        }
    }

    private func digested(_ body: [UInt8], _ request: Request) -> Response {
        let tag = Hex.encode(Array(SHA256.digest(body).bytes.prefix(12)))
        return lists.answers.marked(
            Representation(contentType: "application/json", body: body, tag: tag).response(to: request))
    }
}
