import Model

extension CuratedSource {
    /// Reads `sources.json`: an array of `{id, displayName, provider, focus?}`, each id once.
    package static func list(
        parsing bytes: [UInt8], file: String = "sources.json"
    ) throws(DeploymentError) -> [CuratedSource] {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        var sources: [CuratedSource] = []
        var seen = Set<ModelID>()
        for entry in try root.elements(atMost: 1_000) {
            try entry.checkObject(keys: ["id", "displayName", "provider", "focus"])
            let id = try entry.required("id").modelID()
            guard seen.insert(id).inserted else { throw try entry.required("id").expected("each id once") }
            sources.append(
                CuratedSource(
                    id: id, displayName: try entry.required("displayName").text(atMost: 120),
                    provider: try entry.required("provider").text(atMost: 120),
                    focus: try focus(entry.optional("focus"))))
        }
        return sources
    }

    private static func focus(_ entry: ConfigurationNode?) throws(DeploymentError) -> String? {
        guard let entry else { return nil }
        return try entry.text(atMost: 200)
    }
}
