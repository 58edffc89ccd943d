import HTTPServer
import JSON
import Store
import Testing

@testable import api

/// Where a subscription may not send to, at its creation and at a change. What is dialled is judged again each time.
@Suite struct RefusedURLTests {
    /// The first and the last address of every block that is not the public internet.
    static let blocks = [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0",
        "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0",
        "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255",
        "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255",
        "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254",
        "255.255.255.255", "[::]", "[::1]", "[::7f00:1]", "[ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
        "[64:ff9b::7f00:1]", "[64:ff9b::808:808]", "[64:ff9b:1::]", "[64:ff9b:1:ffff:ffff:ffff:ffff:ffff]", "[100::]",
        "[100::ffff:ffff:ffff:ffff]", "[2001:db8::]", "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]", "[2002::]",
        "[2002:7f00:1::]", "[2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff]", "[3fff::]",
        "[3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff]", "[5f00::]", "[5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff]", "[fc00::]",
        "[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]", "[fe80::]", "[fe80::1]",
        "[febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
        "[ff00::]", "[ff02::1]", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
    ]
    /// The same places, and public ones, written so that another program may read something else.
    static let spellings = [
        "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.1", "127.0.1", "0", "0x0",
        "127.0.0.01", "1.2.3.4.", "8.8.8.8.", "example.com.", "localhost", "LOCALHOST", "a.localhost", "localhost.",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]",
        "[fe80::1%25eth0]", "[fe80::1%eth0]", "[2606:4700:0::1111]", "[127.0.0.1]", "[8.8.8.8]", "[::1", "::1",
        "[2606:4700::1111]x", "256.1.1.1", "1.2.3", "1.2.3.4.5", "08.8.8.8", "8.8.8.8%00", "127.0.0.1%2f",
        "example.com@127.0.0.1", "user:pass@example.com", "@example.com", "a..b", ".example.com", "-a.example",
        "a-.example", "exa_mple.com", "ex%61mple.com", "127。0。0。1", "①②⑦.0.0.1", "",
    ]
    static let rests = [
        "https://example.com:22/", "https://example.com:25/", "https://example.com:8081/", "https://example.com:0/",
        "https://example.com:65536/", "https://example.com:0443/", "https://example.com:/", "https://example.com:4 43/",
        "https://example.com/#x", "https://example.com/../x", "https://example.com/%2e%2E/x", "https://example.com/a b",
        "https://example.com/%zz", "https://example.com\\@127.0.0.1/", "https://exam ple.com/", "https:example.com",
        "https:///x", "//example.com/", "ftp://example.com/", "gopher://example.com/", "file:///etc/passwd",
        "javascript:alert(1)", "HTTPS://example.com/", "http://example.com/", " https://example.com/",
        "https://example.com/ ", "", "https://", "https://" + String(repeating: "a", count: 64) + ".example/",
        "https://example.com/" + String(repeating: "x", count: 3_000),
    ]
    static let refused = (blocks + spellings).map { "https://\($0)/hook" } + rests

    private func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.string(text)
        return String(decoding: json.finished(), as: UTF8.self)
    }

    @Test func noneCanBeSubscribed() async throws {
        let rig = try await WebhookRig()
        for url in Self.refused {
            for more in ["", #","allowHttp":true"#] where more.isEmpty || url != "http://example.com/" {
                let response = await rig.send(.post, "", #"{"url":\#(quoted(url))\#(more)}"#)
                #expect(response.isProblem(400, "invalid_body"), "\(url): \(response.text)")
                #expect(response.faults == ["/url": "refused_url"], "\(url): \(response.text)")
            }
        }
        #expect(try rig.run(.subscriptionCount()) == [0])
    }

    @Test func norCanASubscriptionBeMovedThere() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let tag = try #require(await rig.send(.get, "/\(id)").header("ETag"))
        for url in Self.refused {
            let response = await rig.send(
                .patch, "/\(id)", #"{"url":\#(quoted(url))}"#, headers: [HeaderField("If-Match", tag)])
            #expect(response.faults == ["/url": "refused_url"], "\(url): \(response.text)")
        }
        #expect(try rig.subscription(id).url == "https://example.org/hook")
    }

    /// Names are asked for what they say now; the notifier asks again at each attempt.
    @Test(arguments: ["inner.example", "both.example", "zone.example", "mapped.example"])
    func aNameThatLeadsToARefusedAddressIsRefused(host: String) async throws {
        let rig = try await WebhookRig()
        let response = await rig.send(.post, "", #"{"url":"https://\#(host)/hook"}"#)
        #expect(response.isProblem(400, "invalid_body"), "\(response.text)")
        #expect(response.faults == ["/url": "refused_url"], "\(response.text)")
        let id = try await rig.make().id
        let moved = try await rig.sendMatching(.patch, id, #"{"url":"https://\#(host)/hook"}"#)
        #expect(moved.faults == ["/url": "refused_url"], "\(moved.text)")
        #expect(try rig.subscription(id).url == "https://example.org/hook")
    }

    @Test func theAllowListOpensANameToo() async throws {
        let rig = try await WebhookRig(["HELICARRIER_WEBHOOK_ALLOW": "10.0.0.0/8"])
        #expect(await rig.send(.post, "", #"{"url":"https://inner.example/hook"}"#).status == 201)
        #expect(await rig.send(.post, "", #"{"url":"https://both.example/hook"}"#).status == 400)
    }

    @Test func aNameThatCannotBeResolvedNowIsTaken() async throws {
        let rig = try await WebhookRig()
        #expect(await rig.send(.post, "", #"{"url":"https://nowhere.example/hook"}"#).status == 201)
    }

    @Test func anOperatorIsHeldToTheSame() async throws {
        let rig = try await WebhookRig()
        for url in Self.blocks {
            let body = #"{"url":"https://\#(url)/","skipVerification":true}"#
            #expect(await rig.send(.post, "", body, token: WebhookRig.admin).status == 400, "\(url)")
        }
    }

    @Test(arguments: [
        ("10.1.0.0/16", "https://10.1.2.3:4711/", 201), ("10.1.0.0/16", "https://10.2.0.1/", 400),
        ("10.1.0.0/16", "https://[::ffff:a01:203]/", 400), ("fd00::/8", "https://[fd12::1]:99/", 201),
        ("fd00::/8", "https://[fc00::1]/", 400), ("127.0.0.0/8", "https://127.0.0.1/", 201),
        ("127.0.0.0/8", "https://localhost:9/", 201), ("127.0.0.0/8", "https://[::1]/", 400),
        ("10.0.0.0/8", "https://localhost/", 400), ("10.0.0.0/8", "https://8.8.8.8:22/", 400),
        ("64:ff9b::/96", "https://[64:ff9b::a00:1]/", 400),
        ("10.0.0.0/8,64:ff9b::/96", "https://[64:ff9b::a00:1]/", 201),
    ])
    func anAllowedNetworkIsOpenAndNoOther(network: String, url: String, status: Int) async throws {
        let rig = try await WebhookRig(["HELICARRIER_WEBHOOK_ALLOW": network])
        #expect(await rig.send(.post, "", #"{"url":"\#(url)"}"#).status == status)
    }

    @Test(arguments: [
        "https://example.com/", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/x?y=z", "https://example.com:8080/",
        "https://9.255.255.255/", "https://11.0.0.0/", "https://172.15.255.255/", "https://172.32.0.0/",
        "https://[2000::1]/", "https://[4000::1]/", "https://100.63.255.255/", "https://100.128.0.0/",
    ])
    func whatIsPublicIsTaken(url: String) async throws {
        #expect(await (try WebhookRig()).send(.post, "", #"{"url":"\#(url)"}"#).status == 201)
    }
}
