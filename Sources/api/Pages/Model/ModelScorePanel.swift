import Deployment
import Model

/// What a model's score is made of: each component, its weight, and what it adds.
enum ModelScorePanel {
    private struct Part {
        let name: HTML
        let series: HTML
        let score: Tenths?
        let weight: Int
        let counter: String
        let cap: Double
    }

    static func draw(_ page: inout HTML, _ view: ModelPageView) {
        let (scores, weights, caps) = (view.standing.scores, view.profile.weights, view.caps)
        let parts = [
            Part(
                name: "Adoption", series: "s1", score: scores.adoption, weight: weights.adoption,
                counter: "downloads, 30 d", cap: caps.downloads),
            Part(
                name: "Ecosystem", series: "s2", score: scores.ecosystem, weight: weights.ecosystem, counter: "likes",
                cap: caps.likes),
            Part(
                name: "Velocity", series: "s3", score: scores.velocity, weight: weights.velocity,
                counter: "trending score", cap: caps.trendingScore),
        ]
        // The weight of an unknown component is shared out among the others.
        let known = parts.reduce(0) { $0 + ($1.score == nil ? 0 : $1.weight) }
        let total: HTML = .score(scores.total)
        page += #"""
            <section class="panel" aria-labelledby="why-title"><header class="bar"><h2 id="why-title">Why \#
            \#(total)</h2>\#
            <span class="grow"></span><span class="soft">\#(view.profile.words)</span></header><dl class="parts">
            """#
        for part in parts { draw(&page, part, known: known) }
        page += #"""
            </dl><p class="after">Each part is the logarithm of its counter against a fixed cap, from 0 to 100; the \#
            score \#
            is their weighted sum.
            """#
        if parts.contains(where: { $0.score == nil }), known > 0 {
            page += " The weight of what is not reported is shared out among the others."
        }
        page += "</p></section>\n"
    }

    private static func draw(_ page: inout HTML, _ part: Part, known: Int) {
        guard let score = part.score, known > 0 else {
            page += #"""
                <div><dt>\#(part.name)</dt>\#
                <dd class="muted" title="No \#(part.counter) reported; the others share its weight">not reported</dd>\#
                </div>
                """#
            return
        }
        let cap = Figures.short(Int64(part.cap))
        // The weight that applied: it is what the point added comes from, and what the API calls appliedWeight.
        let share = Double(part.weight) / Double(known)
        let added = Int32((score.value * share * 10).rounded())
        let weight = LeaderboardChips.percent(Int((share * 1_000).rounded()))
        page += #"""
            <div><dt>\#(part.name) <span class="muted">\#(weight)</span></dt>\#
            <dd title="From \#(part.counter); 100 is \#(cap)"><b>\#(Figures.oneDecimal(tenths: score.count))</b> \#
            <span class="muted">+\#(Figures.oneDecimal(tenths: added))</span></dd>\#
            <dd class="bar"><svg width="100%" height="6" aria-hidden="true">\#
            <rect class="track" width="100%" height="6" rx="3"/>\#
            <rect class="\#(part.series)" width="\#(tenths: Int(score.count))%" height="6" rx="3"/></svg></dd></div>
            """#
    }
}
