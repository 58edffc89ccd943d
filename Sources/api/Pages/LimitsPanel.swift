import Jobs
import Model

/// What every stage and kind may take, with the way to change it.
enum LimitsPanel {
    static func draw(_ page: inout HTML, _ view: OperationsView) {
        page += #"""
            <section class="panel" id="limits" aria-labelledby="limits-title"><header>\#
            <h2 id="limits-title">Limits</h2><span class="end muted">Over all processes</span></header>\#
            <div class="scroll"><table class="limits"><thead><tr><th scope="col">Stage or kind</th>\#
            <th scope="col">What it may take</th><th scope="col"><span class="vh">Act</span></th></tr></thead><tbody>

            """#
        for limits in view.limits { row(&page, limits) }
        page += "</tbody></table></div></section>\n"
    }

    private static func row(_ page: inout HTML, _ limits: TargetLimits) {
        let isStage = StageName(rawValue: limits.target) != nil
        page += isStage ? #"<tr class="stage"><th scope="row"><b>"# : #"<tr class="kind"><th scope="row"><span>"#
        page += "\(name(limits.target))"
        page += isStage ? "</b></th><td>" : "</span></th><td>"
        let words = LimitField.allCases.compactMap { field in limits.text(field).map { field.sentence($0) } }
        page += words.isEmpty ? #"<span class="muted">no limits</span>"# : "\(words.joined(separator: " · "))"
        page += #"""
            </td><td class="act"><a class="btn small" href="/ops/limit?target=\#(limits.target)" \#
            aria-label="Change the limits of \#(name(limits.target))">Change</a></td></tr>

            """#
    }

    static func name(_ target: String) -> String { StageName(rawValue: target)?.title ?? target }

    /// A limit in words; what is not limited is grey.
    static func value(_ text: String?, _ field: LimitField) -> HTML {
        guard let text, text != "off" else {
            return field == .objective ? #"<span class="muted">none</span>"# : #"<span class="muted">no limit</span>"#
        }
        switch field {
        case .depth, .running: return "\(Figures.exact(Int64(text) ?? 0))"
        case .objective: return "\(text)"
        case .rate: return "\(text.replacing("/", with: " / "))"
        }
    }
}

extension LimitField {
    /// What the page calls it.
    var title: String {
        switch self {
        case .depth: "Jobs that may wait"
        case .objective: "Objective for the oldest job"
        case .running: "Jobs at once"
        case .rate: "Pace"
        }
    }

    /// A limit as part of a line: "5,000,000 may wait".
    fileprivate func sentence(_ text: String) -> String {
        switch self {
        case .depth: "\(Figures.exact(Int64(text) ?? 0)) may wait"
        case .objective: "oldest within \(text)"
        case .running: "\(Figures.exact(Int64(text) ?? 0)) at once"
        case .rate: "\(text.replacing("/", with: " / ")) may start"
        }
    }

    /// What it means, and how it is written.
    fileprivate var hint: String {
        switch self {
        case .depth: "More are refused, and their producers try again. A whole number; empty: no limit."
        case .objective: "A stage is behind when its oldest job has waited longer. Such as 90s, 5m or 1h; empty: none."
        case .running: "Over all processes. A whole number; empty: no limit."
        case .rate: "How many may start in a time, such as 10/1s or 300/5m; empty: no limit."
        }
    }
}

/// The page at which an operator says what a stage or kind may take; what follows is the question whether to do it.
struct LimitPage: Sendable {
    let limits: TargetLimits
    /// What was given for a field, and was no limit.
    var fault: LimitChange.Fault?
    var given: [LimitField: String] = [:]

    func render(_ frame: OperatorFrame) -> [UInt8] {
        frame.render { page in
            page += #"""
                <p>A change holds at once in every process, after one more question.</p>\#
                <form method="post" action="/ops/confirm"><input type="hidden" name="act" value="limit">\#
                <input type="hidden" name="target" value="\#(limits.target)">
                """#
            for field in LimitField.fields(of: limits.target) { draw(&page, field) }
            page += #"""
                <p class="row"><button class="btn primary">Change…</button> \#
                <a class="btn" href="/ops#limits">Cancel</a></p></form>
                """#
        }
    }

    private func draw(_ page: inout HTML, _ field: LimitField) {
        let isWrong = fault?.field == field
        let name = field.rawValue
        page += #"""
            <label class="field"><span>\#(field.title)</span><input type="text" name="\#(name)" maxlength="40" \#
            value="\#(given[field] ?? limits.text(field) ?? "")" autocomplete="off" spellcheck="false" \#
            aria-describedby="\#(name)-hint\#(isWrong ? " fault" : "")"
            """#
        if isWrong { page += #" aria-invalid="true""# }
        page += #"></label><p class="hint muted" id="\#(name)-hint">\#(field.hint)</p>"#
        if isWrong { page += #"<p class="wrong" id="fault" role="alert">This expects \#(field.expectation).</p>"# }
    }
}
