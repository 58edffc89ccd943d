import Model

/// The table of the leaderboard. Columns of lower priority (`p2` to `p4`) leave first as the page narrows;
/// a phone keeps rank, model, score and the change of the day.
enum LeaderboardTable {
    static func draw(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"""
            <div class="scroll"><table>
            <caption class="vh">Models ranked by score, highest first.</caption>
            <thead class="stick"><tr><th scope="col"><abbr title="Rank">#</abbr></th><th scope="col">Model</th>\#
            <th scope="col" class="r">Score</th>
            """#
        if view.v4UI {
            page += #"""
                <th scope="col" class="r"><span class="vh">Downloads, change in </span>24 h</th>\#
                <th scope="col" class="r p2"><span class="vh">Downloads, change in </span>7 d</th>
                """#
        }
        page += #"""
            <th scope="col" class="p2">\#(trendTitle(view))</th>\#
            <th scope="col" class="r p2">Downloads <span class="unit">30 d</span></th>\#
            <th scope="col" class="r p4">Likes</th><th scope="col" class="p3">Licence</th></tr></thead>
            <tbody>

            """#
        let day = DeltaSpan(.day, of: view.baselines)
        let week = DeltaSpan(.week, of: view.baselines)
        for row in view.rows { draw(&page, row, day: day, week: week, view) }
        page += "</tbody></table></div>\n"
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
        page += #"<tr data-row><td class="rank">\#(Figures.exact(Int64(standing.rank)))"#
        if view.v4UI { page += .rankChange(standing.deltas.rankChange) }
        page += #"""
            </td><th scope="row"><div class="model">\#(.monogram(listing.provider))\#
            <span class="top">\#(.modelName(listing.id, link: row.link))</span>\#
            <span class="meta">\#(secondLine(listing))</span></div></th>\#
            <td class="r">\#(.scoreBar(standing.scores.total))</td>
            """#
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

    /// Provider, size where it is known, and what the model is run with or does.
    private static func secondLine(_ listing: Listing) -> HTML {
        var line: HTML = "<bdi>\(listing.provider)</bdi>"
        if let parameters = listing.parameters, parameters.total > 0 {
            line += " · \(Figures.parameters(parameters.total))"
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
}
