import Daemon
import JSON
import Model
import SQLite
import Store

/// What `/api/v4/stream` tells of: the newest snapshots, the backlog, and the deliveries of the last day.
struct LiveNews: LiveContent, Equatable {
    /// The newest snapshot of each feed, by the feed's name.
    var snapshots: [String: SnapshotReference] = [:]
    var backlog: [Stage] = []
    var deliveries = Deliveries(ended: 0, succeeded: 0)

    /// The backlog of a stage, without what changes though nothing happens.
    struct Stage: Equatable, Sendable {
        let name: String
        let pending: Int
        let inflight: Int
        let retrying: Int
        let dead: Int
    }

    /// Deliveries that ended in the last 24 hours.
    struct Deliveries: Equatable, Sendable {
        let ended: Int
        let succeeded: Int
    }

    static func read(_ site: Site, _ open: Site.Open) async throws(SQLiteError) -> LiveNews {
        var news = LiveNews()
        for (feed, index) in site.feeds.current.newest { news.snapshots[feed] = index.publication.snapshot.reference }
        let since = SystemClock.now() - .days(1)
        let (backlog, day) = try await open.reader.read { db throws(SQLiteError) in
            (try db.backlog(), try db.run(.endedDeliveries(since: since)).first)
        }
        news.backlog = backlog.map { Stage($0) }
        news.deliveries = Deliveries(ended: day?.ended ?? 0, succeeded: day?.succeeded ?? 0)
        return news
    }

    static func event(from before: LiveNews?, to after: LiveNews) -> [UInt8]? {
        var events: [UInt8] = []
        for (feed, snapshot) in after.snapshots.sorted(by: { $0.key < $1.key })
        where before?.snapshots[feed] != snapshot {
            events += Self.event("snapshot") { json in
                json.key("feed")
                json.string(feed)
                json.key("id")
                json.string(snapshot.id)
                json.key("observedAt")
                json.string(snapshot.observedAt.rfc3339)
            }
        }
        if before?.backlog != after.backlog {
            events += Self.event("backlog") { json in
                for stage in after.backlog { stage.write(to: &json) }
            }
        }
        if before?.deliveries != after.deliveries {
            events += Self.event("deliveries") { json in
                json.key("ended24h")
                json.integer(after.deliveries.ended)
                json.key("succeeded24h")
                json.integer(after.deliveries.succeeded)
            }
        }
        return events.isEmpty ? nil : events
    }

    private static func event(_ name: String, _ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        members(&json)
        json.endObject()
        return [UInt8]("event: \(name)\ndata: ".utf8) + json.finished() + [UInt8]("\n\n".utf8)
    }
}

extension LiveNews.Stage {
    init(_ stage: StageBacklog) {
        self.init(
            name: stage.stage.rawValue, pending: stage.ready + stage.scheduled, inflight: stage.running,
            retrying: stage.retrying, dead: stage.dead)
    }

    /// As a member of an object that is open.
    func write(to json: inout JSONWriter) {
        json.key(text: name)
        json.beginObject()
        json.key("pending")
        json.integer(pending)
        json.key("inflight")
        json.integer(inflight)
        json.key("retrying")
        json.integer(retrying)
        json.key("dead")
        json.integer(dead)
        json.endObject()
    }
}
