import Compression
import Crypto
import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store

/// Raw pages of a listing, as the fetcher keeps them: what normalizing begins with.
enum Recording {
    private static let rowsOfPage = 1_000

    @Sendable static func pages(_ options: Options, _ answer: inout JSONWriter) async throws {
        let database = try options.location.open(now: SystemClock.now())
        let hub = MadeUpHub(models: options.models, days: 1, newest: SystemClock.now() - .hours(1))
        let id = Snapshot.id(feed: "hub", observedAt: hub.newest)
        try await database.write { db throws(SQLiteError) in
            try db.run(.registerFeed("hub", now: hub.newest))
            _ = try db.run(
                .startRefresh(feed: "hub", origin: .upstream, observedAt: hub.newest, state: "fetched", now: hub.newest)
            )
        }
        let counters = MadeUpCounters(hub)
        var bytes = 0
        for start in stride(from: 0, to: hub.models, by: rowsOfPage) {
            let body = page(start..<min(hub.models, start + rowsOfPage), hub, counters)
            bytes += body.count
            let page = Page(
                refresh: id, number: start / rowsOfPage, url: "bench:\(start)", status: 200, fetchedAt: hub.newest,
                sha256: SHA256.digest(body).bytes, rawBytes: body.count, bodyGzip: Gzip.compress(body, level: 1))
            _ = try await database.write { db throws(SQLiteError) in try db.run(.savePage(page)) }
        }
        _ = try await database.write { db throws(SQLiteError) in
            try db.enqueue(NormalizeRefresh(refresh: id).job(), now: SystemClock.now())
        }
        _ = try await database.access { db throws(SQLiteError) in try db.checkpoint() }
        answer.field("bytes", Int64(bytes))
        answer.field("rows", Int64(hub.models))
    }

    private static func page(_ models: Range<Int>, _ hub: MadeUpHub, _ counters: MadeUpCounters) -> [UInt8] {
        var json = JSONWriter(capacity: models.count * 900)
        json.beginArray()
        for model in models {
            json.beginObject()
            row(hub.listing(model), model, counters, &json)
            json.endObject()
        }
        json.endArray()
        return json.finished()
    }

    /// With the Hub's own key names.
    private static func row(
        _ listing: Listing, _ model: Int, _ counters: MadeUpCounters, _ json: inout JSONWriter
    ) {
        json.key("_id")
        json.string(String(model, radix: 16))
        json.key("id")
        json.string(listing.id.text)
        json.key("author")
        json.string(listing.provider)
        json.field("downloads", counters.downloads[model])
        json.field("downloadsAllTime", counters.downloads[model] * 6)
        json.field("likes", counters.likes[model])
        json.key("trendingScore")
        json.double(counters.trending(model, on: 0))
        json.key("createdAt")
        json.string(listing.createdAt?.rfc3339)
        json.key("lastModified")
        json.string(listing.lastModified?.rfc3339)
        json.key("gated")
        if listing.gated == .no { json.bool(false) } else { json.string(listing.gated?.rawValue) }
        json.key("library_name")
        json.string(listing.library)
        json.key("pipeline_tag")
        json.string(listing.pipeline)
        json.key("private")
        json.bool(false)
        json.key("tags")
        json.beginArray()
        for tag in listing.tags { json.string(tag) }
        json.endArray()
        if let parameters = listing.parameters {
            json.key("safetensors")
            json.beginObject()
            json.key("parameters")
            json.beginObject()
            json.field("BF16", parameters.total)
            json.endObject()
            json.field("total", parameters.total)
            json.endObject()
        }
    }
}
