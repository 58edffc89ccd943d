/// A file that pages load: its bytes under an address that changes with them.
struct Asset: Equatable, Sendable {
    let path: String
    let contentType: String
    let body: [UInt8]

    /// The address names the content, so a browser never needs to ask again.
    static let cacheControl = "public, max-age=31536000, immutable"
}

/// The style sheet, the script and the mark that are built into the program, each under a hashed name
/// such as `/assets/app.1f0c9a3e.css`.
struct AssetCatalog: Sendable {
    let style: Asset
    /// For the operator's pages alone.
    let operationsStyle: Asset
    /// For pages of one model, comparisons, families and anomalies.
    let detailStyle: Asset
    /// For pages of sessions and spending.
    let ledgerStyle: Asset
    let script: Asset
    let detailScript: Asset
    let mark: Asset

    /// `digest` must give at least four bytes that depend on all of its input.
    init(digest: ([UInt8]) -> [UInt8]) {
        style = Self.asset(
            "app", "css", "text/css; charset=utf-8", PackageResources.app_css + PackageResources.lists_css, digest)
        operationsStyle = Self.asset(
            "operations", "css", "text/css; charset=utf-8", PackageResources.operations_css, digest)
        detailStyle = Self.asset("detail", "css", "text/css; charset=utf-8", PackageResources.detail_css, digest)
        ledgerStyle = Self.asset("ledger", "css", "text/css; charset=utf-8", PackageResources.ledger_css, digest)
        script = Self.asset("app", "js", "text/javascript; charset=utf-8", PackageResources.app_js, digest)
        detailScript = Self.asset(
            "detail", "js", "text/javascript; charset=utf-8", PackageResources.detail_js, digest)
        mark = Self.asset("mark", "svg", "image/svg+xml", PackageResources.mark_svg, digest)
    }

    var all: [Asset] { [style, operationsStyle, detailStyle, ledgerStyle, script, detailScript, mark] }

    /// The file at a path, or `nil` where there is none, as for the hash of another version.
    func asset(at path: String) -> Asset? {
        all.first { $0.path == path }
    }

    private static func asset(
        _ name: String, _ suffix: String, _ contentType: String, _ body: [UInt8], _ digest: ([UInt8]) -> [UInt8]
    ) -> Asset {
        let hash = digest(body).prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return Asset(path: "/assets/\(name).\(hash).\(suffix)", contentType: contentType, body: body)
    }
}
