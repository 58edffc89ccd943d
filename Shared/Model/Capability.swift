/// What a model can do: a closed vocabulary.
package enum Capability: String, Sendable, CaseIterable {
    case chat
    case reasoning
    case tools
    case vision
    case audioIn = "audio-in"
    case audioOut = "audio-out"
    case imageOut = "image-out"
    case video
    case embeddings
    case rerank
    case code
    case json
    case longContext = "long-context"
    case moe
}

/// Who says that a model can do something, most trusted first.
package enum CapabilitySource: String, Sendable, CaseIterable {
    /// The table in `config/capabilities.json`.
    case curated
    /// The same table, by the model whose weights this one has packed.
    case inherited
    /// The upstream's `pipeline_tag`.
    case pipeline
    case tag
    /// Another derived fact, such as a count of active parameters.
    case derived
}

/// One capability of a model, and who says so.
package struct CapabilityClaim: Hashable, Sendable {
    package let capability: Capability
    package let source: CapabilitySource

    package init(_ capability: Capability, source: CapabilitySource) {
        self.capability = capability
        self.source = source
    }
}
