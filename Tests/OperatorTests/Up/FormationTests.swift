import Testing

@testable import helicarrier

@Suite struct FormationTests {
    @Test(arguments: [
        (String?.none, ["fetcher", "normalizer", "scorer", "notifier", "api"]),
        ("", ["fetcher", "normalizer", "scorer", "notifier", "api"]),
        ("normalizer=2", ["fetcher", "normalizer.1", "normalizer.2", "scorer", "notifier", "api"]),
        ("fetcher=0,scorer=2", ["normalizer", "scorer.1", "scorer.2", "notifier", "api"]),
        ("api=0,notifier=0,fetcher=0", ["normalizer", "scorer"]),
    ])
    func members(scale: String?, labels: [String]) throws {
        #expect(try Formation(scale: scale).members.map(\.label) == labels)
    }

    @Test(arguments: ["api=2", "normalizer", "normalizer=", "normalizer=x", "normalizer=17", "normalizer=-1", "cook=1"])
    func refused(scale: String) {
        #expect(throws: UsageError.self) { try Formation(scale: scale) }
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/"), ("0.0.0.0:80", "http://127.0.0.1:80/"),
        ("[::1]:8080", "http://[::1]:8080/"), ("[::]:8080", "http://[::1]:8080/"), (":8080", "http://127.0.0.1:8080/"),
        ("10.0.0.7:9000", "http://10.0.0.7:9000/"),
    ])
    func addresses(listen: String, url: String) {
        #expect(ListenAddress.url(listen) == url)
    }

    @Test(arguments: ["127.0.0.1:0", "8080", "", "127.0.0.1:", "127.0.0.1:70000"])
    func addressesThatAreNotKnownYet(listen: String) {
        #expect(ListenAddress.url(listen) == nil)
    }
}
