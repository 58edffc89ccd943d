import Testing

@testable import api

@Suite struct PageFrameTests {
    static let assets = AssetCatalog(digest: AssetTests.sum)
    static let notices: [NoticePage.Notice] = [
        .noSnapshot(feed: "hub"), .noSnapshot(feed: "hub", on: .families), .notFound, .malformed(reason: "<b>"),
        .unavailable, .failed(requestID: "0190-<b>"), .failed(requestID: nil),
    ]

    func draw(_ notice: NoticePage.Notice, theme: Theme = .system) -> String {
        String(decoding: NoticePage(notice: notice, theme: theme, assets: Self.assets).render(), as: UTF8.self)
    }

    @Test(arguments: [
        (Theme.system, "<!doctype html>\n<html lang=\"en\">"),
        (.light, "<!doctype html>\n<html lang=\"en\" data-theme=\"light\">"),
        (.dark, "<!doctype html>\n<html lang=\"en\" data-theme=\"dark\">"),
    ])
    func theThemeIsInTheFirstBytes(theme: Theme, start: String) {
        var fixture = PageFixture()
        fixture.theme = theme
        #expect(fixture.page().hasPrefix(start))
        #expect(draw(.notFound, theme: theme).hasPrefix(start))
        #expect(fixture.page().contains("aria-label=\"Theme: \(theme)\""))
    }

    @Test(arguments: notices)
    func everyPageHasItsLandmarksAndOneHeading(notice: NoticePage.Notice) {
        for page in [draw(notice), PageFixture().page()] {
            for part in [
                "<a class=\"skip\" href=\"#main\">", "<header class=\"topbar\">",
                "<nav class=\"nav\" aria-label=\"Main\">",
                "<main class=\"page\" id=\"main\" tabindex=\"-1\">", "</main>", "</body></html>",
            ] {
                #expect(page.occurrences(of: part) == 1, "\(part)")
            }
            #expect(page.occurrences(of: "<h1>") == 1)
        }
    }

    /// What the policy forbids would be dropped by the browser without a trace on the page.
    @Test(arguments: notices)
    func pagesObeyTheContentSecurityPolicy(notice: NoticePage.Notice) {
        for page in [draw(notice), PageFixture().page()] {
            #expect(!page.contains(" style=") && !page.contains("<style"))
            #expect(page.occurrences(of: "<script") == 1)
            #expect(page.contains("<script src=\"\(Self.assets.script.path)\" defer></script>"))
            #expect(page.contains("href=\"\(Self.assets.style.path)\""))
            #expect(!page.contains(" onclick=") && !page.contains("javascript:"))
        }
        #expect(PageFrame.contentSecurityPolicy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        #expect(!PageFrame.contentSecurityPolicy.contains("unsafe"))
    }

    @Test func theEmptyPageNamesTheCommandsThatFillIt() {
        let page = draw(.noSnapshot(feed: "<hub>"))
        #expect(page.contains("./scripts/quickstart"))
        #expect(page.contains("helicarrier import hub FILE…"))
        #expect(page.contains("<b>&lt;hub&gt;</b>"))
        #expect(!page.contains("<table"))
    }

    @Test(arguments: [
        (NoticePage.Notice.noSnapshot(feed: "hub"), 200, "Nothing to rank yet"), (.notFound, 404, "Page not found"),
        (.noSnapshot(feed: "hub", on: .anomalies), 200, "Nothing to judge yet"),
        (.malformed(reason: "A & <b>"), 400, "<p>A &amp; &lt;b&gt;</p>"),
        (.unavailable, 503, "Not available right now"),
        (.failed(requestID: "0190-<b>"), 500, "Request <code>0190-&lt;b&gt;</code>"),
        (.failed(requestID: nil), 500, "Something went wrong"),
    ])
    func noticesCarryTheirStatus(notice: NoticePage.Notice, status: Int, words: String) {
        #expect(NoticePage(notice: notice, theme: .system, assets: Self.assets).status == status)
        #expect(draw(notice).contains(words))
    }

    @Test func theFooterLeadsToTheSameDataElsewhere() {
        let page = PageFixture().page()
        for link in ["/api/v4/models", "/api/snapshot", "/metrics", "/docs"] {
            #expect(page.contains("<a href=\"\(link)\">"), "\(link)")
        }
        var view = PageFixture().view()
        view.docsPath = nil
        #expect(!PageFixture.draw(view).contains("Documentation"))
    }
}
