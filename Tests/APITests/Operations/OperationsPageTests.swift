import Model
import Store
import Testing

@testable import api

@Suite struct OperationsPageTests {
    private typealias Fixture = OperationsFixture

    @Test func barsAreOnePathOnAScaleOfTheirOwn() {
        #expect(
            HTML.bars([4, 0, 1], label: "Fetch").text
                == #"<svg class="spark" viewBox="0 0 120 26" preserveAspectRatio="none" role="img" "#
                + #"aria-label="Fetch: 5 in 3 minutes"><path class="b" d="M0 26v-26h2v26zM6 26v-6.5h2v6.5z"/></svg>"#)
        #expect(HTML.bars([0, 0], label: "Fetch").text == #"<span class="muted" title="Fetch">—</span>"#)
    }

    @Test(arguments: [
        (Int64(612), Int64(1_000), "fine", "61.2"), (800, 1_000, "warn", "80"), (1_500, 1_000, "bad", "100"),
        (1, 0, "fine", "0"),
    ])
    func aMeterWarnsBeforeItIsFull(part: Int64, whole: Int64, tone: String, width: String) {
        #expect(
            HTML.meter(part, of: whole, label: "a<b").text
                == #"<svg class="meter \#(tone)" width="100%" height="6" role="img" aria-label="a&lt;b">"#
                + #"<rect width="\#(width)%" height="6"/></svg>"#)
    }

    @Test(arguments: [
        (100, 78, "bad", "down 22%"), (100, 130, "good", "up 30%"), (100, 100, "none", "0%"),
    ])
    func throughputIsComparedWithTheHourBefore(before: Int, now: Int, tone: String, words: String) {
        let mark = HTML.percentChange(from: before, to: now, span: "to the hour before").text
        #expect(mark.contains("delta \(tone)") && mark.hasSuffix("</span> to the hour before"))
        let plain = mark.replacing("<span class=\"vh\">", with: "").replacing("</span>", with: "")
        #expect(plain.contains(words))
        #expect(HTML.percentChange(from: 0, to: 5, span: "x").text == "none to compare with")
    }

    @Test func thePageHoldsTheTextsThatTheStreamSends() {
        let figures = Fixture.figures(
            Fixture.stage(.fetch) { ($0.ready, $0.dead, $0.oldestReadyAge) = (42, 2, .minutes(9)) })
        let page = Fixture.draw(Fixture.view(figures))
        let values = LiveValues(figures)
        for (key, text) in values.texts {
            let mark = "data-live=\"\(key)\""
            guard page.contains(mark) else {
                #expect(key.hasSuffix(".note") == false, "\(key) is sent and shown nowhere")
                continue
            }
            let shown = HTML(escaped: text).text
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
    }
}

extension HTML {
    init(escaped text: String) {
        self.init()
        append(escaping: text)
    }
}
