package import Model

/// How large a model is, as the table in `parameters.json` has it.
package struct CuratedSize: Hashable, Sendable {
    package let id: ModelID
    package let total: Int64
    /// Those that one token passes through; `nil` where it is not known.
    package let active: Int64?

    package init(id: ModelID, total: Int64, active: Int64? = nil) {
        self.id = id
        self.total = total
        self.active = active
    }

    /// Reads `parameters.json`: `{id, total, active?}` per model, each id once.
    package static func list(
        parsing bytes: [UInt8], file: String = "parameters.json"
    ) throws(DeploymentError) -> [CuratedSize] {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkTable(keys: ["models"])
        var sizes: [CuratedSize] = []
        var seen: Set<ModelID> = []
        for entry in try root.required("models").elements(atMost: 10_000) {
            try entry.checkObject(keys: ["id", "total", "active"])
            let id = try entry.required("id").modelID()
            guard seen.insert(id).inserted else { throw try entry.required("id").expected("each id once") }
            let total = try entry.required("total").whole(in: 1...100_000_000_000_000)
            var active: Int?
            if let node = entry.optional("active") { active = try node.whole(in: 1...total) }
            sizes.append(CuratedSize(id: id, total: Int64(total), active: active.map { Int64($0) }))
        }
        return sizes
    }
}
