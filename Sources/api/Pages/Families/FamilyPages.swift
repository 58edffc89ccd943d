import Model

/// What the pages of families show, as plain values.
struct FamilyPagesView: Sendable {
    /// Feed and page of the address; `/families`, or one family's own path.
    let path: String
    let address: LeaderboardAddress
    let snapshot: Snapshot
    let baselines: DeltaBaselines
    let page: PageIndex
    /// All feeds, the shown one included.
    let feeds: [String]
    let theme: Theme
    let now: Timestamp
    let assets: AssetCatalog

    func path(page: Int) -> String {
        let pairs = address.frame + (page == 1 ? [] : [(name: "page", value: String(page))])
        return path + QueryText.suffix(pairs)
    }

    func familyPath(_ root: String) -> String {
        "/families/" + QueryText.path(root) + QueryText.suffix(address.frame)
    }

    func frame(_ title: String, data: String) -> PageFrame {
        PageFrame(
            title: page.number > 1 ? "\(title), page \(page.number)" : title, place: .families, theme: theme,
            assets: assets, status: SnapshotStatus.draw(snapshot, now: now),
            footer: [PageFrame.FooterLink(name: "JSON for this view", path: data)], hasDetail: true,
            events: SnapshotStatus.events, feed: address.feed)
    }
}

/// The page `/families`: every root with what was made from it, the largest family first.
enum FamiliesPage {
    /// One family and its root's own listing, where the snapshot has it.
    struct Line: Sendable {
        let family: Family
        let best: Standing?
    }

