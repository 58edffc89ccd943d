package import Model

/// Parents of models whose upstream names none, as the table in `families.json` has them.
package struct ParentTable: Hashable, Sendable {
    package let models: [ModelID: Parentage]
    package let modelTypes: [String: Parentage]

    package init(models: [ModelID: Parentage] = [:], modelTypes: [String: Parentage] = [:]) {
        self.models = models
        self.modelTypes = modelTypes
    }

    /// Reads `families.json`: `models` of `{id, parent, relation}` and `modelTypes` of `{modelType, parent, relation}`.
    package init(parsing bytes: [UInt8], file: String = "families.json") throws(DeploymentError) {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkTable(keys: ["models", "modelTypes"])
        var models: [ModelID: Parentage] = [:]
        for entry in try root.required("models").elements(atMost: 10_000) {
            try entry.checkObject(keys: ["id", "parent", "relation"])
            let node = try entry.required("id")
            let id = try node.modelID()
            guard models[id] == nil else { throw node.expected("each id once") }
            let parentage = try Self.parentage(of: entry, source: .curated)
            guard parentage.parent != id else { throw try entry.required("parent").expected("another model") }
            models[id] = parentage
        }
        var modelTypes: [String: Parentage] = [:]
        for entry in try root.required("modelTypes").elements(atMost: 1_000) {
            try entry.checkObject(keys: ["modelType", "parent", "relation"])
            let node = try entry.required("modelType")
            let type = try node.text(atMost: 80)
            guard modelTypes[type] == nil else { throw node.expected("each modelType once") }
            modelTypes[type] = try Self.parentage(of: entry, source: .modelType)
        }
        self.init(models: models, modelTypes: modelTypes)
    }

    private static func parentage(
        of entry: ConfigurationNode, source: LineageSource
    ) throws(DeploymentError) -> Parentage {
        Parentage(
            parent: try entry.required("parent").modelID(),
            relation: try entry.required("relation").word(of: Relation.self), source: source)
    }
}
