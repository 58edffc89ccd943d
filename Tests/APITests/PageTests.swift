import Model
import Testing

@testable import api

@Suite struct PageTests {
    @Test func theFirstPageShowsTwentyFiveRowsAndLeadsOn() {
        let page = PageFixture().page()
        #expect(page.occurrences(of: "<tr data-row>") == 25)
        #expect(page.contains(#"<a class="btn small" id="page-next" rel="next" href="/?page=2" data-nav>"#))
        #expect(!page.contains(#"rel="prev""#))
        #expect(page.contains("1–25 of 60"))
        #expect(page.contains("Page 1 of 3"))
    }

    @Test func theLastPageShowsTheRestAndLeadsBack() {
        let page = PageFixture().page([("page", "9"), ("density", "compact")])
        #expect(page.occurrences(of: "<tr data-row>") == 10)
        #expect(page.contains(#"rel="prev" href="/?density=compact&amp;page=2""#))
        #expect(!page.contains(#"rel="next""#))
        #expect(page.contains("51–60 of 60"))
        #expect(page.contains("<title>Model leaderboard, page 3 · Helicarrier</title>"))
        #expect(page.contains(#"data-density="compact""#))
    }

    @Test func onePageNeedsNoSteps() {
        var fixture = PageFixture()
        fixture.total = 1
        let page = fixture.page()
        #expect(page.contains("1–1 of 1"))
        #expect(page.contains(">1 model<"))
        #expect(!page.contains("rel=\"next\"") && !page.contains("Previous"))
    }

