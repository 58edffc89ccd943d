package import Model

/// What models can do, as the table in `capabilities.json` has it.
package struct CapabilityTable: Hashable, Sendable {
    package let models: [ModelID: [Capability]]
    /// By the upstream's `pipeline_tag`.
    package let pipelines: [String: [Capability]]
    /// By tag, in lower case.
    package let tags: [String: [Capability]]
    /// Model types whose every model is a mixture of experts.
    package let mixtures: Set<String>

    package init(
        models: [ModelID: [Capability]] = [:], pipelines: [String: [Capability]] = [:],
        tags: [String: [Capability]] = [:], mixtures: Set<String> = []
    ) {
        self.models = models
        self.pipelines = pipelines
        self.tags = tags
        self.mixtures = mixtures
    }

    /// Reads `capabilities.json`: lists of `{id | pipeline | tag, capabilities}`, and model types.
    package init(parsing bytes: [UInt8], file: String = "capabilities.json") throws(DeploymentError) {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkTable(keys: ["models", "pipelines", "tags", "mixtures"])
        var models: [ModelID: [Capability]] = [:]
        for entry in try root.required("models").elements(atMost: 10_000) {
            try entry.checkObject(keys: ["id", "capabilities"])
            let id = try entry.required("id").modelID()
            guard models[id] == nil else { throw try entry.required("id").expected("each id once") }
            models[id] = try Self.capabilities(of: entry)
        }
        var mixtures: Set<String> = []
        for type in try root.required("mixtures").elements(atMost: 1_000) {
            mixtures.insert(try type.text(atMost: 80))
        }
        self.init(
            models: models, pipelines: try Self.rules(of: root.required("pipelines"), key: "pipeline"),
            tags: try Self.rules(of: root.required("tags"), key: "tag"), mixtures: mixtures)
    }

    private static func rules(
        of list: ConfigurationNode, key: String
    ) throws(DeploymentError) -> [String: [Capability]] {
        var found: [String: [Capability]] = [:]
        for entry in try list.elements(atMost: 1_000) {
            try entry.checkObject(keys: [key, "capabilities"])
            let node = try entry.required(key)
            let word = try node.text(atMost: 80)
            guard word == word.lowercased() else { throw node.expected("lower case") }
            guard found[word] == nil else { throw node.expected("each \(key) once") }
            found[word] = try capabilities(of: entry)
        }
        return found
    }

    private static func capabilities(of entry: ConfigurationNode) throws(DeploymentError) -> [Capability] {
        var found: [Capability] = []
        for node in try entry.required("capabilities").elements(atMost: Capability.allCases.count) {
            let capability = try node.word(of: Capability.self)
            guard !found.contains(capability) else { throw node.expected("each capability once") }
            found.append(capability)
        }
        return found
    }
}
