import Jobs
import Model
import Store
import Testing

@testable import api

@Suite struct OperationsPageTests {
    private typealias Fixture = OperationsFixture

    @Test func barsAreOnePathOnAScaleOfTheirOwn() {
        #expect(BarShape([4, 0, 1]).path == "M0 26v-26h2v26zM6 26v-6.5h2v6.5z")
        #expect(BarShape([0, 0]).path.isEmpty)
        #expect(BarShape([1_204, 1]).words("Fetch", in: .week) == "Fetch: 1,205 in the last 7 days")
    }

    @Test(arguments: [
        (Int64(612), Int64(1_000), "meter fine", "61.2%"), (800, 1_000, "meter warn", "80%"),
        (1_500, 1_000, "meter bad", "100%"), (1, 0, "meter fine", "0%"),
    ])
    func aMeterWarnsBeforeItIsFull(part: Int64, whole: Int64, style: String, width: String) {
        let meter = Meter(part, of: whole)
        #expect(meter.style == style && meter.width == width)
    }

    @Test func marksSayWhichOfTheirAttributesFollowTheStream() {
        let values = LiveValues(Fixture.figures(Fixture.stage(.fetch) { $0.ready = 850 }))
        #expect(
            HTML.meter("fetch.depth", in: values).text
                == #"<svg width="100%" height="6" role="img" class="meter warn" aria-label="Backlog 850 of 1,000" "#
                + #"data-mark="class=fetch.depth.class aria-label=fetch.depth.words"><rect height="6" width="85%" "#
                + #"data-mark="width=fetch.depth.width"/></svg>"#)
    }

    @Test(
        arguments: [
            (1_204, false, "delta bad", "up "), (-3, false, "delta good", "down "), (5, true, "delta good", "up "),
            (0, true, "delta none", ""), (nil, false, "delta none", ""),
        ] as [(Int?, Bool, String, String)])
    func aChangeHasADirectionAndATone(change: Int?, isGoodUp: Bool, style: String, word: String) {
        let delta = LiveDelta(change, text: "x", isGoodUp: isGoodUp)
        #expect(delta.style == style && delta.word == word && delta.path.isEmpty == word.isEmpty)
    }

    @Test(arguments: FigureWindow.allCases)
    func thePageSaysWhichWindowItsFiguresAreOf(window: FigureWindow) {
        var figures = Fixture.figures()
        figures.window = window
        var view = Fixture.view(figures)
        view.address = OperationsAddress(query: [
            (name: "window", value: window.rawValue), (name: "error", value: "tls"),
        ])
        let page = Fixture.draw(view)
        #expect(page.contains("<b>last \(window.words)</b>") && page.contains("<dt>Retries, \(window.title)</dt>"))
        #expect(page.contains("aria-current=\"true\">\(window.title)</a>"))
        #expect(page.contains("No attempts in the last \(window.words)"))
        #expect(page.contains("<body data-events=\"\(view.address.events)\">"))
        for other in FigureWindow.allCases {
            let path = view.address.with(window: other).path.replacing("&", with: "&amp;")
            #expect(page.contains("<a href=\"\(path)\""), "the filter stays")
        }
        #expect(page.contains("viewBox=\"0 0 \(window.steps * 3) 26\""))
    }

    @Test func limitsStandWithTheirStageAndLeadToTheirForm() {
        var view = Fixture.view()
        view.limits = [
            TargetLimits(QueueLimit(target: "fetch", depth: 5_000_000, objective: .minutes(5))),
            TargetLimits(
                QueueLimit(target: "fetch-page", running: 4),
                pace: PaceLimit(key: "fetch-page", interval: 100_000, burst: 10)),
            TargetLimits(QueueLimit(target: "plan-refresh")),
        ]
        let page = Fixture.draw(view)
        #expect(page.contains("<td>5,000,000 may wait · oldest within 5m</td>"))
        #expect(page.contains("<td>4 at once · 10 / 1s may start</td>"))
        #expect(page.contains(#"<td><span class="muted">no limits</span></td>"#))
        #expect(page.contains(#"href="/ops/limit?target=fetch-page""#))
    }

    @Test func thePageHoldsTheTextsThatTheStreamSends() {
        let figures = Fixture.figures(
            Fixture.stage(.fetch) { ($0.ready, $0.dead, $0.oldestReadyAge) = (42, 2, .minutes(9)) })
        let page = Fixture.draw(Fixture.view(figures))
        let values = LiveValues(figures)
        for (key, text) in values.texts {
            let mark = "data-live=\"\(key)\""
            let shown = HTML(escaped: text).text
            if page.contains("=\(key) ") || page.contains("=\(key)\"") && !page.contains(mark) {
                #expect(page.contains("=\"\(shown)\""), "\(key)")
                continue
            }
            guard page.contains(mark) else {
                #expect(key.hasSuffix(".note") == false, "\(key) is sent and shown nowhere")
                continue
            }
            #expect(page.contains("\(mark)>\(shown)<") || page.contains("\(mark) data-value=\"\(shown)\">\(shown)<"))
        }
        for key in ["total.backlog", "fetch.state", "notify.oldest", "normalize.alert", "dead.why", "total.log"] {
            #expect(page.contains("data-live=\"\(key)\""), "\(key)")
        }
        #expect(page.contains("<body data-events=\"/ops/events\">"))
        #expect(page.contains("aria-current=\"page\">Operations"))
    }