    @Test func aRowNamesTheModelAndItsFigures() {
        let page = PageFixture().page()
        let figures = [
            #"<th scope="row"><div class="model"><span class="mg" aria-hidden="true">Ow</span>"#,
            #"<a class="name" href="https://hub.example/owner-1/model-1" data-open><bdi>model-1</bdi></a>"#,
            #"<bdi>owner-1</bdi> · 8.03B<span class="kind"> · <bdi>text-generation</bdi></span>"#,
            #"<span title="2,000,000">2.00M</span>"#, "<b>89.9</b>", "3,492",
            #"aria-label="6-day downloads, 1 to 3""#, "Apache-2.0",
        ]
        for figure in figures { #expect(page.contains(figure), "\(figure)") }
    }

    @Test func withTheFlagOffThereAreNoChangesAndNoPages() {
        var fixture = PageFixture()
        fixture.v4UI = false
        let page = fixture.page([("page", "2")])
        #expect(page.occurrences(of: "<tr data-row>") == 60)
        for absent in ["delta", "class=\"strip", "24 h", "7 d", "pager", "rel=\"next\"", "name=\"q\"", "id=\"compare"] {
            #expect(!page.contains(absent), "\(absent)")
        }
    }

    @Test func namesOfOthersStayText() {
        let hostile = [
            "a/<script>alert(1)</script>", #"b/" onmouseover="x"#, "c/'><img src=x>", "d/\u{202E}txt.exe",
            "e/" + String(repeating: "long", count: 50), "f/🦙🦙", "g/nul\u{0}byte", "h/&amp;", "",
        ]
        var view = PageFixture().view()
        view.rows = hostile.enumerated().map { index, id in
            var row = PageFixture.row(index + 1, id: id)
            row.standing.listing.library = "<b>\(id)"
            row.standing.listing.pipeline = nil
            row.standing.listing.license = License(id: "\"><script>")
            row.link = "https://hub.example/\(id)"
            return row
        }
        let page = PageFixture.draw(view)
        #expect(page.occurrences(of: "<script") == 1, "only the page's own")
        #expect(page.occurrences(of: "<img") == 0)
        #expect(page.occurrences(of: "<b>&lt;") == 0)
        #expect(!page.contains(#"" onmouseover="#))
        #expect(!page.utf8.contains(0))
        #expect(page.contains("<bdi>\u{202E}txt.exe</bdi>"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.occurrences(of: "<tr data-row>") == hostile.count)
    }

    @Test(arguments: ["javascript:alert(1)", "//evil.example", "http://x", "data:text/html,x", "", " https://x"])
    func onlySafeAddressesAreLinked(link: String) {
        let name = HTML.modelName(ModelID("a/b"), link: link).text
        #expect(name == #"<span class="name"><bdi>b</bdi></span>"#)
    }

    @Test func theFeedIsChosenOnlyWhereThereAreSeveral() {
        #expect(!PageFixture().page().contains(#"data-pop="Feed""#))
        var fixture = PageFixture()
        fixture.feeds = ["hub", "transformers-js"]
        let page = fixture.page([("feed", "transformers-js"), ("density", "compact"), ("page", "2")])
        #expect(page.contains(#"<a href="/?density=compact">hub</a>"#))
        #expect(page.contains(#"<a href="/?feed=transformers-js&amp;density=compact" aria-current="true">"#))
        #expect(page.contains(#"href="/api/v4/models?feed=transformers-js""#))
    }

    @Test func theTopBarKeepsTheFeedWhereItMeansSomething() {
        let other = PageFixture().page([("feed", "transformers-js"), ("page", "2")])
        for path in ["/", "/compare", "/families", "/anomalies"] {
            #expect(other.contains("<a href=\"\(path)?feed=transformers-js\""), "\(path)")
        }
        let usual = PageFixture().page()
        for path in ["/compare", "/families", "/anomalies", "/usage", "/sessions", "/ops"] {
            #expect(usual.contains("<a href=\"\(path)\">"), "\(path)")
        }
        for path in ["/usage", "/sessions", "/ops"] { #expect(other.contains("<a href=\"\(path)\">"), "\(path)") }
    }

    @Test(arguments: [
        (Duration.seconds(0), "Trend", "ranked by score. Snapshot"), (.hours(23), "Trend", "12m ago</time>."),
        (.days(1), "1-day trend", "1 day of history"), (.hours(145), "6-day trend", "6 days of history"),
        (.days(29), "29-day trend", "29 days of history"), (.days(30), "30-day trend", "30 days of history"),
    ])
    func theTrendNamesOnlyWhatTheHistoryCovers(span: Duration, title: String, sentence: String) {
        var fixture = PageFixture()
        fixture.historySpan = span
        let page = fixture.page()
        #expect(page.contains(#"<th scope="col" class="p2">\#(title)</th>"#))
        #expect(page.contains(sentence))
    }

    @Test(arguments: [
        (EpochState?.none, "No refresh of the counters seen yet"), (.pending, "No refresh of the counters seen yet"),
        (.suspect, "Withheld: the newest refresh is suspect"), (.settled, "No model in this direction"),
    ])
    func anAbsentMoverSaysWhy(state: EpochState?, words: String) {
        var fixture = PageFixture()
        fixture.epoch = state
        #expect(fixture.page().contains(words))
    }

    @Test func theStripNamesMoversNewModelsAndTheSnapshot() {
        let page = PageFixture().page()
        #expect(page.contains(#"<dd class="name" title="a/rising"><span class="name"><bdi>rising</bdi></span></dd>"#))
        #expect(page.contains("to 1.42M</dd>"))
        #expect(page.contains("<dd>72 <small>models</small></dd>"))
        #expect(page.contains("08:43</time> <small>4 May 2026</small>"))
        #expect(page.contains("Counters refreshed <time"))
    }

    /// Prints and asserts nothing about time: a busy machine must not fail a build.
    @Test func drawingAPageIsMeasured() {
        let view = PageFixture().view()
        var bytes = 0
        let time = ContinuousClock().measure {
            for _ in 0..<20 { bytes += LeaderboardPage.render(view).count }
        }
        print("a page of \(bytes / 20) bytes is drawn in \(time / 20)")
        #expect(bytes / 20 > 20_000)
    }
}
