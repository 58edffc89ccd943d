import JSON
import Jobs
import Model
import SQLite
import Store

/// The events about single models that a publication of the hub gives rise to.
///
/// Each names its happening by snapshot or epoch, so a publication that is made again tells nothing twice.
struct ModelEvents: Sendable {
    private let snapshot: Snapshot
    private let moment: Timestamp
    private let traceParent: String?

    init(_ snapshot: Snapshot, at moment: Timestamp, _ traceParent: String?) {
        self.snapshot = snapshot
        self.moment = moment
        self.traceParent = traceParent
    }

    func of(_ changes: ModelChanges, names: [UInt32: ModelID]) -> [OutgoingEvent] {
        let added = changes.added.compactMap { place in
            event("model.added", names[place.model]) { $0.member("rank", place.rank) }
        }
        let removed = changes.removed.compactMap { place in
            event("model.removed", names[place.model]) { $0.member("formerRank", place.rank) }
        }
        let moved = changes.moved.compactMap { move in
            event("model.rank.changed", names[move.model]) { json in
                json.member("rank", move.now)
                json.member("formerRank", move.before)
                json.member("change", move.before - move.now)
            }
        }
        return added + removed + moved
    }

    func of(_ change: LicenseChange) -> OutgoingEvent? {
        event("model.license.changed", change.model) { json in
            json.key("license")
            json.string(Self.shortened(change.now))
            json.key("formerLicense")
            json.string(Self.shortened(change.before))
        }
    }

    /// Some write the text of a licence where its name belongs; an event has room for a name.
    private static func shortened(_ license: String) -> String {
        license.unicodeScalars.count <= 200
            ? license : String(String.UnicodeScalarView(license.unicodeScalars.prefix(200))) + "…"
    }

    /// Those that stand out most come first; the others are in the list of anomalies.
    func of(_ found: AnomalyFindings, names: [UInt32: ModelID]) -> [OutgoingEvent] {
        guard let epoch = found.epoch, found.isTold else { return [] }
        return [("model.anomaly.opened", found.opened), ("model.anomaly.closed", found.closed)].flatMap { type, marks in
            marks.sorted(by: Self.standsOutMore).prefix(ModelChanges.most).compactMap { mark in
                event(type, names[mark.model], "\(mark.rule.rawValue):\(epoch.id)") { json in
                    json.key("rule")
                    json.string(mark.rule.rawValue)
                    json.key("epoch")
                    json.string(epoch.id)
                    json.key("figures")
                    Self.write(mark, to: &json)
                }
            }
        }
    }

    private static func standsOutMore(_ left: AnomalyMark, than right: AnomalyMark) -> Bool {
        func score(_ mark: AnomalyMark) -> Double {
            abs((mark.rule == .downloads ? mark.figures.ownZ : mark.figures.likesZ) ?? 0)
        }
        return (score(right), left.model) < (score(left), right.model)
    }

    private static func write(_ mark: AnomalyMark, to json: inout JSONWriter) {
        let figures = mark.figures
        json.beginObject()
        switch mark.rule {
        case .downloads:
            json.member("downloadsChange", figures.downloadsChange)
            json.member("downloadsReturn", figures.downloadsReturn)
            json.member("cohortZ", figures.cohortZ)
            json.member("ownZ", figures.ownZ)
            json.member("ownReturns", figures.ownReturns.map { Int64($0) })
        case .velocity:
            json.member("likesGained", figures.likesGained)
            json.member("likesZ", figures.likesZ)
            json.member("likeDays", figures.likeDays.map { Int64($0) })
        }
        json.endObject()
    }

    /// - Parameter happening: what beside the model tells one such event from another; else it is the snapshot.
    private func event(
        _ type: String, _ model: ModelID?, _ happening: String? = nil, data: (inout JSONWriter) -> Void
    ) -> OutgoingEvent? {
        guard let model else { return nil }
        let origin = "\(type):\(snapshot.feed):\(model.text):\(happening ?? snapshot.id)"
        return OutgoingEvent(type: type, originKey: origin, occurredAt: moment, traceParent: traceParent) { json in
            json.beginObject()
            json.key("id")
            json.string(model.text)
            json.key("feed")
            json.string(snapshot.feed)
            json.key("snapshot")
            json.string(snapshot.id)
            data(&json)
            json.key("link")
            json.string("/api/v4/models/\(model.text)")
            json.endObject()
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: StaticString, _ value: Int64?) {
        self.key(key)
        integer(value)
    }

    fileprivate mutating func member(_ key: StaticString, _ value: Double?) {
        self.key(key)
        double(value)
    }
}

/// Tells licences that have changed since the last publication, and remembers those that are shown now: in one
/// transaction, so that a snapshot that lands between the two is told by its own publication.
struct TellLicenses: Write {
    let snapshot: Snapshot
    /// `nil` where nobody is told, as for an imported snapshot.
    let events: ModelEvents?
    let now: Timestamp

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        if let events {
            for change in try connection.run(.changedLicenses(snapshot: snapshot.key, limit: ModelChanges.most)) {
                if let event = events.of(change) { try EmitEvent(event, now: now).apply(to: connection) }
            }
        }
        try connection.run(Query<Void>.rememberLicenses(feed: snapshot.feed))
    }
}
