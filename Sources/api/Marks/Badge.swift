/// A small picture with one figure of a model, for pages elsewhere: a label, the figure, and how it changed in a day.
struct Badge: Sendable {
    /// Which figure it shows.
    enum Metric: String, CaseIterable, Sendable {
        case score
        case downloads
    }

    /// Up is good, as for every counter that a badge can show.
    enum Direction: Equatable, Sendable {
        case up
        case down
        case level
    }

    private static let height = 20
    private static let padding = 6

    let label: String
    let value: String
    /// What changed, as `2.4`; `nil` where that is not known.
    let change: (text: String, direction: Direction)?
    /// All of it in words.
    let title: String

    func render() -> [UInt8] {
        let figure = value + (change.map { " " + Self.mark($0.direction) + $0.text } ?? "")
        let (left, right) = (Self.width(label) + 2 * Self.padding, Self.width(figure) + 2 * Self.padding)
        var svg = HTML(capacity: 1_024)
        svg += #"""
            <svg xmlns="http://www.w3.org/2000/svg" width="\#(left + right)" height="\#(Self.height)" role="img" \#
            aria-label="\#(title)"><title>\#(title)</title>\#
            <rect width="\#(left + right)" height="\#(Self.height)" rx="4" fill="#4c525e"/>\#
            <rect x="\#(left)" width="\#(right)" height="\#(Self.height)" rx="4" fill="\#(ground)"/>\#
            <rect x="\#(left)" width="4" height="\#(Self.height)" fill="\#(ground)"/>\#
            <g fill="#fff" font-family="system-ui,Verdana,sans-serif" font-size="11" aria-hidden="true">
            """#
        Self.write(label, at: Self.padding, to: &svg)
        Self.write(figure, at: left + Self.padding, to: &svg)
        svg += "</g></svg>\n"
        return svg.bytes
    }

    /// White on each of these has a contrast of at least 4.5.
    private var ground: String {
        switch change?.direction {
        case .up: "#0b6f47"
        case .down: "#b3321a"
        case .level, nil: "#2a55d6"
        }
    }

    /// The text takes the width that was reserved for it, whatever font the reader has.
    private static func write(_ text: String, at x: Int, to svg: inout HTML) {
        svg += #"""
            <text x="\#(x)" y="14" textLength="\#(width(text))" lengthAdjust="spacingAndGlyphs">\#(text)</text>
            """#
    }

    private static func mark(_ direction: Direction) -> String {
        switch direction {
        case .up: "▲"
        case .down: "▼"
        case .level: "±"
        }
    }

    /// About the width of a text in a sans-serif font of 11 px: narrow, usual and wide letters.
    static func width(_ text: String) -> Int {
        let tenths = text.unicodeScalars.reduce(0) { sum, letter in
            switch letter {
            case "i", "j", "l", "t", "f", "r", ".", ",", ":", "'", "I", " ", "/": sum + 38
            case "m", "w", "M", "W", "▲", "▼", "%": sum + 100
            default: sum + (letter.isASCII ? 67 : 100)
            }
        }
        return (tenths + 9) / 10
    }
}
