import Model
import Store

/// What the page of one session shows, as plain values.
struct SessionView: Sendable {
    var row: SessionRow
    /// What holds of its usage now; `nil` where nothing is known.
    var usage: SessionUsageRow?
    /// What held before prices were computed anew.
    var earlier: [SessionUsageRow]
    /// The first of them, by `seq`.
    var events: [SessionEventRow]
    var eventTotal: Int
    var frame: LedgerFrame
}

/// The page of one session: how it went, what happened, what it used and cost, and where each figure comes from.
enum SessionPage {
    static func render(_ view: SessionView) -> [UInt8] {
        let row = view.row
        let data = "/api/v3/ledger/" + QueryText.percentEncoded(row.sessionID)
        return view.frame.render(row.taskTitle ?? row.sessionID, .sessions, data: data) { page in
            page += #"""
                <nav class="crumbs" aria-label="Where you are"><a href="/sessions">Sessions</a> \#
                <span aria-hidden="true">/</span> <span class="soft"><bdi>\#(row.sessionID)</bdi></span></nav>
                <div class="head"><div class="title"><h1><bdi>\#(row.taskTitle ?? row.sessionID)</bdi></h1>\#
                <p class="sub">\#(LedgerMarks.status(row.status)) <code><bdi>\#(row.sessionID)</bdi></code>\#
                <button class="btn ghost icon-only small js-only" type="button" data-copy="\#(row.sessionID)" \#
                aria-label="Copy the id">\#(.icon("i-copy"))</button> · started \#
                \#(.timeAgo(row.startedAt, now: view.frame.now))</p></div><div class="end">
                """#
            view.frame.session(&page)
            page += "</div></div>\n"
            if let words = view.usage?.facts.anomaly {
                page += #"""
                    <div class="banner warn">\#(.icon("i-warn"))<p><b>The reported usage contradicts itself.</b> \#
                    \#(words.replacing(" ", with: ", ").replacing("_", with: " "))</p></div>

                    """#
            }
            strip(&page, view)
            page += #"<div class="split"><div>"#
            task(&page, row)
            events(&page, view)
            page += "</div><div>"
            usage(&page, view)
            facts(&page, view)
            page += "</div></div>\n"
        }
    }

    private static func strip(_ page: inout HTML, _ view: SessionView) {
        let row = view.row
        page += #"""
            <dl class="strip"><div><dt>Cost</dt><dd>\#(LedgerMarks.cost(view.usage))</dd>\#
            <dd class="note">\#(costSource(view.usage))</dd></div>
            <div><dt>Tokens in / out</dt><dd>\#(LedgerMarks.tokens(view.usage))</dd>\#
            <dd class="note">\#(LedgerMarks.cached(view.usage)) read from cache</dd></div>
            <div><dt>Length</dt><dd>\#(LedgerMarks.length(row))</dd>\#
            <dd class="note">\#(words(row.runtimeSource))</dd></div>
            <div><dt>Events</dt><dd>\#(Figures.exact(Int64(view.eventTotal)))</dd>\#
            <dd class="note">\#(Figures.exact(row.artifactCount)) \#
            \#(row.artifactCount == 1 ? "artifact" : "artifacts")\#
            </dd></div></dl>

            """#
    }

    private static func costSource(_ usage: SessionUsageRow?) -> String {
        switch usage?.facts.costSource {
        case .providerReported: "as the provider billed it"
        case .estimatedFromPricing: "estimated by prices of \(usage?.pricingVersion ?? "no version")"
        case .unknown, nil: LedgerMarks.reason(usage)
        }
    }

    private static func words(_ source: RuntimeSource) -> HTML {
        switch source {
        case .providerReported: "as the provider reported it"
        case .derived: "from start to end"
        case .missing: "not known"
        }
    }

    private static func task(_ page: inout HTML, _ row: SessionRow) {
        guard row.taskText != nil || row.errorMessage != nil || row.errorCode != nil else { return }
        page += #"<section class="panel" aria-labelledby="task"><header class="bar"><h2 id="task">Task</h2></header>"#
        if let text = row.taskText { page += #"<p class="told"><bdi>\#(text)</bdi></p>"# }
        if row.errorCode != nil || row.errorMessage != nil {
            page += #"""
                <p class="told wrong"><b>\#(row.errorCode ?? "Error")</b> <bdi>\#(row.errorMessage ?? "")</bdi></p>
                """#
        }
        page += "</section>\n"
    }

    private static func events(_ page: inout HTML, _ view: SessionView) {
        page += #"""
            <section class="panel" aria-labelledby="happened"><header class="bar"><h2 id="happened">What happened</h2>\#
            </header>
            """#
        guard !view.events.isEmpty else {
            page += #"<p class="after">No event was reported.</p></section>"#
            return
        }
        page += #"<ol class="events">"#
        for event in view.events {
            let elapsed = event.at - view.row.startedAt
            page += #"""
                <li><span class="num muted">\#(Figures.exact(event.sequence))</span><div class="grow">\#
                <span class="badge\#(event.type == .error ? " bad" : "")">\#(event.type.rawValue)</span> \#
                <span class="muted">\#(.time(event.at, as: "+" + TimeText.duration(max(.zero, elapsed))))</span>\#
                <details><summary>Payload</summary><pre><bdi>\#(event.payload)</bdi></pre></details></div></li>

                """#
        }
        page += "</ol>"
        let more = view.eventTotal - view.events.count
        if more > 0 {
            page += #"<p class="after">\#(Figures.exact(Int64(more))) more: read them all as JSON.</p>"#
        }
        page += "</section>\n"
    }

    private static func usage(_ page: inout HTML, _ view: SessionView) {
        page += #"<section class="panel" aria-labelledby="used"><header class="bar"><h2 id="used">Tokens</h2></header>"#
        guard let usage = view.usage else {
            page += #"<p class="after">No usage was reported.</p></section>"#
            return
        }
        page += #"<dl class="facts">"#
        for bucket in TokenBucket.allCases {
            page += #"""
                <div><dt>\#(bucket.words)</dt>\#
                <dd>\#(usage.facts.tokens[bucket].map { "\(Figures.exact($0))" } ?? .unknown("Not reported"))</dd></div>
                """#
        }
        let total: HTML = usage.facts.totalTokens.map { "<b>\(Figures.exact($0))</b>" } ?? .unknown("Not known")
        page += #"<div><dt>In all</dt><dd>\#(total)<small>\#(usage.facts.tokenSource.words)</small></dd></div></dl>"#
        page += #"<dl class="facts after">"#
        money(&page, "Billed by the provider", usage.facts.billed, "No bill was reported")
        money(&page, "Computed by price book", usage.facts.computed, LedgerMarks.reason(usage))
        if let billed = usage.facts.billed, let computed = usage.facts.computed {
            money(&page, "Billing drift", billed - computed, "")
        }
        page += #"<div><dt>Prices</dt><dd>\#(usage.pricingVersion ?? "none")</dd></div>"#
        for revision in view.earlier {
            page += #"""
                <div><dt>Before \#(.time(revision.supersededAt ?? revision.computedAt, as: TimeText.date(
                    revision.supersededAt ?? revision.computedAt)))</dt>\#
                <dd>\#(revision.facts.cost.map(MoneyText.exactUSD) ?? "unknown")\#
                <small>\#(revision.pricingVersion ?? "no prices")</small></dd></div>
                """#
        }
        page += "</dl></section>\n"
    }

    private static func money(_ page: inout HTML, _ name: HTML, _ nano: Int64?, _ reason: String) {
        let value: HTML = nano.map { "\(MoneyText.exactUSD($0))" } ?? .unknown(reason)
        page += "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }

    private static func facts(_ page: inout HTML, _ view: SessionView) {
        let row = view.row
        page += #"""
            <section class="panel" aria-labelledby="facts"><header class="bar"><h2 id="facts">Session</h2></header>\#
            <dl class="facts">
            """#
        var agent = SessionsAddress()
        agent.agent = row.agentID
        var model = SessionsAddress()
        model.model = row.modelID
        fact(&page, "Agent", #"<a href="\#(agent.path)"><bdi>\#(row.agentLabel ?? row.agentID)</bdi></a>"#)
        fact(&page, "Model", #"<a href="\#(model.path)"><bdi>\#(row.modelID)</bdi></a>"#)
        if let provider = view.usage?.provider ?? row.provider { fact(&page, "Provider", "<bdi>\(provider)</bdi>") }
        if let category = row.taskCategory { fact(&page, "Kind of task", "<bdi>\(category)</bdi>") }
        if let run = row.runID { fact(&page, "Run", "<code><bdi>\(run)</bdi></code>") }
        fact(&page, "Started", .time(row.startedAt, as: TimeText.moment(row.startedAt)))
        fact(&page, "Ended", row.endedAt.map { .time($0, as: TimeText.moment($0)) } ?? .unknown("It is under way"))
        let times = row.revision == 1 ? "once" : "\(Figures.exact(row.revision)) times"
        fact(&page, "Told", "\(times), last \(.timeAgo(row.ingestedAt, now: view.frame.now))")
        fact(&page, "Came by", "\(row.source.rawValue), \(row.contract)")
        page += "</dl></section>\n"
    }

    private static func fact(_ page: inout HTML, _ name: HTML, _ value: HTML) {
        page += "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }
}

extension TokenBucket {
    fileprivate var words: HTML {
        switch self {
        case .inputUncached: "Input, not cached"
        case .cacheRead: "Read from cache"
        case .cacheWrite5m: "Cached for 5 minutes"
        case .cacheWrite1h: "Cached for 1 hour"
        case .outputVisible: "Output"
        case .reasoning: "Reasoning"
        }
    }
}

extension FigureSource {
    fileprivate var words: HTML {
        switch self {
        case .providerReported: "as reported"
        case .derived: "added up from the parts"
        case .missing: "not reported"
        }
    }
}
