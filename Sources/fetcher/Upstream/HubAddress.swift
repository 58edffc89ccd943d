import HTTPClient
import Model

/// The addresses of the Hub's listing API.
struct HubAddress: Sendable {
    /// Properties that a listing answers only when asked; `full=true` would leave out `safetensors`.
    private static let expanded = [
        "author", "baseModels", "cardData", "config", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated",
        "gguf", "inferenceProviderMapping", "lastModified", "library_name", "likes", "pipeline_tag", "private",
        "safetensors", "sha", "tags", "trendingScore", "childrenModelCount",
    ]
    /// What the watch list is made of; always descending.
    private static let sorts = ["trendingScore", "downloads", "likes", "lastModified"]
    private static let rowsPerPage = 1_000

    let base: URLParts

    /// The first page of each listing.
    var listings: [String] {
        Self.sorts.map { "\(root)/api/models?limit=\(Self.rowsPerPage)&sort=\($0)&\(Self.expansion)" }
    }

    /// The first page of a walk over all models: by creation, the one order that stays as it is.
    var everything: String { "\(root)/api/models?limit=\(Self.rowsPerPage)&sort=createdAt&\(Self.expansion)" }

    /// One model by itself.
    func model(_ id: String) -> String {
        let path = id.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                || byte == 46 || byte == 95 || byte == 126 || byte == 47
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }
        return "\(root)/api/models/\(path.joined())?\(Self.expansion)"
    }

    /// A link that the upstream gave, made absolute; `nil` if it leads to another scheme, host or port, which would
    /// be sent our token.
    func following(_ link: String, from page: String) -> String? {
        guard let target = URLParts(page)?.resolving(link), target.origin == base.origin, !target.hasCredentials else {
            return nil
        }
        return target.text
    }

    private var root: String { base.text.hasSuffix("/") ? String(base.text.dropLast()) : base.text }
    private static let expansion = expanded.map { "expand=\($0)" }.joined(separator: "&")
}
