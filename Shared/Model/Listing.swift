/// The canonical id of a model, `owner/name`. Legacy ids of the Hub have no owner.
package struct ModelID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }

    /// The part before the slash, or the whole of an id that has none.
    package var owner: String {
        text.firstIndex(of: "/").map { String(text[..<$0]) } ?? text
    }

    /// The part after the slash, or the whole of an id that has none.
    package var name: String {
        text.firstIndex(of: "/").map { String(text[text.index(after: $0)...]) } ?? text
    }

    /// Bytewise, so that every process and database orders ids alike.
    package static func < (left: ModelID, right: ModelID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// What a model's page says about who may download it.
package enum Gated: String, Sendable, CaseIterable {
    case no
    case automatic = "auto"
    case manual
}

/// One observation of one model, as the upstream reported it. Whatever it did not say is `nil`.
package struct Listing: Equatable, Sendable {
    package var id: ModelID
    /// Who publishes it: the upstream's `author`, else the owner in the id.
    package var provider: String
    /// Downloads in the 30 days before the upstream's last refresh; may fall.
    package var downloads: Int64?
    package var downloadsAllTime: Int64?
    package var likes: Int64?
    /// The Hub's own measure of momentum; not always whole.
    package var trendingScore: Double?
    package var createdAt: Timestamp?
    package var lastModified: Timestamp?
    package var gated: Gated?
    package var library: String?
    package var pipeline: String?
    package var license: License?
    package var parameters: ParameterCount?
    /// Most trusted source first, each capability once.
    package var capabilities: [CapabilityClaim]
    /// `nil` where the upstream names no parent.
    package var parentage: Parentage?
    package var isPrivate: Bool
    package var tags: [String]

    package init(id: ModelID, provider: String? = nil) {
        self.id = id
        self.provider = provider ?? id.owner
        capabilities = []
        isPrivate = false
        tags = []
    }
}
