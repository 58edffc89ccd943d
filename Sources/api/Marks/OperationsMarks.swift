import Model

extension HTML {
    /// A text that the stream of events keeps current.
    static func live(_ key: String, in values: LiveValues) -> HTML {
        #"<span data-live="\#(key)">\#(values[key])</span>"#
    }

    /// A text with a tone that follows it: the style sheet colours by `data-value`.
    static func liveBadge(_ key: String, in values: LiveValues) -> HTML {
        #"<span class="badge state" data-live="\#(key)" data-value="\#(values[key])">\#(values[key])</span>"#
    }

    /// How full something is, as a bar.
    static func meter(_ part: Int64, of whole: Int64, calm: Bool = false, label: String) -> HTML {
        let share = whole > 0 ? min(1_000, Int(Double(part) / Double(whole) * 1_000 + 0.5)) : 0
        let tone: HTML = share >= 1_000 ? "bad" : share >= 800 ? "warn" : calm ? "calm" : "fine"
        return #"""
            <svg class="meter \#(tone)" width="100%" height="6" role="img" aria-label="\#(label)">\#
            <rect width="\#(tenths: share)%" height="6"/></svg>
            """#
    }

    /// One bar a minute, on a scale of its own; a minute without any is a gap.
    static func bars(_ counts: [Int], label: String) -> HTML {
        let most = counts.max() ?? 0
        guard most > 0 else { return #"<span class="muted" title="\#(label)">—</span>"# }
        var path = HTML(capacity: counts.count * 16)
        for (place, count) in counts.enumerated() where count > 0 {
            let height = max(10, count * 260 / most)
            path.append(.move, x: place * 30, y: 260)
            path += "v-\(tenths: height)h2v\(tenths: height)z"
        }
        let words = "\(label): \(Figures.exact(Int64(counts.reduce(0, +)))) in \(counts.count) minutes"
        return #"""
            <svg class="spark" viewBox="0 0 120 26" preserveAspectRatio="none" role="img" aria-label="\#(words)">\#
            <path class="b" d="\#(path)"/></svg>
            """#
    }

    /// More or less than before, in percent; `badWhen` says which direction is no good news.
    static func percentChange(from before: Int, to now: Int, span: String) -> HTML {
        guard before > 0 else { return "none to compare with" }
        let percent = (Double(now) / Double(before) - 1) * 100
        guard abs(percent) >= 0.5 else { return #"<span class="delta none">0%</span> \#(span)"# }
        let tone: HTML = percent > 0 ? "good" : "bad"
        let word: HTML = percent > 0 ? "up " : "down "
        let points: HTML = percent > 0 ? "M4 1 7.6 7H.4Z" : "M4 7 .4 1h7.2Z"
        return #"""
            <span class="delta \#(tone)"><svg viewBox="0 0 8 8" aria-hidden="true"><path d="\#(points)"/></svg>\#
            <span class="vh">\#(word)</span>\#(Figures.short(Int64(abs(percent).rounded())))%</span> \#(span)
            """#
    }
}
