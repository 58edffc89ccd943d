import Testing

@testable import api

@Suite struct AssetTests {
    /// Depends on every byte; the product passes SHA-256.
    static func sum(_ bytes: [UInt8]) -> [UInt8] {
        let total = bytes.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }
        return [0, UInt8(truncatingIfNeeded: total >> 16), UInt8(truncatingIfNeeded: total >> 8), 0xFF, 9, 9]
    }

    let catalog = AssetCatalog(digest: sum)

    @Test func addressesCarryEightHexDigitsOfTheDigest() throws {
        for asset in catalog.all {
            let parts = asset.path.split(separator: ".")
            let digest = Self.sum(asset.body).prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            #expect(try #require(parts.dropLast().last) == digest.joined())
            #expect(asset.path.hasPrefix("/assets/"))
        }
    }

    @Test func everyAssetIsFoundAtItsAddressOnly() {
        for asset in catalog.all { #expect(catalog.asset(at: asset.path) == asset) }
        #expect(catalog.asset(at: "/assets/app.css") == nil)
        #expect(catalog.asset(at: "/assets/app.00000000.css") == nil)
        #expect(catalog.asset(at: "/assets/../app.css") == nil)
    }

    @Test func contentTypesFitTheFiles() {
        #expect(catalog.style.contentType == "text/css; charset=utf-8")
        #expect(catalog.script.contentType == "text/javascript; charset=utf-8")
        #expect(catalog.mark.contentType == "image/svg+xml")
        #expect(catalog.operationsStyle.contentType == "text/css; charset=utf-8")
        #expect(
            catalog.all.map { $0.path.split(separator: ".").last } == ["css", "css", "css", "css", "js", "js", "svg"])
    }

    /// The policy lets pages load nothing but these files, so none of them may name another address.
    @Test func assetsLoadNothingElse() {
        for asset in catalog.all where asset != catalog.mark {
            let text = String(decoding: asset.body, as: UTF8.self)
            #expect(!text.isEmpty)
            #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("@import"))
            #expect(!text.contains("eval(") && !text.contains("innerHTML"))
        }
    }

    @Test func theFilesTogetherStaySmall() {
        let ofEveryPage = [catalog.style, catalog.script, catalog.mark]
        #expect(ofEveryPage.reduce(0) { $0 + $1.body.count } < 44_000, "before compression")
        #expect(catalog.all.reduce(0) { $0 + $1.body.count } < 64_000, "before compression")
    }
}