    @Test func stagesStandInTheOrderOfTheFlowWithTheirActs() {
        let page = Fixture.draw(
            Fixture.view(
                Fixture.figures(
                    Fixture.stage(.score) { $0.pauses = [Fixture.pause("score"), Fixture.pause("publish-feed")] })))
        let places = StageName.allCases.compactMap { page.firstRange(of: "<b>\($0.title)</b>")?.lowerBound }
        #expect(places.count == 4 && places == places.sorted())
        #expect(page.occurrences(of: #"name="act" value="pause""#) == 3)
        #expect(page.contains(#"aria-label="Resume Score…""#) && page.contains(#"aria-label="Resume publish-feed…""#))
        #expect(!page.contains(#"aria-label="Pause Score…""#))
    }

    private func deadView(_ jobs: [DeadJob], total: Int? = nil, query: [(String, String)] = []) -> OperationsView {
        var view = Fixture.view()
        let groups = Dictionary(grouping: jobs, by: \.errorClass).mapValues(\.count)
        view.dead.counts = groups.map { DeadJobCount(errorClass: $0.key, stage: "notify", jobs: $0.value) }
        if let total { view.dead.counts = [DeadJobCount(errorClass: "tls", stage: "notify", jobs: total)] }
        view.address = OperationsAddress(query: query.map { (name: $0.0, value: $0.1) })
        view.dead.page = PageIndex(requested: view.address.page, total: total ?? jobs.count)
        view.dead.jobs = jobs
        return view
    }

    @Test func deadJobsAreGroupedByErrorAndTheirTextsAreEscaped() {
        let page = Fixture.draw(
            deadView([
                Fixture.dead(1, "<script>", message: "a & \"b\""), Fixture.dead(2), Fixture.dead(3),
            ]))
        #expect(page.occurrences(of: "<tr class=\"group\">") == 2)
        #expect(page.contains("&lt;script&gt;") && page.contains("a &amp; &quot;b&quot;"))
        #expect(page.occurrences(of: "<script") == 1, "the page's own")
        #expect(page.contains("Requeue all 3…") && page.contains("Discard all 3…"))
        #expect(page.contains(#"<span class="badge bad count"><span data-live="total.dead">3</span>"#))
    }

    @Test func deadJobsComeInPagesThatKeepTheFilter() {
        let jobs = (26...50).map { Fixture.dead(Int64($0)) }
        let page = Fixture.draw(
            deadView(jobs, total: 60, query: [("stage", "notify"), ("error", "tls"), ("page", "2")]))
        #expect(page.occurrences(of: "<tr data-row>") == 25)
        #expect(page.contains("26–50 of 60") && page.contains("Page 2 of 3"))
        #expect(page.contains(#"rel="next" href="/ops?stage=notify&amp;error=tls&amp;page=3#dead""#))
        #expect(page.contains(#"<input type="hidden" name="stage" value="notify">"#))
        #expect(page.contains(#"<input type="hidden" name="error" value="tls">"#))
    }

    @Test func whatIsEmptySaysWhatWillAppear() {
        var view = Fixture.view()
        let page = Fixture.draw(view)
        for command in ["helicarrier queue jobs", "helicarrier token create", "helicarrier doctor --upstream"] {
            #expect(page.contains(command), "\(command)")
        }
        #expect(!page.contains("Requeue all"))
        view.hasUpstream = false
        #expect(Fixture.draw(view).contains("The upstream is off"))
        let filtered = Fixture.draw(deadView([], total: 5, query: [("error", "tls"), ("stage", "fetch")]))
        #expect(filtered.contains("Without the stage Fetch there are 5."))
    }

    @Test(arguments: [
        ("https://user:pw@hooks.example.net:8443/in/secret?key=1", "hooks.example.net:8443"),
        ("http://127.0.0.1:9/x", "127.0.0.1:9"), ("https://a.example?key=1", "a.example"), ("nonsense", ""),
    ])
    func ofAnEndpointOnlyTheHostIsShown(url: String, host: String) {
        #expect(DeliveriesPanel.host(of: url) == host)
        var view = Fixture.view()
        view.deliveries.newest = [
            RecentDelivery(
                eventType: "model.created", url: url, state: .pending, attempts: 4, createdAt: Fixture.now,
                nextAttemptAt: Fixture.now + .seconds(40), errorClass: "timeout")
        ]
        let page = Fixture.draw(view)
        #expect(!page.contains("secret") && !page.contains("key=1") && !page.contains("pw@"))
        #expect(page.contains(#"<span class="badge bad">timeout</span>"#) && page.contains("40.0 s"))
    }

    @Test func theAddressKeepsWhatIsKnownAndDropsTheRest() {
        let address = OperationsAddress(query: [
            (name: "stage", value: "score"), (name: "error", value: "a&b"), (name: "page", value: "0"),
            (name: "colour", value: "red"),
        ])
        #expect(address.path == "/ops?stage=score&error=a%26b")
        #expect(OperationsAddress(query: [(name: "stage", value: "parse")]).path == "/ops")
        let week = OperationsAddress(query: [(name: "window", value: "7d"), (name: "page", value: "2")])
        #expect(week.path == "/ops?window=7d&page=2" && week.events == "/ops/events?window=7d")
        let unknown = OperationsAddress(query: [(name: "window", value: "1y")])
        #expect(unknown.path == "/ops" && unknown.events == "/ops/events")
    }
}

extension HTML {
    init(escaped text: String) {
        self.init()
        append(escaping: text)
    }
}
