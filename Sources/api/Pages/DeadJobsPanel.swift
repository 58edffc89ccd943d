import Model
import Store

/// The dead jobs by error class, 25 a page, with the acts on them. The script swaps this part alone.
enum DeadJobsPanel {
    static func draw(_ page: inout HTML, _ view: OperationsView) {
        let dead = view.dead
        page += #"""
            <section class="panel" id="dead" aria-labelledby="dead-title" tabindex="-1" data-swap>
            <form method="post" action="/ops/confirm"><header><h2 id="dead-title">Dead jobs</h2>
            """#
        if dead.total > 0 { page += #"<span class="badge bad">\#(Figures.exact(Int64(dead.total))) now</span>"# }
        page += #"""
            <a class="link" href="\#(view.address.path)#dead" data-nav hidden \#
            data-stale="\#(view.live["total.dead"])">They have changed: show</a>
            """#
        if dead.total > 0 {
            filters(&page, view)
            bulkActs(&page, view)
        }
        page += "</header>\n"
        if dead.jobs.isEmpty {
            empty(&page, view)
        } else {
            table(&page, view)
            pager(&page, view)
        }
        page += "</form></section>\n"
    }

    private static func empty(_ page: inout HTML, _ view: OperationsView) {
        guard view.dead.total > 0 else {
            page += #"""
                <div class="body soft"><p>No job is dead. One that has used up its attempts, or cannot succeed, \#
                appears here with its error, and can be requeued. The same list in a terminal:</p>\#
                <p><code class="command">helicarrier queue jobs --state dead</code></p></div>

                """#
            return
        }
        page += #"<div class="body soft"><p>No dead job fits. "#
        if let stage = view.address.stage, let errorClass = view.address.errorClass {
            let others = view.dead.byError(in: nil).first { $0.name == errorClass }?.jobs ?? 0
            page += #"""
                Without the stage \#(stage.title) there are \#(Figures.exact(Int64(others))). \#
                <a class="link" href="\#(view.address.with(stage: nil).path)#dead" data-nav>Drop it</a> or
                """#
        }
        let all = view.address.with(stage: nil).with(errorClass: nil).path
        page += #" <a class="link" href="\#(all)#dead" data-nav>clear all filters</a>.</p></div>"#
    }

    private static func filters(_ page: inout HTML, _ view: OperationsView) {
        let (dead, address) = (view.dead, view.address)
        let errors = dead.byError(in: address.stage)
        let all = errors.reduce(0) { $0 + $1.jobs }
        page += menu(
            "Error", address.errorClass.map(Self.name) ?? "All",
            [("All", all, address.with(errorClass: nil), nil)]
                + errors.map { (Self.name($0.name), $0.jobs, address.with(errorClass: $0.name), $0.name) },
            current: address.errorClass)
        page += menu(
            "Stage", address.stage?.title ?? "All",
            [("All", dead.total, address.with(stage: nil), nil)]
                + StageName.allCases.map { ($0.title, dead.inStage($0), address.with(stage: $0), $0.rawValue) },
            current: address.stage?.rawValue)
    }

    private static func menu(
        _ label: HTML, _ value: String,
        _ entries: [(name: String, jobs: Int, address: OperationsAddress, key: String?)], current: String?
    ) -> HTML {
        var menu: HTML = #"""
            <details class="pop" data-pop><summary><span class="k">\#(label)</span><span class="v">\#(value)</span>\#
            \#(.icon("i-down"))</summary><div class="menu">
            """#
        for entry in entries {
            menu += #"<a href="\#(entry.address.path)#dead" data-nav"#
            if entry.key == current { menu += #" aria-current="true""# }
            menu += #">\#(entry.name)<span class="count muted">\#(Figures.exact(Int64(entry.jobs)))</span></a>"#
        }
        menu += "</div></details>"
        return menu
    }

    /// What is not chosen one by one is meant by the filter, which the form repeats.
    private static func bulkActs(_ page: inout HTML, _ view: OperationsView) {
        let count = view.dead.page.total
        guard count > 0 else { return }
        let address = view.address
        page += #"<span class="end">"#
        if let stage = address.stage { page += #"<input type="hidden" name="stage" value="\#(stage.rawValue)">"# }
        if let errorClass = address.errorClass {
            page += #"<input type="hidden" name="error" value="\#(errorClass)">"#
        }
        for fate in [OperatorAct.Fate.requeue, .discard] {
            page += #"""
                <button class="btn small" name="act" value="\#(fate.rawValue)-selected" \#
                data-needs-pick="\#(fate.verb)">\#(fate.verb) selected…</button>
                """#
        }
        for fate in [OperatorAct.Fate.requeue, .discard] {
            page += #"""
                <button class="btn small" name="act" value="\#(fate.rawValue)-all">\#
                \#(fate.verb) all \#(Figures.exact(Int64(count)))…</button>
                """#
        }
        page += "</span>"
    }

    private static func table(_ page: inout HTML, _ view: OperationsView) {
        page += #"""
            <div class="scroll"><table class="dead"><thead><tr>\#
            <th scope="col" class="c"><span class="vh">Select</span></th><th scope="col">Job</th>\#
            <th scope="col" class="p2">Stage, kind</th><th scope="col">Error</th>\#
            <th scope="col" class="r p2">Attempts</th>\#
            <th scope="col" class="r p3">First failed</th><th scope="col" class="r p2">Last failed</th>\#
            <th scope="col"><span class="vh">Act</span></th></tr></thead>

            """#
        let totals = view.dead.byError(in: view.address.stage)
        var shown: String?
        for job in view.dead.jobs {
            if job.errorClass != shown {
                if shown != nil { page += "</tbody>" }
                shown = job.errorClass
                let count = totals.first { $0.name == job.errorClass }?.jobs ?? 0
                page += #"""
                    <tbody><tr class="group"><th colspan="8" scope="rowgroup">\#(name(job.errorClass)) \#
                    <span class="muted">\#(Figures.exact(Int64(count)))\#
                    \#(count == 1 ? " job" : " jobs")</span></th></tr>

                    """#
            }
            row(&page, job, view.now)
        }
        page += "</tbody></table></div>\n"
    }

    private static func row(_ page: inout HTML, _ job: DeadJob, _ now: Timestamp) {
        let stage = StageName(rawValue: job.stage)?.title ?? job.stage
        page += #"""
            <tr data-row><td class="c"><label class="pick"><input type="checkbox" name="job" value="\#
            \#(job.id.description)" data-open data-pick>\#
            <span class="vh">Select job \#(job.id.description)</span></label></td>\#
            <td><code>\#(job.id.description)</code></td>\#
            <td class="p2">\#(stage)<span class="sub muted">\#(job.kind)</span></td>\#
            <td class="error"><span class="vh">\#(name(job.errorClass)): </span>\#
            <span class="mono">\#(job.errorMessage)</span></td>\#
            <td class="r p2">\#(job.attempts)</td>\#
            <td class="r p3 num">\#(.timeAgo(job.firstFailedAt, now: now))</td>\#
            <td class="r p2 num">\#(.timeAgo(job.lastFailedAt, now: now))</td><td class="act">\#
            <button class="btn small" name="requeue" value="\#(job.id.description)" \#
            aria-label="Requeue job \#(job.id.description)…">\#(.icon("i-redo"))\#
            <span class="hide-s">Requeue…</span></button></td></tr>

            """#
    }

    private static func pager(_ page: inout HTML, _ view: OperationsView) {
        let index = view.dead.page
        page += #"""
            <nav class="pager" aria-label="Pages of dead jobs"><span class="num">\#
            \#(Figures.exact(Int64(index.rows.lowerBound + 1)))–\#(Figures.exact(Int64(index.rows.upperBound))) of \#
            \#(Figures.exact(Int64(index.total)))</span>
            """#
        if index.count > 1 {
            page += #"<span class="end">"#
            step(&page, index.previous, "prev", "\(.icon("i-left"))Previous", view)
            page += #"<span class="num">Page \#(index.number) of \#(index.count)</span>"#
            step(&page, index.next, "next", "Next\(.icon("i-right"))", view)
            page += "</span>"
        }
        page += "</nav>\n"
    }

    private static func step(
        _ page: inout HTML, _ number: Int?, _ rel: String, _ content: HTML, _ view: OperationsView
    ) {
        guard let number else {
            page += #"<span class="btn small" aria-disabled="true">\#(content)</span>"#
            return
        }
        let path = view.address.with(page: number).path
        page += #"<a class="btn small" id="page-\#(rel)" rel="\#(rel)" href="\#(path)#dead" data-nav>\#(content)</a>"#
    }

    static func name(_ errorClass: String) -> String { errorClass.isEmpty ? "No error class" : errorClass }
}
