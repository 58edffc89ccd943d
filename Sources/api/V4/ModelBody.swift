import JSON
import Model

/// A model as v4 answers it. Unknown is `null`; it is never 0, "unknown" or an empty object.
struct ModelBody {
    let index: ModelIndex
    /// The profile that rank and total are of.
    let profile: String
    /// What deltas are taken between: the same for all models, so it is written once.
    private let spans: (current: [UInt8], downloads: [UInt8], likes: [UInt8])

    init(index: ModelIndex, profile: String) {
        self.index = index
        self.profile = profile
        let baselines = index.publication.baselines
        spans = (
            Self.written { Self.write(baselines.current, to: &$0) },
            Self.written { Self.writePair(baselines.downloads24h, baselines.downloads7d, to: &$0) },
            Self.written { Self.writePair(baselines.likes24h, baselines.likes7d, to: &$0) }
        )
    }

    private static func written(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        write(&json)
        return json.finished()
    }

    private var publication: Publication { index.publication }

    /// One model as an object of its own.
    func encode(_ row: Int) -> [UInt8] {
        var json = JSONWriter(capacity: 1_600)
        json.beginObject()
        write(row, to: &json)
        json.endObject()
        return json.finished()
    }

    /// The members of a model's object.
    func write(_ row: Int, to json: inout JSONWriter) {
        let standing = index.standing(row, profile: profile)
        let listing = standing.listing
        json.key("id")
        json.string(listing.id.text)
        json.key("slug")
        json.string(Self.slug(listing.id.text))
        json.key("name")
        json.string(listing.id.name)
        json.key("provider")
        json.string(listing.provider)
        json.key("status")
        json.string(index.status(row).rawValue)
        json.key("rank")
        json.integer(index.isListed(row) ? standing.rank : nil)
        writeMetrics(listing, to: &json)
        writeDeltas(standing.deltas, to: &json)
        writeScores(standing.scores, to: &json)
        Self.write(standing.anomaly, to: &json)
        Self.write(listing.capabilities, to: &json)
        if index.isListed(row) {
            Self.write(standing.family, size: index.families.size(ofRow: row), to: &json)
        } else {
            json.key("family")
            json.null()
        }
        Self.write(listing.parameters, to: &json)
        Self.write(listing.license, to: &json)
        json.key("library")
        json.string(listing.library)
        json.key("pipeline")
        json.string(listing.pipeline)
        json.key("gated")
        json.string(listing.gated?.rawValue)
        json.key("tier")
        json.string("free")
        json.key("access")
        json.string(listing.isPrivate ? "private" : "public")
        json.key("source")
        json.string("https://huggingface.co/\(listing.id.text)")
        if !index.isListed(row) { writeAbsence(row, to: &json) }
    }

    /// When a model that the snapshot does not have was last seen, and why it could not be had.
    private func writeAbsence(_ row: Int, to json: inout JSONWriter) {
        json.key("lastSeenAt")
        json.string(index.observedAt(row)?.rfc3339)
        guard let error = index.absent.errors[row - index.count] else { return }
        json.key("error")
        json.string(error)
    }

    private func writeMetrics(_ listing: Listing, to json: inout JSONWriter) {
        json.key("metrics")
        json.beginObject()
        json.key("downloads")
        json.integer(listing.downloads)
        json.key("downloadsAllTime")
        json.integer(listing.downloadsAllTime)
        json.key("likes")
        json.integer(listing.likes)
        json.key("trendingScore")
        json.double(listing.trendingScore)
        json.key("lastModified")
        json.string(listing.lastModified?.rfc3339)
        json.key("createdAt")
        json.string(listing.createdAt?.rfc3339)
        json.key("recencyDays")
        json.integer(listing.lastModified.map { Self.days(from: $0, to: publication.snapshot.observedAt) })
        json.endObject()
    }

    private func writeDeltas(_ deltas: Deltas, to json: inout JSONWriter) {
        json.key("delta")
        json.beginObject()
        let fields = Self.fields(deltas)
        for (name, delta) in fields {
            json.key(text: name)
            json.integer(delta.value)
        }
        json.key("current")
        json.raw(spans.current)
        json.key("baseline")
        json.raw(spans.downloads)
        json.key("likesBaseline")
        json.raw(spans.likes)
        json.key("missing")
        json.beginObject()
        for (name, delta) in fields {
            guard let reason = delta.reason else { continue }
            json.key(text: name)
            json.string(reason.rawValue)
        }
        json.endObject()
        json.endObject()
    }

    private static func fields(_ deltas: Deltas) -> [(String, Delta)] {
        [
            ("downloads24h", deltas.downloads24h), ("downloads7d", deltas.downloads7d),
            ("likes24h", deltas.likes24h), ("likes7d", deltas.likes7d), ("rankChange", deltas.rankChange),
        ]
    }

    private static func writePair(_ day: SnapshotReference?, _ week: SnapshotReference?, to json: inout JSONWriter) {
        json.beginObject()
        json.key("24h")
        write(day, to: &json)
        json.key("7d")
        write(week, to: &json)
        json.endObject()
    }

    static func write(_ reference: SnapshotReference?, to json: inout JSONWriter) {
        guard let reference else {
            json.null()
            return
        }
        json.beginObject()
        json.key("snapshotId")
        json.string(reference.id)
        json.key("observedAt")
        json.string(reference.observedAt.rfc3339)
        json.endObject()
    }

    private func writeScores(_ scores: Scores, to json: inout JSONWriter) {
        json.key("scores")
        json.beginObject()
        json.key("adoption")
        json.double(scores.adoption?.value)
        json.key("ecosystem")
        json.double(scores.ecosystem?.value)
        json.key("velocity")
        json.double(scores.velocity?.value)
        json.key("total")
        json.double(scores.total?.value)
        json.endObject()
    }

    /// Whole days, half a day counting up; never below 0.
    private static func days(from start: Timestamp, to end: Timestamp) -> Int {
        let elapsed = end.milliseconds - start.milliseconds
        return elapsed <= 0 ? 0 : Int((elapsed + 43_200_000) / 86_400_000)
    }

    /// Lower case; each run of characters outside `a-z0-9` becomes one `-`, none at the ends.
    static func slug(_ text: String) -> String {
        var slug: [UInt8] = []
        slug.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            // Letters that are none of ASCII may have small ones that are.
            guard byte < 128 else { return slugOfAnyText(text) }
            let small = TextColumn.lowercased(byte)
            if (97...122).contains(small) || (48...57).contains(small) {
                slug.append(small)
            } else if let last = slug.last, last != UInt8(ascii: "-") {
                slug.append(UInt8(ascii: "-"))
            }
        }
        if slug.last == UInt8(ascii: "-") { slug.removeLast() }
        return String(decoding: slug, as: UTF8.self)
    }

    private static func slugOfAnyText(_ text: String) -> String {
        let words = text.lowercased().utf8.split { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return words.map { String(Substring($0)) }.joined(separator: "-")
    }
}
