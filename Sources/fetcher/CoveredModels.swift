import Compression
import JSON
import Store

/// The ids that the pages of a refresh have, so that nothing is asked for twice.
struct CoveredModels {
    private var ids: Set<String> = []
    /// Whether any page is a listing that can be read.
    private(set) var hasListing = false

    /// Takes in one page; its body is not kept.
    mutating func add(_ page: Page) {
        guard page.model == nil, page.status == 200 || page.status == 304,
            let body = try? Gzip.decompress(page.bodyGzip, limit: 256 << 20),
            let rows = try? JSONRows(parsing: body, under: "models").rows
        else { return }
        hasListing = true
        for case .good(let row) in rows where row.kind == .object {
            if let id = row["id"]?.string { ids.insert(id) }
        }
    }

    var count: Int { ids.count }

    func contains(_ id: String) -> Bool { ids.contains(id) }
}
