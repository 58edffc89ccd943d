import Deployment
import Model

/// Which model another one was made from, where the upstream does not say so.
struct LineageRules: Sendable {
    private let table: ParentTable

    init(_ table: ParentTable) {
        self.table = table
    }

    /// What the upstream states stands; then the model's type, then the curated table.
    func parentage(of id: ModelID, stated: Parentage?, modelType: String?) -> Parentage? {
        if let stated { return stated }
        let found = modelType.flatMap { table.modelTypes[$0] } ?? table.models[id]
        return found?.parent == id ? nil : found
    }
}
