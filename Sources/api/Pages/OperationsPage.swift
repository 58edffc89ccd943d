import Model
import Store

/// The page `/ops`: what is wrong, key figures, stages, upstream and storage, dead jobs, deliveries.
enum OperationsPage {
    static func render(_ view: OperationsView) -> [UInt8] {
        let values = view.live
        var frame = PageFrame(
            title: "Operations", place: .operations, theme: view.theme, assets: view.assets, status: status(view),
            footer: [
                PageFrame.FooterLink(name: "Metrics", path: "/metrics"),
                PageFrame.FooterLink(name: "Health", path: "/api/health"),
                PageFrame.FooterLink(name: "Readiness", path: "/readyz?verbose"),
            ])
        frame.hasOperations = true
        frame.deadJobs = view.dead.total
        frame.events = view.address.events
        return frame.render(capacity: 49_152) { page in
            heading(&page, view)
            if let result = view.result {
                page += #"<p class="banner good" role="status">\#(result)</p>"#
            }
            alerts(&page, values)
            OperationsStrip.draw(&page, view, values)
            page += #"<div class="stack">"#
            StageTable.draw(&page, view, values)
            page += #"<div class="halves">"#
            UpstreamPanel.draw(&page, view)
            StoragePanel.draw(&page, view)
            page += "</div>\n"
            DeadJobsPanel.draw(&page, view)
            DeliveriesPanel.draw(&page, view)
            LimitsPanel.draw(&page, view)
            page += "</div>\n"
        }
    }

    private static func status(_ view: OperationsView) -> HTML {
        #"""
        <span class="live hide-s" data-live-status><span class="dot"></span>\#
        <span>Read at \#(.time(view.now, as: "\(TimeText.clock(view.now)) UTC"))</span></span>
        """#
    }

    private static func heading(_ page: inout HTML, _ view: OperationsView) {
        page += #"""
            <div class="head"><div><h1>Operations</h1>
            <p class="sub">The pipeline, its upstream, its dead jobs and its webhooks. Rates, retries, times and \#
            bars are those of the <b>last \#(view.figures.window.words)</b>.</p></div><div class="end">\#
            \#(windows(view))\#
            <button class="btn js-only" type="button" data-live-toggle aria-pressed="false" aria-keyshortcuts="l">\#
            \#(.icon("i-pause"))<span>Pause updates</span></button>
            """#
        if let name = view.signedIn {
            page += #"""
                <form method="post" action="/ops/sign-out"><button class="btn" title="Signed in as \#(name)">\#
                Sign out <span class="muted who">\#(name)</span></button></form>
                """#
        } else {
            page += #"<a class="btn" href="/ops/sign-in">Sign in</a>"#
        }
        page += "</div></div>\n"
    }

    private static func windows(_ view: OperationsView) -> HTML {
        var links: HTML = #"<nav class="seg" aria-label="Window of the figures">"#
        for window in FigureWindow.allCases {
            links += #"<a href="\#(view.address.with(window: window).path)""#
            if window == view.figures.window { links += #" aria-current="true""# }
            links += ">\(window.title)</a>"
        }
        links += "</nav>"
        return links
    }

    /// Every sentence that there may be has its place; the style sheet hides those that are empty, and the banner
    /// with them.
    private static func alerts(_ page: inout HTML, _ values: LiveValues) {
        page += #"<div class="banner bad alerts">\#(.icon("i-warn"))<div>"#
        for subject in StageName.allCases.map(\.rawValue) + ["dead", "hub"] {
            let link = subject == "dead" ? "/ops#dead" : subject == "hub" ? "/ops#upstream" : "/ops#stages"
            page += #"""
                <p><a href="\#(link)" data-live="\#(subject).alert">\#(values["\(subject).alert"])</a> \#
                <span class="soft" data-live="\#(subject).why">\#(values["\(subject).why"])</span></p>
                """#
        }
        page += "</div></div>\n"
    }
}

/// The six key figures.
enum OperationsStrip {
    static func draw(_ page: inout HTML, _ view: OperationsView, _ values: LiveValues) {
        page += #"<dl class="strip six">"#
        cell(
            &page, "Backlog, all stages", "total.backlog", values,
            note: #"""
                \#(.delta("total.change", in: values)) in 1 h<span class="more">\#
                \#(.live("total.backlog.note", in: values))</span>
                """#)
        cell(&page, "Oldest job", "total.oldest", values)
        cell(
            &page, "Throughput", "total.rate", values, unit: "/min",
            note: "\(.delta("total.rate.change", in: values)) \(.live("total.rate.span", in: values))")
        cell(&page, "Retries, \(view.figures.window.title)", "total.retries", values)
        cell(&page, "Dead jobs, now", "total.dead", values)
        let checkpoint: HTML =
            view.figures.storage.lastCheckpoint.map { "Checkpoint \(.timeAgo($0, now: view.now))" }
            ?? "No checkpoint yet"
        cell(&page, "Write-ahead log", "total.log", values, note: checkpoint)
        page += "</dl>\n"
    }

    private static func cell(
        _ page: inout HTML, _ label: HTML, _ key: String, _ values: LiveValues, unit: HTML = "", note: HTML? = nil
    ) {
        page += "<div><dt>\(label)</dt><dd>\(.live(key, in: values))"
        if !unit.bytes.isEmpty { page += " <small>\(unit)</small>" }
        page += #"</dd><dd class="note">\#(note ?? .live("\(key).note", in: values))</dd></div>"#
    }
}
