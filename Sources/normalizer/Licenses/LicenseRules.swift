import Deployment
import Model

/// What a licence is called and permits.
struct LicenseRules: Sendable {
    private let table: LicenseTable

    init(_ table: LicenseTable) {
        self.table = table
    }

    /// - Parameter stated: the upstream's identifier, and the name that the card gives beside it.
    func license(_ stated: License?) -> License? {
        guard let stated else { return nil }
        let id = stated.id.lowercased()
        if id == "unknown" { return nil }
        if id == "other" { return named(stated.name) }
        return table.byID[id] ?? License(id: stated.id)
    }

    /// A licence without an identifier of its own keeps the name that its publisher gave it.
    private func named(_ name: String?) -> License {
        guard let name else { return License(id: "other") }
        let word = Self.word(name)
        let known = table.byName[word] ?? table.byID[word]
        return License(id: "other", name: known?.name ?? name, kind: known?.kind)
    }

    /// Publishers write `Modified MIT`, `modified_mit` and `modified-mit`.
    private static func word(_ name: String) -> String {
        name.lowercased().split(whereSeparator: { $0 == " " || $0 == "_" || $0 == "-" }).joined(separator: "-")
    }
}
