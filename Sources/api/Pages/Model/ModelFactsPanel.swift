import Model

/// What a model is: licence, size, lineage, capabilities, each with where it was learned from.
enum ModelFactsPanel {
    static func draw(_ page: inout HTML, _ view: ModelPageView) {
        let listing = view.listing
        page += #"""
            <section class="panel" aria-labelledby="facts-title"><header class="bar">\#
            <h2 id="facts-title">Licence and parameters</h2></header><dl class="facts">
            """#
        license(&page, listing.license)
        parameters(&page, listing.parameters)
        fact(&page, "Capabilities", capabilities(listing.capabilities))
        lineage(&page, view)
        if let pipeline = listing.pipeline { fact(&page, "Task", "<bdi>\(pipeline)</bdi>") }
        if let library = listing.library { fact(&page, "Library", "<bdi>\(library)</bdi>") }
        if let gated = listing.gated { fact(&page, "Access", "\(gated.words)") }
        if let all = listing.downloadsAllTime { fact(&page, "Downloads, all time", .figure(all)) }
        if let trending = listing.trendingScore {
            fact(&page, "Trending score", "\(Figures.exact(Int64(trending.rounded())))")
        }
        page += #"""
            </dl><p class="after">As the Hub said it \#(.timeAgo(view.snapshot.observedAt, now: view.now)).</p>\#
            </section>

            """#
    }

    private static func fact(_ page: inout HTML, _ name: HTML, _ value: HTML, source: String? = nil) {
        page += "<div><dt>\(name)</dt><dd>\(value)"
        if let source { page += #"<small class="muted">\#(source)</small>"# }
        page += "</dd></div>"
    }

    private static func license(_ page: inout HTML, _ license: License?) {
        guard let license, !license.id.isEmpty else {
            fact(&page, "Licence", #"<span class="muted">not stated</span>"#)
            return
        }
        let name = license.name ?? license.id
        if let kind = license.kind {
            let tone: HTML = kind == .permissive ? "good" : kind == .noncommercial ? "bad" : "warn"
            fact(&page, "Licence", #"<span class="tag \#(tone)"><bdi>\#(name)</bdi></span>"#)
            fact(&page, "Permits", "\(kind.explanation)")
        } else {
            fact(&page, "Licence", "<bdi>\(name)</bdi>")
            fact(&page, "Permits", #"<span class="muted">terms not known</span>"#)
        }
    }

    private static func parameters(_ page: inout HTML, _ parameters: ParameterCount?) {
        guard let parameters else {
            fact(&page, "Parameters", #"<span class="muted">not disclosed</span>"#)
            return
        }
        var value: HTML = """
            <span title="\(Figures.exact(parameters.total))">\(parameters.isEstimated ? "about " : "")\
            \(Figures.parameters(parameters.total))</span>
            """
        if let active = parameters.active {
            value += #" <span class="soft">· \#(Figures.parameters(active)) active</span>"#
        }
        fact(&page, "Parameters", value, source: parameters.source.words)
        fact(&page, "Size class", "\(parameters.sizeClass.words)")
    }

    private static func capabilities(_ claims: [CapabilityClaim]) -> HTML {
        guard !claims.isEmpty else { return #"<span class="muted">none known</span>"# }
        var list = HTML()
        for (place, claim) in claims.enumerated() {
            if place > 0 { list += ", " }
            list += #"<span title="Source: \#(claim.source.words)">\#(claim.capability.shortWords)</span>"#
        }
        return list
    }

    private static func lineage(_ page: inout HTML, _ view: ModelPageView) {
        guard let parentage = view.standing.family.parentage else { return }
        let parent = parentage.parent
        let link = view.address.board.modelPath(parent.text)
        fact(
            &page, "Made from",
            #"\#(parentage.relation.phrase) <a class="link" href="\#(link)"><bdi>\#(parent.text)</bdi></a>"#,
            source: "from \(parentage.source.words)")
    }
}