    static func render(_ view: FamilyPagesView, _ lines: [Line]) -> [UInt8] {
        let feed = view.address.frame.filter { $0.name == "feed" }
        let frame = view.frame("Model families", data: "/api/v4/families" + QueryText.suffix(feed))
        return frame.render(capacity: 24_576) { page in
            page += #"""
                <div class="head"><div><h1>Model families</h1><p class="sub">\#
                \#(Figures.exact(Int64(view.page.total))) roots \#
                in the feed <b>\#(view.snapshot.feed)</b>: models that are made from no other, each with everything \#
                that is \#
                made from it. A family's downloads are a sum over its listed members.</p></div><div class="end">\#
                \#(feeds(view))</div></div>
                <section class="panel" id="results" aria-label="Families" tabindex="-1" data-swap><div \#
                class="scroll"><table>\#
                <caption class="vh">Families, the largest first</caption><thead><tr><th scope="col">Root</th>\#
                <th scope="col" class="r">Models</th><th scope="col" class="r p2">Listed</th>\#
                <th scope="col" class="p3">Made as</th><th scope="col" class="r">Downloads <span class="unit">30 \#
                d</span></th>\#
                <th scope="col" class="r p2"><span class="vh">Downloads, change in </span>7 d</th>\#
                <th scope="col" class="p4">Best ranked</th></tr></thead><tbody>
                """#
            for line in lines { draw(&page, line, view) }
            page += "</tbody></table></div>"
            page += .pager(view.page, path: view.path(page:))
            page += "</section>\n"
        }
    }

    private static func feeds(_ view: FamilyPagesView) -> HTML {
        .feedMenu(view.feeds, shown: view.snapshot.feed) { feed in
            view.path + QueryText.suffix(view.address.with(feed: feed).frame)
        }
    }

    private static func draw(_ page: inout HTML, _ line: Line, _ view: FamilyPagesView) {
        let family = line.family
        let root = ModelID(family.root)
        page += #"""
            <tr data-row><th scope="row"><div class="model">\#(.monogram(root.owner))\#
            <span class="top">\#(.modelName(root, link: view.familyPath(family.root)))</span>\#
            <span class="meta"><bdi>\#(root.owner)</bdi></span></div></th>\#
            <td class="r"><b>\#(Figures.exact(Int64(family.size)))</b></td>\#
            <td class="r p2">\#(Figures.exact(Int64(family.rows.count)))</td>\#
            <td class="p3 list">\#(relations(family))</td><td class="r">\#(sum(family.downloads))</td>\#
            <td class="r p2">\#(change(family.downloads7d))</td><td class="p4">
            """#
        if let best = line.best {
            let link = view.address.modelPath(best.listing.id.text)
            page += #"""
                <a href="\#(link)"><bdi>\#(best.listing.id.name)</bdi></a> <span class="muted">\#(best.rank)</span>
                """#
        }
        page += "</td></tr>\n"
    }

    /// "112 fine-tunes, 40 quantisations".
    static func relations(_ family: Family) -> HTML {
        let parts = Relation.allCases.compactMap { relation -> String? in
            guard let count = family.relations[relation], count > 0 else { return nil }
            return "\(relation.words) \(Figures.exact(Int64(count)))"
        }
        return parts.isEmpty ? .unknown("Nothing is made from it") : "\(parts.joined(separator: " · "))"
    }

    /// A sum with how many members it is a sum of.
    static func sum(_ sum: Family.Sum) -> HTML {
        guard sum.counted > 0 else { return .unknown("No listed member reports downloads") }
        let words = "\(Figures.exact(sum.sum)) over \(Figures.exact(Int64(sum.counted))) listed models"
        let count = Figures.exact(Int64(sum.counted))
        return #"<span title="\#(words)">\#(Figures.short(sum.sum))</span> <span class="muted">of \#(count)</span>"#
    }

    static func change(_ sum: Family.Sum) -> HTML {
        guard sum.counted > 0 else { return .unknown("No member has a baseline") }
        let tone: HTML = sum.sum > 0 ? "good" : sum.sum < 0 ? "bad" : "none"
        let sign = sum.sum > 0 ? "+" : ""
        let words = "\(sign)\(Figures.exact(sum.sum)) over \(Figures.exact(Int64(sum.counted))) models with a baseline"
        return #"<span class="delta \#(tone)" title="\#(words)">\#(sign)\#(Figures.short(sum.sum))</span>"#
    }
}

/// The page of one family: its rollup, and its members by rank.
enum FamilyPage {
    static func render(_ view: FamilyPagesView, _ family: Family, _ members: [Standing]) -> [UInt8] {
        let root = ModelID(family.root)
        let feed = view.address.frame.filter { $0.name == "feed" }
        let frame = view.frame(
            "Family of \(root.name)", data: "/api/v4/families/" + QueryText.path(family.root) + QueryText.suffix(feed))
        return frame.render(capacity: 24_576) { page in
            page += #"""
                <nav class="crumbs" aria-label="Where you are"><a \#
                href="/families\#(QueryText.suffix(view.address.frame))">\#
                Families</a> <span aria-hidden="true">/</span> <span class="soft"><bdi>\#(family.root)</bdi></span>\#
                </nav>
                <div class="head"><div class="title"><h1>Family of <bdi>\#(root.name)</bdi></h1>\#
                <p class="sub">Everything that the snapshot shows to be made from <code><bdi>\#(family.root)</bdi>\#
                </code>.</p>\#
                </div></div>

                """#
            strip(&page, family)
            list(&page, family, members, view)
        }
    }

    private static func strip(_ page: inout HTML, _ family: Family) {
        page += #"""
            <dl class="strip"><div><dt>Models</dt><dd>\#(Figures.exact(Int64(family.size)))</dd>\#
            <dd class="note">The root among them, listed or not</dd></div>
            <div><dt>Listed</dt><dd>\#(Figures.exact(Int64(family.rows.count)))</dd>\#
            <dd class="note">\#(FamiliesPage.relations(family))</dd></div>
            <div><dt>Downloads, 30 d</dt><dd>\#(Figures.short(family.downloads.sum))</dd>\#
            <dd class="note">Sum of \#(Figures.exact(Int64(family.downloads.counted))) members</dd></div>
            <div><dt>Change, 7 d</dt><dd>\#(FamiliesPage.change(family.downloads7d))</dd>\#
            <dd class="note">Sum of \#(Figures.exact(Int64(family.downloads7d.counted))) with a baseline</dd></div></dl>

            """#
    }

    private static func list(_ page: inout HTML, _ family: Family, _ members: [Standing], _ view: FamilyPagesView) {
        let week = DeltaSpan(.week, of: view.baselines)
        page += #"""
            <section class="panel" id="results" aria-label="Members" tabindex="-1" data-swap><div class="scroll">\#
            <table>\#
            <caption class="vh">Members by rank</caption><thead><tr><th scope="col"><abbr title="Rank">#</abbr></th>\#
            <th scope="col">Model</th><th scope="col" class="p2">How it was made</th>\#
            <th scope="col" class="p3">Parameters</th><th scope="col" class="r">Score</th>\#
            <th scope="col" class="r p2"><span class="vh">Downloads, change in </span>7 d</th>\#
            <th scope="col" class="r">Downloads <span class="unit">30 d</span></th></tr></thead><tbody>
            """#
        for standing in members {
            let listing = standing.listing
            let change: HTML = .delta(standing.deltas.downloads7d, downloads: listing.downloads, span: week)
            let size: HTML = listing.parameters.map { "\(Figures.parameters($0.total))" } ?? .unknown("Not disclosed")
            page += #"""
                <tr data-row><td class="rank">\#(Figures.exact(Int64(standing.rank)))</td>\#
                <th scope="row"><div class="model">\#(.monogram(listing.provider))\#
                <span class="top">\#(.modelName(listing.id, link: view.address.modelPath(listing.id.text)))</span>\#
                <span class="meta"><bdi>\#(listing.provider)</bdi></span></div></th>\#
                <td class="p2 list">\#(made(standing, root: family.root))</td><td class="p3">\#(size)</td>\#
                <td class="r">\#(.score(standing.scores.total))</td>\#
                <td class="r p2">\#(change)</td>\#
                <td class="r">\#(.figure(listing.downloads))</td></tr>

                """#
        }
        page += "</tbody></table></div>"
        page += .pager(view.page, path: view.path(page:))
        page += "</section>\n"
    }

    private static func made(_ standing: Standing, root: String) -> HTML {
        guard let parentage = standing.family.parentage else { return "the root" }
        let parent = parentage.parent.text == root ? "the root" : parentage.parent.text
        return #"\#(parentage.relation.phrase) <bdi>\#(parent)</bdi>"#
    }
}
