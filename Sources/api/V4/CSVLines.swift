import JSON
import Model

/// One model a line in the columns of the contract: RFC 4180, lines ended by CR LF.
///
/// A text that begins like a formula (`= + - @`, TAB, CR) gets a `'` in front, so that a spreadsheet shows it and does
/// not run it (OWASP, "CSV Injection"). Numbers never do.
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

    var header: [UInt8] { Array((Self.columns.joined(separator: ",") + "\r\n").utf8) }

    func append(_ row: Int, to bytes: inout [UInt8]) {
        let standing = index.standing(row, profile: profile)
        let (listing, scores, deltas) = (standing.listing, standing.scores, standing.deltas)
        var line = Line(isSafe: isSafe)
        line.text(listing.id.text)
        line.text(listing.id.name)
        line.text(listing.provider)
        let isListed = index.isListed(row)
        line.number(isListed ? Int64(standing.rank) : nil)
        for score in [isListed ? scores.total : nil, scores.adoption, scores.ecosystem, scores.velocity] {
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
        line.text(isListed ? standing.family.root.text : nil)
        line.text(standing.family.parentage?.relation.rawValue)
        line.text(listing.capabilities.map(\.capability.rawValue).joined(separator: ";"))
        line.text(listing.gated?.rawValue)
        line.text(listing.isPrivate ? "private" : "public")
        line.text(listing.lastModified?.rfc3339)
        line.text(listing.createdAt?.rfc3339)
        line.text(index.observedAt(row)?.rfc3339)
        bytes += line.finished()
    }

    /// A line that is being written.
    struct Line {
        private var bytes: [UInt8] = []
        private var isFirst = true
        private let isSafe: Bool

        init(isSafe: Bool) {
            self.isSafe = isSafe
        }

        private mutating func separate() {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
        }

        /// What is unknown is an empty field.
        mutating func text(_ text: String?) {
            separate()
            guard let text, let first = text.utf8.first else { return }
            var field = Array(text.utf8)
            if isSafe, "=+-@\t\r".utf8.contains(first) { field.insert(UInt8(ascii: "'"), at: 0) }
            guard field.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return bytes += field }
            bytes.append(UInt8(ascii: "\""))
            for byte in field {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }

        mutating func number(_ value: Int64?) {
            separate()
            if let value { bytes += Array(String(value).utf8) }
        }

        mutating func number(_ value: Double?) {
            separate()
            guard let value else { return }
            var json = JSONWriter(capacity: 24)
            json.double(value)
            bytes += json.finished()
        }

        consuming func finished() -> [UInt8] { bytes + [13, 10] }
    }
}
