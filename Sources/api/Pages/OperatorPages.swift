import Jobs
import Model
import Store

/// What the pages of an operator have in common: a frame, and one panel in it.
struct OperatorFrame: Sendable {
    let title: String
    let theme: Theme
    let assets: AssetCatalog

    func render(_ content: (inout HTML) -> Void) -> [UInt8] {
        var frame = PageFrame(title: title, place: .operations, theme: theme, assets: assets)
        frame.hasOperations = true
        return frame.render { page in
            page += #"<section class="panel ask" aria-labelledby="ask-title"><h1 id="ask-title">\#(title)</h1>"#
            content(&page)
            page += "</section>\n"
        }
    }

    /// A page that only says something, and leads back.
    func notice(_ words: String) -> [UInt8] {
        render { page in
            page += #"<p>\#(words)</p><p><a class="btn" href="/ops">Back to operations</a></p>"#
        }
    }
}

/// The page at which an operator shows a token.
enum SignInPage {
    static func render(next: String, fault: String?, _ frame: OperatorFrame) -> [UInt8] {
        let purpose = SignInPurpose(place: next)
        let (what, scope): (HTML, HTML) =
            switch purpose {
            case .acts: ("Acts on the queue need", "queue")
            case .ledger: ("Sessions and what they cost are open to holders of", "read")
            }
        return frame.render { page in
            page += #"""
                <p>\#(what) a token with the scope <code>\#(scope)</code> or <code>admin</code>. \#
                An operator makes one with</p>\#
                <p><code class="command">helicarrier token create --scope \#(scope) --label NAME</code></p>
                """#
            if let fault { page += #"<p class="wrong" id="fault" role="alert">\#(fault)</p>"# }
            page += #"""
                <form method="post" action="/ops/sign-in"><input type="hidden" name="next" value="\#(next)">\#
                <input type="text" name="who" value="operator" autocomplete="username" hidden>\#
                <label class="field"><span>Token</span><input type="password" name="token" required \#
                autocomplete="current-password" autocapitalize="off" spellcheck="false"
                """#
            if fault != nil { page += #" aria-describedby="fault" aria-invalid="true""# }
            page += #"""
                ></label><p class="row"><button class="btn primary">Sign in</button> \#
                <a class="btn" href="\#(purpose == .acts ? "/ops" : "/")">Cancel</a></p></form>
                """#
        }
    }
}

/// The page that says what an act would do, and asks once more.
struct ConfirmationPage: Sendable {
    /// The act with what it covers now.
    enum Scope: Sendable {
        case jobs(OperatorAct.Fate, count: Int, first: [DeadJob], of: String)
        case pause(StageName, waiting: Int, running: Int)
        case resume(Pause, waiting: Int)
        /// From what is, to what shall be.
        case limit(TargetLimits, LimitChange)
        case webhook(WebhookScope)
    }

    let scope: Scope
    let token: String

    var label: String {
        switch scope {
        case .jobs(let fate, let count, _, _):
            "\(fate.verb) \(Figures.exact(Int64(count))) \(count == 1 ? "job" : "jobs")"
        case .pause(let stage, _, _): "Pause \(stage.title)"
        case .limit(let limits, _): "Change the limits of \(LimitsPanel.name(limits.target))"
        case .resume(let pause, _): "Resume \(StageName(rawValue: pause.target)?.title ?? pause.target)"
        case .webhook(let scope): scope.label
        }
    }

    /// Where who does not want it goes.
    private var wayBack: String {
        if case .webhook(let scope) = scope { scope.act.place } else { "/ops" }
    }

    func render(theme: Theme, assets: AssetCatalog) -> [UInt8] {
        OperatorFrame(title: "\(label)?", theme: theme, assets: assets).render { page in
            page += #"<form method="post" action="/ops/acts">"#
            page += #"<input type="hidden" name="confirmation" value="\#(token)">"#
            switch scope {
            case .jobs(let fate, let count, let first, let of): draw(&page, fate, count, first, of)
            case .pause(let stage, let waiting, let running): draw(&page, stage, waiting, running)
            case .resume(let pause, let waiting): draw(&page, pause, waiting)
            case .limit(let limits, let change): draw(&page, limits, change)
            case .webhook(let scope): scope.explain(&page)
            }
            page += #"""
                <p class="row"><button class="btn primary">\#(label)</button> \#
                <a class="btn" href="\#(wayBack)">Cancel</a></p></form>
                """#
        }
    }

    private func draw(
        _ page: inout HTML, _ fate: OperatorAct.Fate, _ count: Int, _ first: [DeadJob], _ of: String
    ) {
        page += "<p>\(of) "
        page +=
            fate == .requeue
            ? "They run again from their first attempt, as soon as a worker takes them."
            : "They are given up: kept as cancelled for a while, then removed. This cannot be undone."
        page += #"</p><ul class="first">"#
        for job in first {
            page += #"""
                <li><code>\#(job.id.description)</code> \#(job.kind) <b>\#(DeadJobsPanel.name(job.errorClass))</b>\#
                <span class="sub mono">\#(job.errorMessage)</span></li>
                """#
        }
        page += "</ul>"
        guard count > first.count else { return }
        page += #"<p class="muted">… and \#(Figures.exact(Int64(count - first.count))) more.</p>"#
    }

    private func draw(_ page: inout HTML, _ stage: StageName, _ waiting: Int, _ running: Int) {
        page += #"""
            <p>No process takes jobs of \#(stage.title) any more until it is resumed: \#
            \#(Figures.exact(Int64(waiting))) wait. The \#(Figures.exact(Int64(running))) that run are finished.</p>\#
            <label class="field"><span>Reason, for everybody who asks why</span>\#
            <input type="text" name="reason" required maxlength="200"></label>\#
            <label class="field"><span>For how long</span><select name="for">\#
            <option value="">Until somebody resumes it</option><option value="15m">15 minutes</option>\#
            <option value="1h">1 hour</option><option value="6h">6 hours</option><option value="1d">1 day</option>\#
            </select></label>
            """#
    }

    private func draw(_ page: inout HTML, _ pause: Pause, _ waiting: Int) {
        page += #"""
            <p>\#(pause.pausedBy) paused it at \#(.time(pause.since, as: TimeText.moment(pause.since))): \#
            “\#(pause.reason)”. \#(Figures.exact(Int64(waiting))) jobs of its stage wait and are taken at once.</p>
            """#
    }

    private func draw(_ page: inout HTML, _ limits: TargetLimits, _ change: LimitChange) {
        page += #"<p>At once, and in every process:</p><dl class="facts change">"#
        for field in LimitField.allCases {
            guard let text = change.texts[field] else { continue }
            page += #"""
                <div><dt>\#(field.title)</dt><dd>\#(LimitsPanel.value(limits.text(field), field)) \#
                <span aria-hidden="true">→</span><span class="vh">becomes</span> \#
                <b>\#(LimitsPanel.value(text, field))</b></dd></div>
                """#
        }
        page += "</dl>"
    }
}
