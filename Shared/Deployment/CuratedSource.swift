package import Model

/// One model of the curated list that v3 clients see.
package struct CuratedSource: Hashable, Sendable {
    package let id: ModelID
    package let displayName: String
    package let provider: String
    /// What the model is good for, in a few words.
    package let focus: String?

    package init(id: ModelID, displayName: String, provider: String, focus: String? = nil) {
        self.id = id
        self.displayName = displayName
        self.provider = provider
        self.focus = focus
    }
}
