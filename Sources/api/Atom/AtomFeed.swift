import Crypto
import Model
import Store

/// News of a feed of models as an Atom feed (RFC 4287).
struct AtomFeed: Sendable {
    /// One piece of news. The same news has the same id in every process and at every time.
    struct Entry: Equatable, Sendable {
        let id: String
        let title: String
        let summary: String
        let updated: Timestamp
        let link: String
        /// What kind of news, for readers that filter.
        let category: String

        /// - Parameter name: what the news is about and when; its digest is the id.
        init(
            name: String, category: String, title: String, summary: String, updated: Timestamp, link: String
        ) {
            id = AtomFeed.urn(name)
            (self.title, self.summary, self.updated, self.link) = (title, summary, updated, link)
            self.category = category
        }
    }

    let feed: String
    let updated: Timestamp
    let entries: [Entry]
    /// Where the feed itself is.
    let address: String

    func render() -> [UInt8] {
        let isUsual = feed == LeaderboardAddress.defaultFeed
        let leaderboard = "/" + QueryText.suffix(isUsual ? [] : [("feed", feed)])
        var page = HTML(capacity: 1_024 + entries.count * 600)
        page += #"""
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
            <id>\#(Self.urn("feed \(feed)"))</id>
            <title>Helicarrier: \#(feed)</title>
            <subtitle>Models that rise, fall and appear</subtitle>
            <updated>\#(updated.rfc3339)</updated>
            <link rel="self" type="application/atom+xml" href="\#(address)"/>
            <link rel="alternate" type="text/html" href="\#(leaderboard)"/>
            <author><name>Helicarrier</name></author>
            <generator>Helicarrier</generator>

            """#
        for entry in entries { Self.write(entry, to: &page) }
        page += "</feed>\n"
        return page.bytes
    }

    private static func write(_ entry: Entry, to page: inout HTML) {
        page += #"""
            <entry>
            <id>\#(entry.id)</id>
            <title>\#(entry.title)</title>
            <updated>\#(entry.updated.rfc3339)</updated>
            <category term="\#(entry.category)"/>
            <link rel="alternate" type="text/html" href="\#(entry.link)"/>
            <summary>\#(entry.summary)</summary>
            </entry>

            """#
    }

    /// A UUID of version 8 (RFC 9562, section 5.8) made of a name's digest.
    static func urn(_ name: String) -> String {
        var bytes = Array(SHA256.digest([UInt8](name.utf8)).bytes.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array(Hex.encode(bytes))
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return "urn:uuid:" + parts.joined(separator: "-")
    }
}

extension AtomFeed {
    /// The news of a published snapshot: who moved most between the two newest refreshes, who is new since, and who
    /// stands out.
    init(_ index: ModelIndex, anomalies: [AnomalyRecord] = [], address: String) {
        let publication = index.publication
        let current = publication.baselines.current ?? publication.snapshot.reference
        let span = DeltaSpan(.day, of: publication.baselines)
        func mover(_ row: Int) -> Entry? {
            guard let change = index.columns.downloads24h[row].value else { return nil }
            let id = index.columns.ids[row]
            let amount = Figures.exact(Int64(clamping: change.magnitude))
            let word = change > 0 ? "gained" : "lost"
            let total = index.columns.downloads[row].map { " It has \(Figures.exact($0))." } ?? ""
            return Entry(
                name: "mover \(publication.snapshot.feed) \(id) \(current.id)", category: "mover",
                title: "\(id) \(word) \(amount) downloads",
                summary: "\(id) \(word) \(amount) downloads \(span.words).\(total) Rank \(row + 1).",
                updated: current.observedAt, link: Self.page(of: id))
        }
        func arrival(_ row: Int) -> Entry {
            let id = index.columns.ids[row]
            return Entry(
                name: "new \(publication.snapshot.feed) \(id)", category: "new-model", title: "\(id) is new",
                summary: "\(id) was first seen after the baseline of a day earlier. Rank \(row + 1).",
                updated: index.columns.created[row].map { Timestamp(milliseconds: $0) } ?? current.observedAt,
                link: Self.page(of: id))
        }
        let highlights = index.highlights
        let movers = (highlights.risingRows + highlights.fallingRows).compactMap(mover)
        self.init(
            feed: publication.snapshot.feed, updated: publication.publishedAt,
            entries: movers + highlights.newRows.map(arrival)
                + anomalies.map { Self.entry($0, of: publication.snapshot.feed) }, address: address)
    }

    private static func entry(_ anomaly: AnomalyRecord, of feed: String) -> Entry {
        let isDownloads = anomaly.rule == .downloads
        let change = isDownloads ? anomaly.figures.downloadsChange : anomaly.figures.likesGained
        let amount = change.map { "\($0 > 0 ? "gained" : "lost") \(Figures.exact(Int64(clamping: $0.magnitude)))" }
        let what = isDownloads ? "downloads" : "likes"
        let id = anomaly.model.text
        return Entry(
            name: "anomaly \(feed) \(id) \(anomaly.rule.rawValue) \(anomaly.openedEpoch)", category: "anomaly",
            title: "\(id) stands out: \(what)",
            summary: "\(id) \(amount ?? "changed") \(what) in a day, far from its own earlier days.",
            updated: anomaly.openedAt, link: page(of: id))
    }

    /// Ids are the Hub's, but what a row says is not trusted to be an address.
    private static func page(of id: String) -> String {
        "https://huggingface.co/"
            + id.split(separator: "/").map { QueryText.percentEncoded(String($0)) }
            .joined(separator: "/")
    }
}
