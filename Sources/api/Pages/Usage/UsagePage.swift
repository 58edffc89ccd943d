import Model
import Store

/// The page `/usage`: what agents' sessions used and cost, day by day, by model and by agent.
enum UsagePage {
    static func render(_ view: UsageView) -> [UInt8] {
        let data = view.address.dataPath(now: view.frame.now)
        return view.frame.render("Usage and cost", .usage, data: data, file: view.address.filePath) { page in
            heading(&page, view)
            guard view.totals[.runs] > 0 else { return nothing(&page, view) }
            strip(&page, view)
            page += #"<div class="split"><div>"#
            spending(&page, view)
            groups(&page, view)
            page += "</div><div>"
            alerts(&page, view)
            page += "</div></div>\n"
            SessionsPage.panel(&page, view)
        }
    }

    private static func heading(_ page: inout HTML, _ view: UsageView) {
        let span = view.address.span(now: view.frame.now)
        page += #"""
            <div class="head"><div><h1>Usage and cost</h1><p class="sub">Sessions that started from \#
            \#(TimeText.day(span.lowerBound.start)) to \#(TimeText.date(span.upperBound.start)), UTC
            """#
        if let agent = view.address.agent { page += " · agent <b><bdi>\(agent)</bdi></b>" }
        if let model = view.address.model { page += " · model <b><bdi>\(model)</bdi></b>" }
        if view.address.agent != nil || view.address.model != nil {
            let all = view.address.with { ($0.agent, $0.model) = (nil, nil) }
            page += #" · <a class="link" href="\#(all.path)">all</a>"#
        }
        page += #"</p></div><div class="end"><span class="seg" role="group" aria-label="Told apart by">"#
        for grouping in UsageAddress.Grouping.allCases {
            page += #"<a href="\#(view.address.with { $0.grouping = grouping }.path)""#
            if grouping == view.address.grouping { page += #" aria-current="true""# }
            page += ">\(grouping.word)</a>"
        }
        page += #"</span><span class="seg" role="group" aria-label="Days">"#
        for days in UsageAddress.ranges {
            page += #"<a href="\#(view.address.with { $0.days = days }.path)""#
            if days == view.address.days { page += #" aria-current="true""# }
            page += ">\(days) d</a>"
        }
        page += "</span>"
        view.frame.session(&page)
        page += "</div></div>\n"
    }

    private static func nothing(_ page: inout HTML, _ view: UsageView) {
        page += #"""
            <section class="panel empty" aria-label="Usage"><h2>No session in these days</h2>\#
            <p>As soon as an agent reports a session, its tokens, its cost and where both figures come from appear \#
            here.</p><p>Report one:</p><p><code class="command">curl -X POST -H "x-secret-key: $HELICARRIER_SECRET" \#
            …/api/v3/ingest/session</code></p></section>

            """#
    }

    private static func strip(_ page: inout HTML, _ view: UsageView) {
        let (totals, days) = (view.totals, "\(view.address.days) days")
        page += #"<dl class="strip five"><div><dt>Spend, \#(view.address.days) d</dt>"#
        page += #"<dd title="\#(MoneyText.exactUSD(totals[.cost]))">\#(MoneyText.usd(totals[.cost]))</dd>"#
        page += #"""
            <dd class="note">\#(LedgerMarks.change(totals[.cost], view.before.map { $0[.cost] }, over: days)) \#
            on the \#(days) before</dd></div>
            <div><dt>Tokens in / out</dt><dd>\#(Figures.short(totals.tokensIn)) \#
            <small>/ \#(Figures.short(totals.tokensOut))</small></dd>\#
            <dd class="note">\#(cached(totals)) read from cache</dd></div>
            <div><dt>Sessions</dt><dd>\#(Figures.short(totals[.runs]))</dd>\#
            <dd class="note">\#(totals.failedShare.map(LedgerMarks.share) ?? "none") failed</dd></div>
            <div><dt>Cost per session</dt><dd>\#(totals.meanCost.map(MoneyText.usd) ?? "—")</dd>\#
            <dd class="note">p95 \#(view.p95Cost.map(MoneyText.usd) ?? "—")</dd></div>
            <div><dt>Costs known</dt><dd>\#(known(totals))</dd>\#
            <dd class="note">\#(Figures.short(totals[.costReported])) billed, \#
            \#(Figures.short(totals[.costEstimated])) estimated</dd></div></dl>

            """#
    }

    private static func known(_ totals: UsageSums) -> String {
        UsageSums.share(totals[.runs] &- totals[.costUnknown], of: totals[.runs]).map(LedgerMarks.share) ?? "—"
    }

    private static func cached(_ sums: UsageSums) -> HTML {
        sums.cachedShare.map { "\(LedgerMarks.share($0))" } ?? .unknown("No reads of a cache were told")
    }

    private static func spending(_ page: inout HTML, _ view: UsageView) {
        page += #"""
            <section class="panel" aria-labelledby="spend"><header class="bar"><h2 id="spend">Spend per day</h2>\#
            <span class="grow"></span>\#(.spendLegend(view.chart))</header>
            """#
        page += .spendChart(view.chart)
        page += .spendTable(view.chart)
        page += #"""
            <p class="after"><a class="link" href="\#(view.address.filePath)">Download CSV</a> · Costs as billed, \#
            else \#
            estimated by the price book of the day; sessions without a price are not in them.</p></section>

            """#
    }

    private static func groups(_ page: inout HTML, _ view: UsageView) {
        let word = view.address.grouping.word
        page += #"""
            <section class="panel" aria-labelledby="groups"><header class="bar"><h2 id="groups">By \#
            \#(view.address.grouping.rawValue)</h2></header><div class="scroll"><table><thead><tr>\#
            <th scope="col">\#(word)</th><th scope="col" class="r" aria-sort="descending">Spend</th>\#
            <th scope="col" class="p3">Share</th><th scope="col" class="r">Change</th>\#
            <th scope="col" class="r p2">Tokens in</th><th scope="col" class="r p2">Tokens out</th>\#
            <th scope="col" class="r p3">Cached</th><th scope="col" class="r p4">Sessions</th></tr></thead><tbody>

            """#
        for group in view.groups { row(&page, group, view) }
        page += "</tbody></table></div></section>\n"
    }

    private static func row(_ page: inout HTML, _ group: UsageView.Group, _ view: UsageView) {
        let sums = group.sums
        let link = view.address.with { address in
            switch address.grouping {
            case .model: (address.model, address.grouping) = (group.name, .agent)
            case .agent: (address.agent, address.grouping) = (group.name, .model)
            }
        }
        let share = UsageSums.share(sums[.cost], of: view.totals[.cost]) ?? 0
        let isUnknown = sums[.costUnknown] == sums[.runs]
        let unknown: HTML = .unknown("No session of it has a known cost")
        let cost: HTML = isUnknown ? unknown : "\(MoneyText.usd(sums[.cost]))"
        page += #"""
            <tr data-row><th scope="row"><a href="\#(link.path)" data-open>\#
            <b class="name"><bdi>\#(group.name)</bdi></b></a></th>\#
            <td class="r">\#(cost)</td><td class="p3">\#(isUnknown ? unknown : meter(share))</td>\#
            <td class="r">\#(LedgerMarks.change(sums[.cost], group.before, over: "\(view.address.days) days"))</td>\#
            <td class="r p2">\#(Figures.short(sums.tokensIn))</td>\#
            <td class="r p2">\#(Figures.short(sums.tokensOut))</td>\#
            <td class="r p3">\#(cached(sums))</td>\#
            <td class="r p4">\#(Figures.short(sums[.runs]))</td></tr>

            """#
    }

    private static func meter(_ share: Int) -> HTML {
        #"""
        <span class="share"><svg class="meter" width="100%" height="6" role="img" \#
        aria-label="\#(LedgerMarks.share(share)) of spend"><rect width="\#(tenths: share)%" height="6"/></svg>\#
        <span class="num">\#(LedgerMarks.share(share))</span></span>
        """#
    }

    private static func alerts(_ page: inout HTML, _ view: UsageView) {
        page += #"""
            <section class="panel" aria-labelledby="alerts"><header class="bar"><h2 id="alerts">Alerts</h2></header>
            """#
        guard !view.alerts.isEmpty else {
            page += #"""
                <p class="after">No rule has anything to tell. A rule watches what is spent in a day, how long \#
                sessions \#
                take or how many fail: <code>POST /api/v3/alerts/rules</code>.</p></section>

                """#
            return
        }
        page += #"<ul class="events">"#
        for line in view.alerts {
            let tone: HTML =
                switch line.status {
                case "critical": "bad"
                case "warning": "warn"
                default: "good"
                }
            page += #"""
                <li><span class="dot \#(tone)"></span><div><b><bdi>\#(line.title)</bdi></b> \#
                <span class="badge \#(tone)">\#(line.status)</span><p>\#(line.words)</p></div></li>
                """#
        }
        page += "</ul></section>\n"
    }
}
