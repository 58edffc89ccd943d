import Model

/// The family of a model: its root, and what was made from it by kind; one kind at a time is unfolded.
enum ModelFamilyPanel {
    /// Members that one unfolded kind names; the leaderboard has all.
    static let shownMembers = 12

    static func draw(_ page: inout HTML, _ view: ModelPageView) {
        guard let kin = view.kin else { return }
        let family = kin.family
        page += #"""
            <section class="panel" id="family" aria-labelledby="family-title" tabindex="-1" data-swap>\#
            <header class="bar"><h2 id="family-title">Family</h2>\#
            <span class="tag quiet">\#(Figures.exact(Int64(family.size))) \#(family.size == 1 ? "model" : "models"), \#
            \#(Figures.exact(Int64(family.rows.count))) listed</span><span class="grow"></span>\#
            <span class="soft">\#(ModelPage.sum(family.downloads))</span></header>\#
            <div class="scroll"><table><caption class="vh">The family of \#(family.root), by how its members were \#
            made</caption>\#
            <thead><tr><th scope="col">Member</th><th scope="col" class="p2">Parameters</th>\#
            <th scope="col" class="p3">Licence</th><th scope="col" class="r p2">Score</th>\#
            <th scope="col" class="r p2"><span class="vh">Downloads, change in </span>7 d</th>\#
            <th scope="col" class="r">Downloads <span class="unit">30 d</span></th></tr></thead><tbody>
            """#
        root(&page, kin, view)
        for branch in kin.branches { draw(&page, branch, kin, view) }
        page += "</tbody></table></div></section>\n"
    }

    private static func root(_ page: inout HTML, _ kin: ModelPageView.Kin, _ view: ModelPageView) {
        if let standing = kin.rootListing {
            member(&page, standing, note: "root", depth: "", view)
        } else {
            page += #"""
                <tr><th scope="row"><span class="name"><bdi>\#(kin.family.root)</bdi></span> \#
                <span class="muted">root</span></th><td class="muted" colspan="5">not in this snapshot</td></tr>
                """#
        }
    }

    private static func draw(
        _ page: inout HTML, _ branch: ModelPageView.Branch, _ kin: ModelPageView.Kin, _ view: ModelPageView
    ) {
        let isOpen = view.address.open == branch.relation.rawValue
        let path = view.address.with { $0.open = isOpen ? nil : branch.relation.rawValue }.path
        page += #"""
            <tr><th scope="row"><a class="fold" id="open-\#(branch.relation.rawValue)" href="\#(path)" data-nav \#
            aria-expanded="\#(isOpen ? "true" : "false")">\#(isOpen ? .icon("i-down") : .icon("i-right"))\#
            <b>\#(branch.relation.words)</b></a> \#
            <span class="muted">\#(Figures.exact(Int64(branch.count))) \#
            \#(branch.count == 1 ? "model" : "models")</span></th>\#
            <td class="p2"></td><td class="p3"></td><td class="r p2"></td><td class="r p2"></td>\#
            <td class="r">\#(sum(branch.downloads))</td></tr>
            """#
        guard isOpen else { return }
        for standing in branch.members { member(&page, standing, note: nil, depth: "in", view) }
        guard branch.count > branch.members.count else { return }
        let all = view.address.board.with {
            ($0.filter.families, $0.filter.relations) = ([kin.family.root], [branch.relation])
            $0.sort = ModelSort(key: .downloads, descending: true)
        }
        page += #"""
            <tr class="in"><td colspan="6"><a class="link" href="\#(all.path)">All \#
            \#(Figures.exact(Int64(branch.count))) on the leaderboard</a></td></tr>
            """#
    }

    private static func sum(_ sum: Family.Sum) -> HTML {
        guard sum.counted > 0 else { return .unknown("None reports downloads") }
        let words = "Sum of \(Figures.exact(Int64(sum.counted))) models: \(Figures.exact(sum.sum))"
        return #"<span title="\#(words)">\#(Figures.short(sum.sum))<span class="vh"> (\#(words))</span></span>"#
    }

    private static func member(
        _ page: inout HTML, _ standing: Standing, note: HTML?, depth: HTML, _ view: ModelPageView
    ) {
        let listing = standing.listing
        let isThis = listing.id == view.listing.id
        page += #"<tr class="\#(depth)"><th scope="row">"#
        if isThis {
            page += #"<span class="name"><bdi>\#(listing.id.text)</bdi></span> <span class="muted">this model</span>"#
        } else {
            let link = view.address.board.modelPath(listing.id.text)
            page += #"<a class="name" href="\#(link)"><bdi>\#(listing.id.text)</bdi></a>"#
        }
        if let note { page += #" <span class="muted">\#(note)</span>"# }
        let change: HTML = .delta(
            standing.deltas.downloads7d, downloads: listing.downloads, span: DeltaSpan(.week, of: view.baselines))
        let size: HTML = listing.parameters.map { "\(Figures.parameters($0.total))" } ?? .unknown("Not disclosed")
        page += #"""
            </th><td class="p2">\#(size)</td><td class="p3 lic">\#(.licence(listing.license))</td>\#
            <td class="r p2">\#(.score(standing.scores.total))</td>\#
            <td class="r p2">\#(change)</td>\#
            <td class="r">\#(.figure(listing.downloads))</td></tr>
            """#
    }
}
