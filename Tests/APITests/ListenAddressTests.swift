import Testing

@testable import api

@Suite struct ListenAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8_080, "http://127.0.0.1:8080/"),
            ("0.0.0.0:0", "0.0.0.0", 0, "http://0.0.0.0:0/"),
            ("[::1]:8080", "::1", 8_080, "http://[::1]:8080/"), ("[::]:80", "::", 80, "http://[::]:80/"),
            ("localhost:65535", "localhost", 65_535, "http://localhost:65535/"),
        ] as [(String, String, UInt16, String)])
    func anAddressHasAHostAndAPort(text: String, host: String, port: UInt16, url: String) throws {
        let address = try #require(ListenAddress(setting: text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.url(port: port) == url)
    }

    @Test(arguments: [
        "", ":", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:http", "8080",
        "::1:8080", "[::1]", "[]:80", "127.0.0.1:8080/", "127.0.0.1: 8080", "127.0.0.1:+80", "[::1:80", "a]:80",
        "[x]y:80",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(ListenAddress(setting: text) == nil)
    }
}
