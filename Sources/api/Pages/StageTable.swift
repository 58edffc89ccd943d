import Model
import Store

/// The stages in the order of the flow, each with its state and the act that stops it or lets it go on.
enum StageTable {
    static func draw(_ page: inout HTML, _ view: OperationsView, _ values: LiveValues) {
        page += #"""
            <section class="panel" id="stages" aria-labelledby="stages-title"><header>\#
            <h2 id="stages-title">Stages</h2><span class="end muted">In the order of the flow</span></header>\#
            <div class="scroll"><table><thead><tr><th scope="col">Stage</th><th scope="col">State</th>\#
            <th scope="col" class="r">Backlog</th><th scope="col" class="p4">of limit</th>\#
            <th scope="col" class="r p1">Oldest</th><th scope="col" class="r p3">Objective</th>\#
            <th scope="col" class="r p2">Rate <span class="unit">/min</span></th>\#
            <th scope="col" class="p3">40 minutes</th><th scope="col" class="r p3">p50 · p95</th>\#
            <th scope="col" class="r p2">Retries</th><th scope="col" class="r p2">Dead</th>\#
            <th scope="col" class="r p4">Running</th>\#
            <th scope="col"><span class="vh">Act</span></th></tr></thead><tbody>

            """#
        for stage in view.figures.backlog { row(&page, stage, view, values) }
        page += "</tbody></table></div></section>\n"
    }

    private static func row(
        _ page: inout HTML, _ stage: StageBacklog, _ view: OperationsView, _ values: LiveValues
    ) {
        let name = stage.stage.rawValue
        func live(_ part: String) -> HTML { .live("\(name).\(part)", in: values) }
        let objective = stage.objective.map(TimeText.length) ?? "—"
        page += #"""
            <tr><th scope="row"><a href="\#(view.address.with(stage: stage.stage).path)#dead"><b>\#
            \#(stage.stage.title)</b></a></th><td>\#(.liveBadge("\(name).state", in: values))</td>\#
            <td class="r">\#(live("backlog"))</td><td class="p4">\#(limit(stage))</td>\#
            <td class="r p1"><span class="delta \#(stage.isBehind ? "bad big" : "none")">\#(live("oldest"))</span>\#
            </td><td class="r p3 muted">\#(objective)</td><td class="r p2">\#(live("rate"))</td>\#
            <td class="p3">\#(.bars(view.figures.bars(stage.stage), label: "\(stage.stage.title), jobs done"))</td>\#
            <td class="r p3">\#(live("p50"))<span class="muted"> · \#(live("p95"))</span></td>\#
            <td class="r p2">\#(live("retries"))</td><td class="r p2">\#
            <a class="link" href="/ops?stage=\#(name)#dead" data-live="\#(name).dead" \#
            data-value="\#(values["\(name).dead"])">\#(values["\(name).dead"])</a></td>\#
            <td class="r p4">\#(live("running"))</td><td class="act">\#(acts(stage))</td></tr>

            """#
    }

    private static func limit(_ stage: StageBacklog) -> HTML {
        guard let limit = stage.depthLimit else { return #"<span class="muted">no limit</span>"# }
        let (part, whole) = (Int64(stage.waiting), Int64(limit))
        let words = "Backlog \(Figures.exact(part)) of \(Figures.exact(whole))"
        return #"""
            <span class="of" title="\#(words)">\#(.meter(part, of: whole, calm: true, label: words))\#
            <span class="muted">\#(Figures.short(whole))</span></span>
            """#
    }

    private static func acts(_ stage: StageBacklog) -> HTML {
        var acts = HTML()
        if !stage.pauses.contains(where: { $0.target == stage.stage.rawValue }) {
            acts += form("pause", stage.stage.rawValue, words: "Pause \(stage.stage.title)…", icon: .icon("i-pause"))
        }
        for pause in stage.pauses {
            let name = pause.target == stage.stage.rawValue ? stage.stage.title : pause.target
            acts += form("resume", pause.target, words: "Resume \(name)…", icon: .icon("i-play"))
        }
        return acts
    }

    private static func form(_ act: String, _ target: String, words: String, icon: HTML) -> HTML {
        let verb: HTML = act == "pause" ? "Pause…" : "Resume…"
        return #"""
            <form method="post" action="/ops/confirm"><input type="hidden" name="target" value="\#(target)">\#
            <button class="btn small" name="act" value="\#(act)" aria-label="\#(words)">\#(icon)\#
            <span class="hide-s">\#(verb)</span></button></form>
            """#
    }
}

/// What the upstream last said about its own limit.
enum UpstreamPanel {
    static func draw(_ page: inout HTML, _ view: OperationsView) {
        page += #"""
            <section class="panel" id="upstream" aria-labelledby="upstream-title"><header>\#
            <h2 id="upstream-title">Upstream quota</h2><span class="end muted">Used of limit</span></header>\#
            <div class="body">
            """#
        if let quota = view.figures.quota, quota.remaining != nil || quota.blockedUntil > view.now {
            draw(&page, quota, view.now)
        } else if !view.hasUpstream {
            page += #"""
                <p class="soft">The upstream is off, so nothing is called. With \#
                <code>HELICARRIER_HUB_URL</code> set, its quota appears here.</p>
                """#
        } else {
            page += #"""
                <p class="soft">As soon as the Hub has answered a call, its limit appears here: calls used, and when \#
                they are given back.</p><p><code class="command">helicarrier doctor --upstream</code></p>
                """#
        }
        page += "</div></section>\n"
    }

    private static func draw(_ page: inout HTML, _ quota: UpstreamQuota, _ now: Timestamp) {
        page += #"<ul class="quota"><li><span class="row"><b>Hugging Face Hub</b>"#
        let isOver = quota.resetsAt.map { $0 <= now } ?? false
        if let remaining = quota.remaining {
            if let limit = quota.quota, limit > 0 {
                let used = isOver ? 0 : Int64(max(0, limit - remaining))
                let words = "\(Figures.exact(used)) of \(Figures.exact(Int64(limit))) calls used"
                page += #"""
                    <span class="end num">\#(Figures.exact(used)) \#
                    <span class="muted">of \#(Figures.exact(Int64(limit)))</span></span></span>\#
                    \#(.meter(used, of: Int64(limit), label: words))
                    """#
            } else {
                page += #"<span class="end num">\#(Figures.exact(Int64(remaining))) left</span></span>"#
            }
        } else {
            page += "</span>"
        }
        page += #"<span class="row"><span class="muted">\#(resets(quota, now, isOver: isOver))</span>"#
        if let seen = quota.seenAt { page += #"<span class="end muted">Told \#(.timeAgo(seen, now: now))</span>"# }
        page += "</span>"
        if quota.blockedUntil > now {
            page += #"""
                <span class="wrong">Not called until \#
                \#(.time(quota.blockedUntil, as: TimeText.clock(quota.blockedUntil))) UTC: \#
                \#(quota.blockedReason ?? "it asked to wait")</span>
                """#
        }
        page += "</li></ul>"
    }

    private static func resets(_ quota: UpstreamQuota, _ now: Timestamp, isOver: Bool) -> HTML {
        guard let moment = quota.resetsAt else { return "No reset time told" }
        if isOver { return "Reset \(.timeAgo(moment, now: now)), not called since" }
        return "Resets in \(.time(moment, as: TimeText.duration(moment - now)))"
    }
}

/// The database's files, and the process that moves the log into the database.
enum StoragePanel {
    static func draw(_ page: inout HTML, _ view: OperationsView) {
        let storage = view.figures.storage
        page += #"""
            <section class="panel" aria-labelledby="storage-title"><header><h2 id="storage-title">Storage</h2>\#
            </header><div class="body"><dl class="facts">
            """#
        fact(&page, "Write-ahead log", "\(.live("total.log", in: view.live))")
        if let last = storage.lastCheckpoint {
            fact(&page, "Last checkpoint", .timeAgo(last, now: view.now))
        } else {
            fact(&page, "Last checkpoint", "none yet: no process runs, or nothing was written")
        }
        fact(&page, "Database", "\(Figures.bytes(storage.database))")
        if let free = storage.free { fact(&page, "Free on its disk", "\(Figures.bytes(free))") }
        page += "</dl></div></section>\n"
    }

    private static func fact(_ page: inout HTML, _ name: HTML, _ value: HTML) {
        page += "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }
}
