import Model
import Testing

@testable import api

@Suite struct MarkTests {
    let baselines = DeltaBaselines(
        current: .observed("2026-05-04T08:43:19.965Z"), downloads24h: .observed("2026-05-03T08:16:56Z"),
        downloads7d: .observed("2026-04-27T08:01:00Z"))
    let up = #"<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M4 1 7.6 7H.4Z"/></svg>"#
    let down = #"<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M4 7 .4 1h7.2Z"/></svg>"#

    @Test(arguments: [
        ("a&b", "a&amp;b"), ("<script>", "&lt;script&gt;"), (#"" onload=""#, "&quot; onload=&quot;"),
        ("it's", "it&#39;s"), ("&lt;", "&amp;lt;"), ("a\u{0}b\u{1B}c\u{7F}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
        ("tab\tline\n", "tab\tline\n"), ("\u{202E}evil", "\u{202E}evil"), ("🦙 模型", "🦙 模型"), ("", ""),
    ])
    func interpolatedTextIsEscaped(text: String, expected: String) {
        let html: HTML = #"<p title="\#(text)">\#(text)</p>"#
        #expect(html.text == #"<p title="\#(expected)">\#(expected)</p>"#)
    }

    @Test(arguments: [
        (0, "0"), (5, "0.5"), (10, "1"), (215, "21.5"), (1_010, "101"), (1_009, "100.9"),
    ])
    func tenthsDropATrailingZero(tenths: Int, expected: String) {
        let html: HTML = "\(tenths: tenths)"
        #expect(html.text == expected)
    }

    @Test(arguments: [(Int.min, "\(Int.min)"), (-12, "-12"), (0, "0"), (907, "907"), (Int.max, "\(Int.max)")])
    func numbersAreWrittenInFull(number: Int, expected: String) {
        let html: HTML = "\(number)"
        #expect(html.text == expected)
    }

    @Test func aRiseIsGreenAndSaysItsRefreshes() {
        let words = "up 12,412 downloads between the refreshes of 3 May and 4 May 2026"
        let mark = HTML.delta(.change(12_412), downloads: 688_000, span: DeltaSpan(.day, of: baselines))
        #expect(
            mark.text == #"<span class="delta good" title="\#(words)">\#(up)<span aria-hidden="true">12.4K</span>"#
                + #"<span class="vh">\#(words)</span></span>"#)
    }

    @Test func aFallIsRedAndHasNoSign() {
        let words = "down 8,334 downloads between the refreshes of 27 April and 4 May 2026"
        let mark = HTML.delta(.change(-8_334), downloads: 688_000, span: DeltaSpan(.week, of: baselines))
        #expect(
            mark.text == #"<span class="delta bad" title="\#(words)">\#(down)<span aria-hidden="true">8,334</span>"#
                + #"<span class="vh">\#(words)</span></span>"#)
    }

    @Test func noChangeIsAQuietZero() {
        let words = "unchanged between the refreshes of 3 May and 4 May 2026"
        let mark = HTML.delta(.change(0), downloads: 10, span: DeltaSpan(.day, of: baselines))
        #expect(
            mark.text == #"<span class="delta none" title="\#(words)">0<span class="vh"> \#(words)</span></span>"#)
    }

    @Test(arguments: [
        (MissingReason.noBaseline, "Known earlier, but absent from the refresh of 3 May 2026"),
        (.suspectEpoch, "Withheld: one of the two refreshes was partial, missed or doubled"),
        (.epochPending, "No refresh of the download counters has been seen yet"),
        (.missedRefresh, "No refresh 24 hours before the newest is kept"),
    ])
    func anUnknownChangeIsADashWithItsReason(reason: MissingReason, words: String) {
        let mark = HTML.delta(.missing(reason), downloads: 10, span: DeltaSpan(.day, of: baselines))
        #expect(
            mark.text == #"<span class="delta none" title="\#(words)"><span aria-hidden="true">—</span>"#
                + #"<span class="vh">\#(words)</span></span>"#)
    }

    @Test func aNewModelIsTaggedInsteadOfCounted() {
        let mark = HTML.delta(.missing(.newModel), downloads: 10, span: DeltaSpan(.week, of: baselines))
        #expect(mark.text == #"<span class="tag new" title="First seen after the refresh of 27 April 2026">New</span>"#)
    }

    @Test func withoutNamedBaselinesTheWindowIsSaid() {
        let span = DeltaSpan(.week, of: DeltaBaselines())
        #expect(HTML.delta(.change(3), downloads: 9, span: span).text.contains("up 3 downloads over 7 days"))
        #expect(span.explanation(of: .newModel) == "First seen after the baseline")
    }

    @Test(arguments: [
        (DeltaWindow.day, 1_000, 11_000, true), (.day, 999, 1_999, false), (.day, 1_000, 11_001, false),
        (.day, -1_000, 9_000, true), (.week, 1_000, 11_000, false), (.week, 2_000, 10_000, true),
        (.day, 5_000, 5_000, true), (.day, 5_000, 2_000, true), (.day, Int64.min, 0, true),
    ])
    func groundIsTintedFromAShareOfTheBaseline(
        window: DeltaWindow, change: Int64, now: Int64, expected: Bool
    ) {
        #expect(window.isNotable(change, now: now) == expected)
        #expect(!window.isNotable(change, now: nil))
        let mark = HTML.delta(.change(change), downloads: now, span: DeltaSpan(window, of: baselines))
        #expect(mark.text.contains(" big\"") == expected)
    }

    @Test(arguments: [
        (DeltaWindow.day, Int32(24), "delta good big", "up 2.4 points since the refresh of 3 May 2026"),
        (.day, -9, "delta bad", "down 0.9 points since the refresh of 3 May 2026"),
        (.week, 19, "delta good", "up 1.9 points since the refresh of 27 April 2026"),
        (.week, -20, "delta bad big", "down 2.0 points since the refresh of 27 April 2026"),
        (.day, 0, "delta none", "unchanged since the refresh of 3 May 2026"),
    ])
    func aScoreMovesInPoints(window: DeltaWindow, change: Int32, style: String, words: String) {
        let mark = HTML.scoreChange(change, span: DeltaSpan(window, of: baselines)).text
        #expect(mark.hasPrefix("<span class=\"\(style)\" title=\"\(words)\">"), "\(mark)")
    }

    @Test func rankChangesAreSmallAndOnlyWhereTheRankMoved() {
        #expect(
            HTML.rankChange(.change(4)).text == #"<small class="delta good"><span class="vh"> up </span>\#(up)4"#
                + #"<span class="vh"> places</span></small>"#)
        #expect(
            HTML.rankChange(.change(-1)).text == #"<small class="delta bad"><span class="vh"> down </span>\#(down)1"#
                + #"<span class="vh"> place</span></small>"#)
        #expect(HTML.rankChange(.change(0)) == HTML())
        #expect(HTML.rankChange(.missing(.newModel)) == HTML())
    }

    @Test(arguments: [(847, "84.7", "84.7"), (1_000, "100", "100.0"), (0, "0", "0.0"), (1_200, "100", "120.0")])
    func scoreBarsShowShareAndFigure(tenths: Int32, width: String, figure: String) {
        #expect(
            HTML.scoreBar(Tenths(tenths)).text
                == #"<span class="score"><svg width="56" height="6" aria-hidden="true">"#
                + #"<rect class="track" width="100%" height="6"/><rect class="fill" width="\#(width)%" height="6"/>"#
                + "</svg><b>\(figure)</b></span>")
    }

    @Test func figuresKeepTheExactValueInTheTitle() {
        #expect(HTML.figure(4_749).text == "4,749")
        #expect(HTML.figure(236_334_438).text == #"<span title="236,334,438">236M</span>"#)
        #expect(HTML.figure(0).text == "0")
        #expect(HTML.figure(nil).text.contains("Not reported"))
    }

    @Test(arguments: [
        ("deepseek-ai", "De"), ("01-ai", "01"), ("", "·"), ("<>", "·"), ("🦙", "·"), ("x", "X"), ("éclair", "Éc"),
        ("BAAI", "Ba"), ("模型社", "模型"),
    ])
    func monogramsAreTwoLetters(provider: String, expected: String) {
        #expect(ListingWords.monogram(provider) == expected)
    }

    @Test(arguments: [
        (
            License(id: "apache-2.0", name: "Apache-2.0", kind: .permissive),
            #"<span title="apache-2.0">Apache-2.0</span>"#
        ),
        (
            License(id: "llama3.1", name: "Llama 3.1", kind: .custom),
            #"<span class="soft" title="llama3.1">Llama 3.1</span>"#
        ),
        (License(id: "other", name: "my own"), #"<span class="soft" title="other">my own</span>"#),
        (License(id: "<b>"), #"<span class="soft" title="&lt;b&gt;">&lt;b&gt;</span>"#),
    ])
    func licencesHaveTheirDerivedNames(license: License, expected: String) {
        #expect(HTML.licence(license).text == expected)
        #expect(HTML.licence(nil).text.contains("No licence stated"))
    }
}

extension SnapshotReference {
    /// A snapshot of the feed `hub`; an unreadable moment means 1970.
    static func observed(_ moment: String) -> SnapshotReference {
        let at = Timestamp(rfc3339: moment) ?? Timestamp(milliseconds: 0)
        return SnapshotReference(id: Snapshot.id(feed: "hub", observedAt: at), observedAt: at)
    }
}
