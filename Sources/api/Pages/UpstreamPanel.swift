import Model
import Store

/// What the upstream last said about its own limit.
enum UpstreamPanel {
    static func draw(_ page: inout HTML, _ view: OperationsView) {
        page += #"""
            <section class="panel" id="upstream" aria-labelledby="upstream-title"><header>\#
            <h2 id="upstream-title">Upstream quota</h2><span class="end muted">Used of limit</span></header>\#
            <div class="body">
            """#
        if let quota = view.figures.quota, quota.remaining != nil || quota.blockedUntil > view.now {
            draw(&page, quota, view.live, view.now)
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

    private static func draw(_ page: inout HTML, _ quota: UpstreamQuota, _ values: LiveValues, _ now: Timestamp) {
        page += #"<ul class="quota"><li><span class="row"><b>Hugging Face Hub</b>"#
        let isOver = quota.resetsAt.map { $0 <= now } ?? false
        if let remaining = quota.remaining {
            if let limit = quota.quota, limit > 0 {
                page += #"""
                    <span class="end num">\#(.live("hub.used", in: values)) \#
                    <span class="muted">of \#(Figures.exact(Int64(limit)))</span></span></span>\#
                    \#(.meter("hub.quota", in: values))
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

/// The database's files, the process that moves the log into the database, and the answers that are kept ready.
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
        if let last = storage.lastBackup {
            fact(&page, "Last backup", .timeAgo(last, now: view.now))
        } else {
            fact(&page, "Last backup", "none was made on this machine")
        }
        fact(&page, "Database", "\(Figures.bytes(storage.database))")
        if let free = storage.free { fact(&page, "Free on its disk", "\(Figures.bytes(free))") }
        fact(&page, "Cache hits, since the start", .live("cache.share", in: view.live))
        fact(&page, "Answers in the cache", .live("cache.size", in: view.live))
        page += "</dl></div></section>\n"
    }

    private static func fact(_ page: inout HTML, _ name: HTML, _ value: HTML) {
        page += "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }
}
