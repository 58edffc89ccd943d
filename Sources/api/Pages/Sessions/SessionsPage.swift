import Model
import Store

/// What the page `/sessions` shows, as plain values.
struct SessionsView: Sendable {
    var address: SessionsAddress
    var lines: [SessionLine]
    var page: PageIndex
    var frame: LedgerFrame
}

/// The page `/sessions`: every session that agents have reported, searched, filtered and ordered.
enum SessionsPage {
    static func render(_ view: SessionsView) -> [UInt8] {
        view.frame.render("Sessions", .sessions, data: view.address.dataPath, file: view.address.filePath) { page in
            page += #"""
                <div class="head"><div><h1>Sessions</h1><p class="sub">What agents were asked, how it ended, and what \#
                it cost.</p></div><div class="end">
                """#
            view.frame.session(&page)
            page += "</div></div>\n"
            filters(&page, view)
            page += #"<section class="panel" id="results" aria-label="Sessions" tabindex="-1" data-swap>"#
            if view.lines.isEmpty {
                nothing(&page, view)
            } else {
                table(&page, view.lines, view.frame, sorted: view.address)
            }
            let file: HTML = #"<a class="link" href="\#(view.address.filePath)">Download CSV</a>"#
            page += .pager(view.page, path: { number in view.address.with { $0.page = number }.path }, after: file)
            page += "</section>\n"
        }
    }

    /// The newest sessions of the page of usage.
    static func panel(_ page: inout HTML, _ view: UsageView) {
        let all = view.address.sessions(now: view.frame.now)
        page += #"""
            <section class="panel" aria-labelledby="newest"><header class="bar"><h2 id="newest">Newest sessions</h2>\#
            <span class="grow"></span><a class="link" href="\#(all.path)">All \#
            \#(Figures.exact(Int64(view.sessionTotal)))</a></header>
            """#
        table(&page, view.sessions, view.frame, sorted: nil)
        page += "</section>\n"
    }

    private static func filters(_ page: inout HTML, _ view: SessionsView) {
        let address = view.address
        page += #"""
            <form id="filters" method="get" action="/sessions" data-live-form><div class="panel filters">\#
            <label class="field">\#(.icon("i-search"))<span class="vh">Search sessions</span>\#
            <input type="search" name="q" id="q" value="\#(address.words.joined(separator: " "))" \#
            placeholder="Title, task or error…" maxlength="200" autocomplete="off" spellcheck="false" data-search \#
            aria-keyshortcuts="/"></label>
            """#
        text(&page, "agent", "Agent", address.agent)
        text(&page, "model", "Model", address.model)
        page += #"""
            <label class="labelled"><span class="k">Status</span> <select class="select" name="status">\#
            <option value="">any</option>
            """#
        for status in SessionStatus.allCases {
            page += #"<option value="\#(status.rawValue)"\#(address.status == status ? " selected" : "")>"#
            page += "\(status.rawValue)</option>"
        }
        page += "</select></label>"
        date(&page, "from", "From", address.from)
        date(&page, "to", "To", address.to)
        if address.sort != .newest {
            page += #"<input type="hidden" name="sort" value="\#(address.sort.rawValue)">"#
        }
        page += #"""
            <button class="btn nojs">Apply</button><span class="grow"></span><span class="soft num" data-count>\#
            \#(Figures.exact(Int64(view.page.total))) \#
            \#(view.page.total == 1 ? "session" : "sessions")</span></div></form>

            """#
    }

    private static func text(_ page: inout HTML, _ name: HTML, _ label: HTML, _ value: String?) {
        page += #"""
            <label class="field short"><span class="k">\#(label)</span>\#
            <input type="text" name="\#(name)" value="\#(value ?? "")" maxlength="200" autocomplete="off" \#
            spellcheck="false"></label>
            """#
    }

    private static func date(_ page: inout HTML, _ name: HTML, _ label: HTML, _ value: String?) {
        page += #"""
            <label class="field short"><span class="k">\#(label)</span>\#
            <input type="date" name="\#(name)" value="\#(value.map { String($0.prefix(10)) } ?? "")"></label>
            """#
    }

    private static func nothing(_ page: inout HTML, _ view: SessionsView) {
        guard view.address.isNarrowed else {
            page += #"""
                <div class="empty"><h2>No session yet</h2><p>Every session that an agent reports appears here \#
                with its \#
                events, its tokens and its cost.</p><p>Report one, or bring those that you have:</p>\#
                <p><code class="command">helicarrier import ledger FILE</code></p></div>
                """#
            return
        }
        page += #"""
            <div class="empty"><h2>No such session</h2><p>Nothing in the ledger fits all of it.</p>\#
            <a class="btn" href="/sessions" data-nav>Show all</a></div>
            """#
    }

    private static func head(_ name: HTML, _ sort: SessionSort, _ address: SessionsAddress?, _ more: HTML) -> HTML {
        guard let address else { return #"<th scope="col" class="r\#(more)">\#(name)</th>"# }
        let isSorted = address.sort == sort
        let mark: HTML = isSorted ? .icon("i-sort") : HTML()
        let order: HTML = isSorted ? #" aria-sort="descending""# : ""
        return #"""
            <th scope="col" class="r\#(more)"\#(order)><a class="sort" \#
            id="sort-\#(sort.rawValue)" href="\#(address.with { $0.sort = sort }.path)" data-nav>\#(name)\#(mark)\#
            </a></th>
            """#
    }

    private static func table(
        _ page: inout HTML, _ lines: [SessionLine], _ frame: LedgerFrame, sorted address: SessionsAddress?
    ) {
        page += #"""
            <div class="scroll"><table class="told-rows"><caption class="vh">Sessions</caption>\#
            <thead><tr><th scope="col">Session</th>\#
            <th scope="col" class="p2">Agent</th><th scope="col" class="p3">Model</th><th scope="col">Status</th>\#
            <th scope="col" class="r p2">Tokens <span class="unit">in / out</span></th>\#
            <th scope="col" class="r p4">Cached</th>\#(head("Cost", .cost, address, ""))\#
            \#(head("Length", .runtime, address, " p3"))\#(head("Started", .newest, address, " p1"))</tr></thead><tbody>

            """#
        for line in lines { row(&page, line, frame) }
        page += "</tbody></table></div>\n"
    }

    private static func row(_ page: inout HTML, _ line: SessionLine, _ frame: LedgerFrame) {
        let row = line.row
        page += #"""
            <tr data-row><th scope="row"><a class="name" href="\#(SessionsAddress.sessionPath(row.sessionID))" \#
            data-open><bdi>\#(row.taskTitle ?? row.sessionID)</bdi></a>\#
            <span class="meta"><code><bdi>\#(row.sessionID)</bdi></code></span></th>\#
            <td class="p2"><bdi>\#(row.agentLabel ?? row.agentID)</bdi></td>\#
            <td class="p3 soft"><bdi>\#(row.modelID)</bdi></td><td>\#(LedgerMarks.status(row.status))</td>\#
            <td class="r p2 nowrap">\#(LedgerMarks.tokens(line.usage))</td>\#
            <td class="r p4">\#(LedgerMarks.cached(line.usage))</td>\#
            <td class="r nowrap">\#(LedgerMarks.cost(line.usage))</td>\#
            <td class="r p3 nowrap">\#(LedgerMarks.length(row))</td>\#
            <td class="r p1 nowrap muted">\#(.timeAgo(row.startedAt, now: frame.now))</td></tr>

            """#
    }
}
