import Model
import Store

/// The stages in the order of the flow, each with its state and the act that stops it or lets it go on.
enum StageTable {
    static func draw(_ page: inout HTML, _ view: OperationsView, _ values: LiveValues) {
        page += #"""
            <section class="panel" id="stages" aria-labelledby="stages-title"><header>\#
            <h2 id="stages-title">Stages</h2><span class="end muted">In the order of the flow</span></header>\#
            <div class="scroll"><table><thead><tr><th scope="col">Stage</th><th scope="col">State</th>\#
            <th scope="col" class="r">Backlog</th><th scope="col" class="r ch">in <span class="unit">1 h</span></th>\#
            <th scope="col" class="p4"><a class="link" href="#limits">of limit</a></th>\#
            <th scope="col" class="r p1">Oldest</th><th scope="col" class="r p3">Objective</th>\#
            <th scope="col" class="r p2">Rate <span class="unit">/min</span></th>\#
            <th scope="col" class="p3" title="A bar is \#(view.figures.window.stepWords)">\#
            \#(view.figures.window.title)</th><th scope="col" class="r p3">p50 · p95</th>\#
            <th scope="col" class="r p2">Retries</th><th scope="col" class="r p2">Dead</th>\#
            <th scope="col" class="r p4" title="Workers that hold jobs now · jobs that they hold">\#
            Workers<span class="unit"> · jobs</span></th>\#
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
            <td class="r">\#(live("backlog"))</td><td class="r ch">\#(.delta("\(name).change", in: values))</td>\#
            <td class="p4">\#(limit(stage, values))</td><td class="r p1"><span\#
            \#(.following(["class": "\(name).oldest.class"], in: values))>\#(live("oldest"))</span></td>\#
            <td class="r p3 muted">\#(objective)</td><td class="r p2">\#(live("rate"))</td>\#
            <td class="p3">\#(.bars("\(name).bars", steps: view.figures.window.steps, in: values))</td>\#
            <td class="r p3">\#(live("p50"))<span class="muted"> · \#(live("p95"))</span></td>\#
            <td class="r p2">\#(live("retries"))</td><td class="r p2">\#
            <a class="link" href="\#(view.address.with(stage: stage.stage).path)#dead" data-live="\#(name).dead" \#
            data-value="\#(values["\(name).dead"])">\#(values["\(name).dead"])</a></td>\#
            <td class="r p4">\#(live("workers"))<span class="muted"> · \#(live("running"))</span></td>\#
            <td class="act">\#(acts(stage))</td></tr>

            """#
    }

    private static func limit(_ stage: StageBacklog, _ values: LiveValues) -> HTML {
        guard let limit = stage.depthLimit else { return #"<span class="muted">no limit</span>"# }
        return #"""
            <span class="of">\#(.meter("\(stage.stage.rawValue).depth", in: values))\#
            <span class="muted">\#(Figures.short(Int64(limit)))</span></span>
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
