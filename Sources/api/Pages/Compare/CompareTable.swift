import Model

/// The rows of the comparison, in groups; the best of a row is marked where there is a better and a worse.
enum CompareTable {
    /// One row: what each model has.
    private struct Row {
        let name: HTML
        let cells: [HTML]
        /// What the best is chosen by; `nil` where the model has nothing to compare.
        var figures: [Int64?] = []

        /// The places of the best, where not all are alike.
        var best: Set<Int> {
            let known = figures.compactMap(\.self)
            guard let highest = known.max(), known.contains(where: { $0 != highest }) else { return [] }
            return Set(figures.indices.filter { figures[$0] == highest })
        }

        var differs: Bool { Set(cells.map(\.bytes)).count > 1 }
    }

    static func draw(_ page: inout HTML, _ view: CompareView) {
        let toggled = view.address.with { $0.onlyDifferences.toggle() }
        page += #"""
            <section class="panel" id="table" aria-labelledby="table-title" tabindex="-1"><header class="bar">\#
            <h2 id="table-title">Side by side</h2><span class="grow"></span>\#
            <a class="btn small" href="\#(toggled.path)" role="button" \#
            aria-pressed="\#(view.address.onlyDifferences ? "true" : "false")">Only differences</a></header>\#
            <div class="scroll"><table class="compare"><thead><tr><th scope="row"><span class="vh">Figure</span></th>
            """#
        for standing in view.standings {
            let id = standing.listing.id
            let without = view.address.with { $0.models.removeAll { $0 == id.text } }
            page += #"""
                <th scope="col"><a class="name" href="\#(view.address.board.modelPath(id.text))"><bdi>\#
                \#(id.name)</bdi></a>\#
                <span class="muted"><bdi>\#(standing.listing.provider)</bdi></span> \#
                <a class="link" href="\#(without.path)">Remove<span class="vh"> \#(id.name)</span></a></th>
                """#
        }
        page += "</tr></thead><tbody>"
        group(&page, "Standing", standing(view), view)
        group(&page, "Counters", counters(view), view)
        group(&page, "What it is", facts(view), view)
        page += "</tbody></table></div></section>\n"
    }

    private static func group(_ page: inout HTML, _ name: HTML, _ rows: [Row], _ view: CompareView) {
        let shown = view.address.onlyDifferences ? rows.filter(\.differs) : rows
        guard !shown.isEmpty else { return }
        page += #"<tr><th scope="colgroup" colspan="\#(view.standings.count + 1)">\#(name)</th></tr>"#
        for row in shown {
            let best = row.best
            page += #"<tr><th scope="row">\#(row.name)</th>"#
            for (place, cell) in row.cells.enumerated() {
                page += best.contains(place) ? #"<td class="best">"# : "<td>"
                page += cell
                if best.contains(place) { page += #" <span class="tag good">best</span>"# }
                page += "</td>"
            }
            page += "</tr>"
        }
    }

    private static func row(
        _ name: HTML, _ view: CompareView, _ figure: ((Standing) -> Int64?)? = nil, _ cell: (Standing) -> HTML
    ) -> Row {
        Row(name: name, cells: view.standings.map(cell), figures: figure.map { view.standings.map($0) } ?? [])
    }

    private static func standing(_ view: CompareView) -> [Row] {
        [
            row("Rank", view, { -Int64($0.rank) }) { "\(Figures.exact(Int64($0.rank)))" },
            row("Score", view, { $0.scores.total.map { Int64($0.count) } }) { .score($0.scores.total) },
            row("Adoption", view, { $0.scores.adoption.map { Int64($0.count) } }) { .score($0.scores.adoption) },
            row("Ecosystem", view, { $0.scores.ecosystem.map { Int64($0.count) } }) { .score($0.scores.ecosystem) },
            row("Velocity", view, { $0.scores.velocity.map { Int64($0.count) } }) { .score($0.scores.velocity) },
        ]
    }

    private static func counters(_ view: CompareView) -> [Row] {
        let day = DeltaSpan(.day, of: view.baselines)
        let week = DeltaSpan(.week, of: view.baselines)
        return [
            row("Downloads, 30 d", view, { $0.listing.downloads }) { .figure($0.listing.downloads) },
            row("Change, 24 h", view, { $0.deltas.downloads24h.value }) {
                .delta($0.deltas.downloads24h, downloads: $0.listing.downloads, span: day)
            },
            row("Change, 7 d", view, { $0.deltas.downloads7d.value }) {
                .delta($0.deltas.downloads7d, downloads: $0.listing.downloads, span: week)
            },
            row("Downloads, all time", view, { $0.listing.downloadsAllTime }) { .figure($0.listing.downloadsAllTime) },
            row("Likes", view, { $0.listing.likes }) { .figure($0.listing.likes) },
            row("Likes, 7 d", view, { $0.deltas.likes7d.value }) { .likes($0.deltas.likes7d, over: "7 days") },
        ]
    }

    private static func facts(_ view: CompareView) -> [Row] {
        [
            row("Parameters", view) { standing in
                guard let parameters = standing.listing.parameters else { return .unknown("Not disclosed") }
                let active = parameters.active.map { " · \(Figures.parameters($0)) active" } ?? ""
                let about = parameters.isEstimated ? "about " : ""
                return "\(about)\(Figures.parameters(parameters.total))\(active)"
            },
            row("Licence", view) { .licence($0.listing.license) },
            row("Permits", view) { standing in
                standing.listing.license?.kind.map { "\($0.words)" } ?? .unknown("Terms not known")
            },
            row("Capabilities", view) { standing in
                let words = standing.listing.capabilities.map(\.capability.shortWords)
                return words.isEmpty ? .unknown("None known") : "\(words.joined(separator: ", "))"
            },
            row("Family", view) { standing in
                guard let parentage = standing.family.parentage else { return "root" }
                return "\(parentage.relation.phrase) <bdi>\(parentage.parent.text)</bdi>"
            },
            row("Task", view) { text($0.listing.pipeline) },
            row("Library", view) { text($0.listing.library) },
            row("Access", view) { standing in
                standing.listing.gated.map { "\($0.words)" } ?? .unknown("Not reported")
            },
            row("Uploaded", view) { date($0.listing.createdAt) },
            row("Changed", view, { $0.listing.lastModified?.milliseconds }) { date($0.listing.lastModified) },
        ]
    }

    private static func text(_ text: String?) -> HTML {
        text.map { "<bdi>\($0)</bdi>" } ?? .unknown("Not reported")
    }

    private static func date(_ moment: Timestamp?) -> HTML {
        moment.map { .time($0, as: TimeText.date($0)) } ?? .unknown("Not reported")
    }
}
