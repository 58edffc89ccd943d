import Model

/// The table of the leaderboard. Columns of lower priority (`p2` to `p4`) leave first as the page narrows;
/// a phone keeps rank, model, score and the change of the day.
enum LeaderboardTable {
    static func draw(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"""
            <div class="scroll"><table>
            <caption class="vh">\#(caption(view))</caption>
            <thead class="stick"><tr>
            """#
        if view.v4UI { page += #"<th scope="col" class="pick"><span class="vh">Compare</span></th>"# }
        page += #"<th scope="col"><abbr title="Rank">#</abbr></th>"#
        head(&page, .name, "Model", "", view)
        if view.v4UI { page += #"<th scope="col" class="p4">Capabilities</th>"# }
        head(&page, .score, "Score", "r", view)
        if view.v4UI {
            head(&page, .delta24h, #"<span class="vh">Downloads, change in </span>24 h"#, "r", view)
            head(&page, .delta7d, #"<span class="vh">Downloads, change in </span>7 d"#, "r p2", view)
        }
        page += #"<th scope="col" class="p2">\#(trendTitle(view))</th>"#
        head(&page, .downloads, #"Downloads <span class="unit">30 d</span>"#, "r p2", view)
        head(&page, .likes, "Likes", "r p4", view)
        page += #"""
            <th scope="col" class="p3">Licence</th></tr></thead>
            <tbody>

            """#
        let day = DeltaSpan(.day, of: view.baselines)
        let week = DeltaSpan(.week, of: view.baselines)
        for row in view.rows { draw(&page, row, day: day, week: week, view) }
        page += "</tbody></table></div>\n"
    }

    private static func caption(_ view: LeaderboardView) -> HTML {
        view.v4UI && view.address.sort != .usual
            ? "Models in the order: \(view.address.sort.words)." : "Models ranked by score, highest first."
    }

    /// A heading that sorts: again, it turns the order round.
    private static func head(
        _ page: inout HTML, _ key: ModelSort.Key, _ title: HTML, _ priority: HTML, _ view: LeaderboardView
    ) {
        page += #"<th scope="col""#
        if !priority.bytes.isEmpty { page += #" class="\#(priority)""# }
        guard view.v4UI else {
            page += ">\(title)</th>"
            return
        }
        let sort = view.address.sort
        let isCurrent = sort.key == key
        if isCurrent { page += sort.descending ? #" aria-sort="descending""# : #" aria-sort="ascending""# }
        let next = ModelSort(key: key, descending: isCurrent ? !sort.descending : key.beginsDescending)
        let path = view.address.with { $0.sort = next }.path
        page += #"><a class="sort" id="sort-\#(key.rawValue)" href="\#(path)" data-nav>\#(title)"#
        if isCurrent { page += sort.descending ? .icon("i-desc") : .icon("i-asc") }
        page += "</a></th>"
    }

    /// The column names a span only when the history covers it.
    static func trendTitle(_ view: LeaderboardView) -> HTML {
        view.historyDays < 1 ? "Trend" : "\(Int(min(view.historyDays, 30)))-day trend"
    }

    private static func draw(
        _ page: inout HTML, _ row: LeaderboardView.Row, day: DeltaSpan, week: DeltaSpan, _ view: LeaderboardView
    ) {
        let standing = row.standing
        let listing = standing.listing
        page += "<tr data-row>"
        if view.v4UI {
            page += #"""
                <td class="pick"><input type="checkbox" form="compare" name="model" value="\#(listing.id.text)" \#
                data-pick aria-label="Compare \#(listing.id.name)"></td>
                """#
        }
        // What the snapshot does not have has no place in it.
        let isListed = standing.rank > 0
        page += #"<td class="rank">\#(isListed ? "\(Figures.exact(Int64(standing.rank)))" : .unknown("Not listed"))"#
        if view.v4UI, isListed { page += .rankChange(standing.deltas.rankChange) }
        page += #"""
            </td><th scope="row"><div class="model">\#(.monogram(listing.provider))\#
            <span class="top">\#(.modelName(listing.id, link: row.link))
            """#
        if view.v4UI { page += .anomalyTag(standing.anomaly) }
        page += #"</span><span class="meta">\#(secondLine(listing))</span></div></th>"#
        if view.v4UI { page += #"<td class="p4 caps">\#(capabilities(listing))</td>"# }
        page += #"<td class="r">\#(isListed ? .scoreBar(standing.scores.total) : .unknown("Not listed"))</td>"#
        if view.v4UI {
            let (daily, weekly) = (standing.deltas.downloads24h, standing.deltas.downloads7d)
            page += #"<td class="r">\#(.delta(daily, downloads: listing.downloads, span: day))</td>"#
            page += #"<td class="r p2">\#(.delta(weekly, downloads: listing.downloads, span: week))</td>"#
        }
        page += #"""
            <td class="p2">\#(.spark(row.trend, label: trendLabel(view)))</td>\#
            <td class="r p2">\#(.figure(listing.downloads))</td><td class="r p4">\#(.figure(listing.likes))</td>\#
            <td class="p3 lic">\#(.licence(listing.license))</td></tr>

            """#
    }

    private static func trendLabel(_ view: LeaderboardView) -> String {
        view.historyDays < 1 ? "Downloads" : "\(min(view.historyDays, 30))-day downloads"
    }

    private static func capabilities(_ listing: Listing) -> HTML {
        guard !listing.capabilities.isEmpty else { return .unknown("No capability known") }
        let words = listing.capabilities.map(\.capability.shortWords).joined(separator: ", ")
        return #"<span title="\#(words)">\#(words)</span>"#
    }

    /// Provider, size where it is known, and what the model is run with or does.
    private static func secondLine(_ listing: Listing) -> HTML {
        var line: HTML = "<bdi>\(listing.provider)</bdi>"
        if let parameters = listing.parameters, parameters.total > 0 {
            line += " · \(Figures.parameters(parameters.total))"
            if let active = parameters.active { line += " · \(Figures.parameters(active)) active" }
        }
        if let kind = listing.pipeline ?? listing.library {
            line += #"<span class="kind"> · <bdi>\#(kind)</bdi></span>"#
        }
        return line
    }
}

extension HTML {
    /// A model's name, kept apart from the text around it (`bdi`) because names may run right to left.
    static func modelName(_ id: ModelID, link: String?) -> HTML {
        guard let link, link.hasPrefix("https://") || (link.hasPrefix("/") && !link.hasPrefix("//")) else {
            return #"<span class="name"><bdi>\#(id.name)</bdi></span>"#
        }
        return #"<a class="name" href="\#(link)" data-open><bdi>\#(id.name)</bdi></a>"#
    }

    /// The tag of a model that stands out today; nothing where it does not, or where that cannot be told.
    static func anomalyTag(_ anomaly: Anomaly) -> HTML {
        switch (anomaly.downloads, anomaly.velocity) {
        case (true, true): #" <span class="tag warn" title="Downloads and likes stand out">Anomaly</span>"#
        case (true, _): #" <span class="tag warn" title="The change of downloads stands out">Anomaly</span>"#
        case (_, true): #" <span class="tag warn" title="The likes of the last day stand out">Anomaly</span>"#
        default: HTML()
        }
    }
}
