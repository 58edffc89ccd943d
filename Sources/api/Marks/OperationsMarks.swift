import Model
import Store

extension HTML {
    /// A text that the stream of events keeps current.
    static func live(_ key: String, in values: LiveValues) -> HTML {
        #"<span data-live="\#(key)">\#(values[key])</span>"#
    }

    /// A text with a tone that follows it: the style sheet colours by `data-value`.
    static func liveBadge(_ key: String, in values: LiveValues) -> HTML {
        #"<span class="badge state" data-live="\#(key)" data-value="\#(values[key])">\#(values[key])</span>"#
    }

    /// Attributes of a mark that the stream of events keeps current.
    static func following(_ attributes: KeyValuePairs<StaticString, String>, in values: LiveValues) -> HTML {
        var html = HTML()
        for (name, key) in attributes {
            html += " "
            html.append(name)
            html += #"="\#(values[key])""#
        }
        html += #" data-mark=""#
        for (place, attribute) in attributes.enumerated() {
            if place > 0 { html += " " }
            html.append(attribute.key)
            html += "=\(attribute.value)"
        }
        html += #"""#
        return html
    }

    /// How full something is, as a bar.
    static func meter(_ key: String, in values: LiveValues) -> HTML {
        #"""
        <svg width="100%" height="6" role="img"\#
        \#(.following(["class": "\(key).class", "aria-label": "\(key).words"], in: values))>\#
        <rect height="6"\#(.following(["width": "\(key).width"], in: values))/></svg>
        """#
    }

    /// A bar for each step of time, on a scale of its own; a step without any is a gap.
    static func bars(_ key: String, steps: Int, in values: LiveValues) -> HTML {
        #"""
        <svg class="spark" viewBox="0 0 \#(steps * 3) 26" preserveAspectRatio="none" role="img"\#
        \#(.following(["aria-label": "\(key).words"], in: values))><path class="z" d="M0 25.5h\#(steps * 3)"/>\#
        <path class="b"\#(.following(["d": key], in: values))/></svg>
        """#
    }

    /// How much more or less than before.
    static func delta(_ key: String, in values: LiveValues) -> HTML {
        #"""
        <span\#(.following(["class": "\(key).class"], in: values))><svg viewBox="0 0 8 8" aria-hidden="true">\#
        <path\#(.following(["d": "\(key).d"], in: values))/></svg>\#
        <span class="vh" data-live="\#(key).word">\#(values["\(key).word"])</span>\#
        \#(.live("\(key).text", in: values))</span>
        """#
    }
}

/// How full something is.
struct Meter: Equatable, Sendable {
    /// In tenths of a percent.
    let share: Int
    private let isCalm: Bool

    /// - Parameter isCalm: grey where there is nothing to say.
    init(_ part: Int64, of whole: Int64, isCalm: Bool = false) {
        share = whole > 0 ? min(1_000, Int(Double(part) / Double(whole) * 1_000 + 0.5)) : 0
        self.isCalm = isCalm
    }

    var width: String { HTML("\(tenths: share)%").text }

    /// The class of its element: it warns before it is full.
    var style: String {
        "meter " + (share >= 1_000 ? "bad" : share >= 800 ? "warn" : isCalm ? "calm" : "fine")
    }
}

/// Bars of three units each, of which two are drawn, on a ground of 26.
struct BarShape: Equatable, Sendable {
    let path: String
    private let total: Int

    init(_ counts: [Int]) {
        total = counts.reduce(0, +)
        let most = counts.max() ?? 0
        var path = HTML(capacity: counts.count * 16)
        for (place, count) in counts.enumerated() where count > 0 {
            let height = max(10, count * 260 / most)
            path.append(.move, x: place * 30, y: 260)
            path += "v-\(tenths: height)h2v\(tenths: height)z"
        }
        self.path = path.text
    }

    func words(_ what: String, in window: FigureWindow) -> String {
        "\(what): \(Figures.exact(Int64(total))) in the last \(window.words)"
    }
}

/// A change whose direction and tone may turn under the reader.
struct LiveDelta: Equatable, Sendable {
    let style: String
    let path: String
    let word: String
    let text: String

    init(_ change: Int?, text: String, isGoodUp: Bool) {
        self.text = text
        guard let change, change != 0 else {
            (style, path, word) = ("delta none", "", "")
            return
        }
        let isUp = change > 0
        style = isUp == isGoodUp ? "delta good" : "delta bad"
        path = isUp ? "M4 1 7.6 7H.4Z" : "M4 7 .4 1h7.2Z"
        word = isUp ? "up " : "down "
    }
}
