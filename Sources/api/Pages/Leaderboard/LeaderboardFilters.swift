import Model

/// The bar above the table: search, one menu for each facet with its counts, order and density.
///
/// All of it is one form of plain fields whose names are the keys of the address, so that it works without a script.
enum LeaderboardFilters {
    /// A box to tick in a menu.
    private struct Choice {
        let value: String
        let words: String
        let count: Int
        let isTicked: Bool
    }

    static func draw(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<div class="filters">"#
        if view.v4UI {
            search(&page, view)
            menus(&page, view)
            page += #"<button class="btn nojs">Apply</button>"#
            carried(&page, view)
        }
        let total = Int64(view.page.total)
        page += #"""
            <span class="grow"></span><span class="soft num" data-count>\#(Figures.exact(total)) \#
            \#(total == 1 ? "model" : "models")</span>
            """#
        if view.v4UI { order(&page, view) }
        density(&page, view)
        page += "</div>\n"
    }

    private static func search(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"""
            <label class="field">\#(.icon("i-search"))<span class="vh">Search models</span>\#
            <input type="search" name="q" id="q" value="\#(view.address.filter.words.joined(separator: " "))" \#
            placeholder="Search models…" maxlength="200" autocomplete="off" spellcheck="false" data-search \#
            aria-keyshortcuts="/"><kbd aria-hidden="true">/</kbd></label>
            """#
    }

    private static func menus(_ page: inout HTML, _ view: LeaderboardView) {
        let (filter, facets) = (view.address.filter, view.facets)
        menu(&page, "Capability", selected: filter.capabilities.count) { page in
            let choices = Capability.allCases.map {
                Choice(
                    value: $0.rawValue, words: $0.words, count: facets.capabilities[$0] ?? 0,
                    isTicked: filter.capabilities.contains($0))
            }
            group(&page, "capability", "Capability: all must hold", choices)
        }
        menu(&page, "Provider", selected: filter.providers.count) { page in
            group(&page, "provider", "Provider", choices(facets.providers, filter.providers))
        }
        menu(&page, "Licence", selected: filter.licenses.count + filter.licenseClasses.count) { page in
            let classes = LicenseClass.allCases.map {
                Choice(
                    value: $0.rawValue, words: $0.words, count: facets.licenseClasses[$0] ?? 0,
                    isTicked: filter.licenseClasses.contains($0))
            }
            group(&page, "license", "What it permits", classes)
            group(&page, "license", "Licence", choices(facets.licenses, filter.licenses))
        }
        menu(&page, "Parameters", selected: filter.parameterClasses.count) { page in
            let choices = ParameterClass.allCases.map {
                Choice(
                    value: $0.rawValue, words: $0.words, count: facets.parameterClasses[$0] ?? 0,
                    isTicked: filter.parameterClasses.contains($0))
            }
            group(&page, "parameterClass", "Parameters", choices)
        }
        more(&page, view)
    }

    private static func more(_ page: inout HTML, _ view: LeaderboardView) {
        let (filter, facets) = (view.address.filter, view.facets)
        let selected =
            filter.pipelines.count + filter.libraries.count + filter.gated.count + (filter.anomalies.isEmpty ? 0 : 1)
        menu(&page, "More", selected: selected) { page in
            // The form sends what it holds: a kind that the address names must not become any kind.
            let kind = filter.anomalies.count == 1 ? filter.anomalies[0] : .any
            let unusual = Choice(
                value: kind.rawValue, words: "Stands out today", count: facets.anomalies,
                isTicked: !filter.anomalies.isEmpty)
            group(&page, "anomaly", "Anomaly", [unusual])
            let gated = Gated.allCases.map {
                Choice(
                    value: $0.rawValue, words: $0.words, count: facets.gated[$0] ?? 0,
                    isTicked: filter.gated.contains($0))
            }
            group(&page, "gated", "Access to the files", gated)
            group(&page, "pipeline", "Task", choices(facets.pipelines, filter.pipelines))
            group(&page, "library", "Library", choices(facets.libraries, filter.libraries))
        }
    }

    private static func choices(_ counted: [FacetCounts.Choice], _ chosen: [String]) -> [Choice] {
        let chosen = Set(chosen.map(\.withSmallLetters))
        return counted.map {
            Choice(
                value: $0.value, words: $0.value, count: $0.count, isTicked: chosen.contains($0.value.withSmallLetters))
        }
    }

    private static func menu(
        _ page: inout HTML, _ name: HTML, selected: Int, _ content: (inout HTML) -> Void
    ) {
        page += #"<details class="pop" name="facet" data-pop="\#(name)"><summary>\#(name)"#
        if selected > 0 { page += #"<span class="count">\#(selected)<span class="vh"> selected</span></span>"# }
        page += #"\#(.icon("i-down"))</summary><div class="menu">"#
        content(&page)
        page += "</div></details>"
    }

    private static func group(_ page: inout HTML, _ key: HTML, _ legend: HTML, _ choices: [Choice]) {
        guard !choices.isEmpty else { return }
        page += "<fieldset><legend>\(legend)</legend>"
        for choice in choices {
            page += choice.count == 0 ? #"<label class="zero">"# : "<label>"
            page += #"<input type="checkbox" name="\#(key)" value="\#(choice.value)""#
            if choice.isTicked { page += " checked" }
            let count = Figures.short(Int64(choice.count))
            page += #"><bdi>\#(choice.words)</bdi><span class="n">\#(count)</span></label>"#
        }
        page += "</fieldset>"
    }

    /// What is selected and has no field in the bar stays selected.
    private static func carried(_ page: inout HTML, _ view: LeaderboardView) {
        let fields: Set = [
            "q", "capability", "provider", "license", "parameterClass", "anomaly", "gated", "pipeline", "library",
        ]
        var pairs = view.address.filter.pairs.filter { !fields.contains($0.name) }
        if view.address.feed != LeaderboardAddress.defaultFeed { pairs.append(("feed", view.address.feed)) }
        if view.address.density != .cosy { pairs.append(("density", view.address.density.rawValue)) }
        for pair in pairs { page += #"<input type="hidden" name="\#(pair.name)" value="\#(pair.value)">"# }
    }

    private static func order(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"""
            <label class="labelled" for="sort"><span class="vh">Order</span></label>\#
            <select class="select" id="sort" name="sort">
            """#
        let sort = view.address.sort
        for key in ModelSort.Key.allCases {
            let usual = ModelSort(key: key, descending: key.beginsDescending)
            let shown = key == sort.key ? sort : usual
            page += #"<option value="\#(shown.text)""#
            if key == sort.key { page += " selected" }
            page += ">\(shown.words)</option>"
        }
        page += "</select>"
    }

    private static func density(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<span class="seg hide-s" role="group" aria-label="Row density">"#
        for density in Density.allCases {
            let path = view.address.with(density: density).path
            page += #"<a id="density-\#(density.rawValue)" href="\#(path)" data-nav"#
            if density == view.address.density { page += #" aria-current="true""# }
            page += density == .cosy ? ">Cosy</a>" : ">Compact</a>"
        }
        page += "</span>"
    }
}

extension ModelSort {
    /// The order as the menu names it.
    var words: String {
        let (falling, rising) =
            switch key {
            case .score: ("Best score", "Lowest score")
            case .downloads: ("Most downloads", "Fewest downloads")
            case .likes: ("Most likes", "Fewest likes")
            case .trending: ("Most trending", "Least trending")
            case .delta24h: ("Rose most, 24 h", "Fell most, 24 h")
            case .delta7d: ("Rose most, 7 d", "Fell most, 7 d")
            case .rankChange: ("Climbed most", "Dropped most")
            case .updated: ("Updated last", "Updated longest ago")
            case .created: ("Newest", "Oldest")
            case .name: ("Name, Z to A", "Name, A to Z")
            case .parameters: ("Largest", "Smallest")
            }
        return descending ? falling : rising
    }
}
