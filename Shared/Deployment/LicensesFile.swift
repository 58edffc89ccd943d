package import Model

/// What licences are called and permit, as the table in `licenses.json` has it.
package struct LicenseTable: Hashable, Sendable {
    /// By the upstream's identifier, in lower case.
    package let byID: [String: License]
    /// By what publishers write as the name of a licence whose identifier is `other`, in lower case.
    package let byName: [String: License]

    package init(byID: [String: License] = [:], byName: [String: License] = [:]) {
        self.byID = byID
        self.byName = byName
    }

    /// Reads `licenses.json`: `licenses` of `{id, name, class?}` and `names` of `{license, name, class?}`.
    package init(parsing bytes: [UInt8], file: String = "licenses.json") throws(DeploymentError) {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkTable(keys: ["licenses", "names"])
        byID = try Self.entries(of: root.required("licenses"), key: "id")
        byName = try Self.entries(of: root.required("names"), key: "license")
    }

    private static func entries(
        of list: ConfigurationNode, key: String
    ) throws(DeploymentError) -> [String: License] {
        var found: [String: License] = [:]
        for entry in try list.elements(atMost: 2_000) {
            try entry.checkObject(keys: [key, "name", "class"])
            let node = try entry.required(key)
            let id = try node.text(atMost: 120)
            guard id == id.lowercased() else { throw node.expected("lower case") }
            guard found[id] == nil else { throw node.expected("each \(key) once") }
            var kind: LicenseClass?
            if let node = entry.optional("class") { kind = try node.word(of: LicenseClass.self) }
            found[id] = License(id: id, name: try entry.required("name").text(atMost: 120), kind: kind)
        }
        return found
    }
}
