import Deployment
import Model

/// What a model can do, and who says so.
struct CapabilityRules: Sendable {
    private let table: CapabilityTable

    init(_ table: CapabilityTable) {
        self.table = table
    }

    /// Each capability once, with its most trusted source, in the order of sources and then of the vocabulary.
    ///
    /// - Parameter listing: with its parentage and its parameters.
    func claims(of listing: Listing, modelType: String?) -> [CapabilityClaim] {
        var sources: [Capability: CapabilitySource] = [:]
        func claim(_ capabilities: [Capability]?, _ source: CapabilitySource) {
            for capability in capabilities ?? [] where sources[capability] == nil { sources[capability] = source }
        }
        claim(table.models[listing.id], .curated)
        // Packed weights are the same model; what was trained further may have lost what its parent could.
        if let parent = listing.parentage, parent.relation == .quantized {
            claim(table.models[parent.parent], .inherited)
        }
        claim(listing.pipeline.flatMap { table.pipelines[$0] }, .pipeline)
        for tag in listing.tags {
            let word = tag.lowercased()
            claim(table.tags[word], .tag)
            // The upstream repeats the model's type among the tags.
            if table.mixtures.contains(word) { claim([.moe], .tag) }
        }
        if isMixture(listing, modelType) { claim([.moe], .derived) }
        return CapabilitySource.allCases.flatMap { source in
            Capability.allCases.filter { sources[$0] == source }.map { CapabilityClaim($0, source: source) }
        }
    }

    private func isMixture(_ listing: Listing, _ modelType: String?) -> Bool {
        if let modelType, table.mixtures.contains(modelType) { return true }
        guard let parameters = listing.parameters, let active = parameters.active else { return false }
        return active < parameters.total
    }
}
