import Testing

@testable import api

@Suite struct PageAddressTests {
    @Test(
        arguments: [
            ([], "/"),
            ([("page", "2")], "/?page=2"),
            ([("page", "1")], "/"),
            ([("density", "compact"), ("page", "3")], "/?density=compact&page=3"),
            ([("density", "cosy")], "/"),
            ([("feed", "hub")], "/"),
            ([("feed", "transformers-js"), ("page", "2")], "/?feed=transformers-js&page=2"),
            ([("page", "2"), ("page", "7")], "/?page=2"),
            ([("page", "0")], "/"), ([("page", "-4")], "/"), ([("page", "two")], "/"), ([("page", "")], "/"),
            ([("page", "99999999999999999999")], "/"),
            ([("density", "huge")], "/"),
            ([("feed", "")], "/"), ([("feed", "\"><script>")], "/"), ([("feed", "a/b")], "/"),
            ([("feed", String(repeating: "f", count: 65))], "/"),
            ([("utm_source", "mail"), ("page", "2")], "/?page=2"),
            // Keys stand in one order, whatever the order in which they came; empty fields of the form ask for nothing.
            (
                [("page", "2"), ("capability", "vision"), ("profile", "research")],
                "/?profile=research&capability=vision&page=2"
            ),
            ([("q", ""), ("capability", ""), ("sort", ""), ("profile", "default")], "/"),
            (
                [("capability", "vision"), ("capability", "tools"), ("capability", "vision")],
                "/?capability=tools&capability=vision"
            ),
            ([("capability", "telepathy"), ("capability", "code")], "/?capability=code"),
            ([("license", "mit"), ("license", "permissive")], "/?license=mit&license=permissive"),
            ([("parameterClass", "8b-15b"), ("parameterClass", "9b")], "/?parameterClass=8b-15b"),
            ([("sort", "-delta7d")], "/?sort=-delta7d"), ([("sort", "-score")], "/"), ([("sort", "shoesize")], "/"),
            ([("sort", "name")], "/?sort=name"),
            ([("q", " Qwen  3 ")], "/?q=qwen%203"), ([("q", String(repeating: "q", count: 201))], "/"),
            ([("minDownloads", "1000"), ("minLikes", "-1")], "/?minDownloads=1000"),
            ([("family", "Qwen/Qwen3-8B"), ("relation", "quantized")], "/?family=Qwen%2FQwen3-8B&relation=quantized"),
            ([("anomaly", "any"), ("gated", "manual")], "/?gated=manual&anomaly=any"),
            ([("provider", "\"><script>")], "/?provider=%22%3E%3Cscript%3E"),
        ] as [([(name: String, value: String)], String)])
    func unknownAndDefaultPartsLeaveTheAddress(query: [(name: String, value: String)], expected: String) {
        #expect(LeaderboardAddress(query: query).path == expected)
    }

    @Test func aChangeOfTheViewStartsAtTheFirstPage() {
        let address = LeaderboardAddress(query: [("feed", "daily"), ("page", "4")])
        #expect(address.with(page: 5).path == "/?feed=daily&page=5")
        #expect(address.with(density: .compact).path == "/?feed=daily&density=compact")
        #expect(address.with(feed: "hub").path == "/")
        #expect(address.dataPath == "/api/v4/models?feed=daily")
        #expect(LeaderboardAddress().dataPath == "/api/v4/models")
    }

    @Test func feedNamesAreEncodedInLinks() {
        #expect(LeaderboardAddress().with(feed: "a b&c=é").path == "/?feed=a%20b%26c%3D%C3%A9")
    }

    @Test(arguments: [
        (1, 0, 1, 1, 0..<0), (9, 0, 1, 1, 0..<0), (1, 1, 1, 1, 0..<1), (1, 25, 1, 1, 0..<25),
        (1, 26, 1, 2, 0..<25), (2, 26, 2, 2, 25..<26), (7, 26, 2, 2, 25..<26), (40, 1_000, 40, 40, 975..<1_000),
        (Int.max, 1_001, 41, 41, 1_000..<1_001), (Int.min, 60, 1, 3, 0..<25),
    ])
    func pagesStayInRange(requested: Int, total: Int, number: Int, count: Int, rows: Range<Int>) {
        let page = PageIndex(requested: requested, total: total)
        #expect(page.number == number)
        #expect(page.count == count)
        #expect(page.rows == rows)
        #expect(page.previous == (number > 1 ? number - 1 : nil))
        #expect(page.next == (number < count ? number + 1 : nil))
    }

    @Test(arguments: [
        (nil, Theme.system), ("", .system), ("light", .light), ("dark", .dark), ("DARK", .system),
        ("dark\"><script>", .system),
    ])
    func themesComeFromTheCookie(cookie: String?, expected: Theme) {
        #expect(Theme(cookie: cookie) == expected)
    }
}
