import Model

/// The strip of key figures above the table: two movers, what is new, what stands out, and how far the counters can be
/// trusted.
enum LeaderboardStrip {
    static func draw(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<dl class="strip five">"#
        mover(&page, "Biggest rise, 24 h", view.highlights.rise, view)
        mover(&page, "Biggest fall, 24 h", view.highlights.fall, view)
        newModels(&page, view)
        anomalies(&page, view)
        observation(&page, view)
        page += "</dl>\n"
    }

    private static func mover(
        _ page: inout HTML, _ label: HTML, _ mover: LeaderboardView.Mover?, _ view: LeaderboardView
    ) {
        page += "<div><dt>\(label)</dt>"
        if let mover {
            let span = DeltaSpan(.day, of: view.baselines)
            page += #"<dd class="name" title="\#(mover.id.text)">\#(.modelName(mover.id, link: mover.link))</dd>"#
            page += #"<dd class="note">\#(.delta(.change(mover.change), downloads: mover.downloads, span: span))"#
            if let downloads = mover.downloads { page += " to \(Figures.short(downloads))" }
            page += "</dd>"
        } else {
            page += #"<dd class="name muted">None</dd><dd class="note">\#(whyNoMover(view))</dd>"#
        }
        page += "</div>"
    }

    private static func whyNoMover(_ view: LeaderboardView) -> HTML {
        switch view.epoch?.state {
        case nil, .pending: "No refresh of the counters seen yet"
        case .suspect: "Withheld: the newest refresh is suspect"
        case .settled:
            view.baselines.downloads24h == nil
                ? "No refresh the day before to compare with" : "No model in this direction"
        }
    }

    private static func newModels(_ page: inout HTML, _ view: LeaderboardView) {
        page += "<div><dt>New since the day before</dt>"
        if let count = view.highlights.newModels {
            page += "<dd>\(Figures.short(Int64(count))) <small>\(count == 1 ? "model" : "models")</small></dd>"
        } else {
            page += #"<dd class="muted">—</dd>"#
        }
        if let baseline = view.baselines.downloads24h {
            page += #"<dd class="note">First seen after \#(short(baseline.observedAt))</dd>"#
        } else {
            page += #"<dd class="note">No earlier refresh is kept</dd>"#
        }
        page += "</div>"
    }

    private static func anomalies(_ page: inout HTML, _ view: LeaderboardView) {
        let count = Int64(view.standingOut)
        let path = "/anomalies" + QueryText.suffix(view.address.frame.filter { $0.name == "feed" })
        page += #"""
            <div><dt>Stand out today</dt><dd>\#(Figures.short(count)) <small>of \#
            \#(Figures.short(Int64(view.feedTotal)))</small></dd>\#
            <dd class="note"><a class="link" href="\#(path)">All anomalies</a></dd></div>
            """#
    }

    private static func observation(_ page: inout HTML, _ view: LeaderboardView) {
        let moment = view.snapshot.observedAt
        page += #"""
            <div><dt>Snapshot, UTC</dt><dd>\#(.time(moment, as: TimeText.clock(moment))) \#
            <small>\#(TimeText.date(moment))</small></dd><dd class="note">
            """#
        switch view.epoch {
        case let epoch? where epoch.state == .settled:
            page += "Counters refreshed \(short(epoch.snapshot.observedAt))"
        case let epoch? where epoch.state == .suspect:
            page += #"<span class="tag warn">Suspect</span> "#
            page += "refresh of \(short(epoch.snapshot.observedAt)): changes withheld"
        default:
            page += "No refresh of the counters seen yet"
        }
        page += "</dd></div>"
    }

    private static func short(_ moment: Timestamp) -> HTML {
        .time(moment, as: "\(TimeText.day(moment)), \(TimeText.clock(moment)) UTC")
    }
}
