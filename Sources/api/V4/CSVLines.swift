import Model

/// One model a line in the columns of the contract.
struct CSVLines: ExportLines {
    static let columns = [
        "id", "name", "provider", "rank", "score", "adoption", "ecosystem", "velocity", "downloads", "downloads24h",
        "downloads7d", "likes", "likes24h", "likes7d", "trendingScore", "parameters", "parameterClass", "license",
        "licenseClass", "pipeline", "library", "family", "relation", "capabilities", "gated", "access", "lastModified",
        "createdAt", "observedAt",
    ]

    let index: ModelIndex
    let profile: String
    let isSafe: Bool

    var header: [UInt8] { CSVLine.header(Self.columns) }

    func append(_ row: Int, to bytes: inout [UInt8]) {
        let standing = index.standing(row, profile: profile)
        let (listing, scores, deltas) = (standing.listing, standing.scores, standing.deltas)
        var line = CSVLine(isSafe: isSafe)
        line.text(listing.id.text)
        line.text(listing.id.name)
        line.text(listing.provider)
        line.number(index.isListed(row) ? Int64(standing.rank) : nil)
        for score in [scores.total, scores.adoption, scores.ecosystem, scores.velocity] {
            line.number(score?.value)
        }
        line.number(listing.downloads)
        line.number(deltas.downloads24h.value)
        line.number(deltas.downloads7d.value)
        line.number(listing.likes)
        line.number(deltas.likes24h.value)
        line.number(deltas.likes7d.value)
        line.number(listing.trendingScore)
        line.number(listing.parameters?.total)
        line.text(listing.parameters?.sizeClass.rawValue)
        line.text(listing.license?.id)
        line.text(listing.license?.kind?.rawValue)
        line.text(listing.pipeline)
        line.text(listing.library)
        line.text(index.isListed(row) ? standing.family.root.text : nil)
        line.text(standing.family.parentage?.relation.rawValue)
        line.text(listing.capabilities.map(\.capability.rawValue).joined(separator: ";"))
        line.text(listing.gated?.rawValue)
        line.text(listing.isPrivate ? "private" : "public")
        line.text(listing.lastModified?.rfc3339)
        line.text(listing.createdAt?.rfc3339)
        line.text(index.observedAt(row)?.rfc3339)
        bytes += line.finished()
    }
}
