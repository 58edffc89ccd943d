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
            let id = try modelID(entry.required("id"))
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

    /// `owner/name`, or the bare name of a legacy model; it becomes part of a URL, so its characters are few.
    private static func modelID(_ entry: ConfigurationNode) throws(DeploymentError) -> ModelID {
        let text = try entry.text(atMost: 200)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(isPathPart) else { throw entry.expected("a model id, owner/name") }
        return ModelID(text)
    }

    private static func isPathPart(_ part: Substring) -> Bool {
        !part.isEmpty && part != "." && part != ".."
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
