import HTTPClient
import Testing

@testable import fetcher

@Suite struct HubAddressTests {
    private func hub(_ base: String) throws -> HubAddress {
        HubAddress(base: try #require(URLParts(base)))
    }

    @Test(
        arguments: [
            ("https://hub.example/api/models?cursor=x", "https://hub.example/api/models?cursor=x"),
            ("https://HUB.example/api/models?cursor=x", "https://hub.example/api/models?cursor=x"),
            ("https://hub.example:443/api?cursor=x", "https://hub.example:443/api?cursor=x"),
            ("/api/models?cursor=y", "https://hub.example/api/models?cursor=y"),
            ("?cursor=z", "https://hub.example/api/models?cursor=z"),
            ("//hub.example/api", "https://hub.example/api"),
            ("https://other.example/api/models?cursor=x", nil), ("http://hub.example/api/models?cursor=x", nil),
            ("https://hub.example:8443/api/models", nil), ("https://hub.example.evil.example/", nil),
            ("//other.example/api", nil), ("https://user:secret@hub.example/api", nil),
            ("https://hub.example@other.example/api", nil), ("https://user@hub.example/api", nil),
            ("ftp://hub.example/api", nil), ("file:///etc/passwd", nil), ("javascript:alert(1)", nil),
            (#"https:\\other.example/api"#, nil), ("http://127.0.0.1/", nil), ("https://hub.example\u{0}.evil/", nil),
        ] as [(String, String?)])
    func aLinkIsFollowedOnTheSameServerOnly(link: String, target: String?) throws {
        let hub = try hub("https://hub.example")
        let followed = hub.following(link, from: "https://hub.example/api/models?limit=1000")
        if let target {
            #expect(followed.flatMap { URLParts($0) }?.origin == hub.base.origin)
            #expect(followed.flatMap { URLParts($0)?.path } == URLParts(target)?.path)
            #expect(followed.flatMap { URLParts($0)?.query } == URLParts(target)?.query)
        } else {
            #expect(followed == nil)
        }
    }

    @Test func aPortOfTheBaseMustStay() throws {
        let hub = try hub("http://127.0.0.1:8181")
        let page = "http://127.0.0.1:8181/api/models"
        #expect(hub.following("http://127.0.0.1:8181/api/models?cursor=1", from: page) != nil)
        #expect(hub.following("http://127.0.0.1:8182/api/models?cursor=1", from: page) == nil)
        #expect(hub.following("http://127.0.0.1/api/models?cursor=1", from: page) == nil)
        #expect(hub.following("http://localhost:8181/api/models?cursor=1", from: page) == nil)
    }

    @Test(arguments: ["https://hub.example", "https://hub.example/", "https://hub.example/mirror/"])
    func listingsAskForEverythingByName(base: String) throws {
        let listings = try hub(base).listings
        #expect(listings.count == 4)
        for (listing, sort) in zip(listings, ["trendingScore", "downloads", "likes", "lastModified"]) {
            #expect(listing.contains("/api/models?limit=1000&sort=\(sort)&expand=author&"))
            #expect(!listing.contains("//api"))
            #expect(listing.contains("expand=safetensors") && !listing.contains("full="))
            #expect(!listing.contains("direction"))
        }
    }

    @Test(arguments: [
        ("a/b", "/api/models/a/b?"), ("meta-llama/Llama-3.1_8B~x", "/api/models/meta-llama/Llama-3.1_8B~x?"),
        ("a/b?c#d", "/api/models/a/b%3Fc%23d?"), ("a/b c", "/api/models/a/b%20c?"), ("a/é", "/api/models/a/%C3%A9?"),
        ("a/%2e", "/api/models/a/%252e?"), ("a/\u{1}", "/api/models/a/%01?"),
    ])
    func aModelsNameCannotLeaveItsPath(id: String, path: String) throws {
        #expect(try hub("https://hub.example").model(id).hasPrefix("https://hub.example\(path)expand=author"))
    }
}
