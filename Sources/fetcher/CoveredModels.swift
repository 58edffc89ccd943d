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
            let root = try? JSONDocument(parsing: body).root,
            let rows = root.kind == .object ? root["models"] : root, rows.kind == .array
        else { return }
        hasListing = true
        for row in rows.elements where row.kind == .object {
            if let id = row["id"]?.string { ids.insert(id) }
        }
    }

    var count: Int { ids.count }

    func contains(_ id: String) -> Bool { ids.contains(id) }
}
