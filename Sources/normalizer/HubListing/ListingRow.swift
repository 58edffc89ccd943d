import JSON
import Model

/// What one row of a Hub listing says: the listing as its upstream states it, before anything is derived.
struct HubRow: Equatable, Sendable {
    /// Its parameters, licence and parentage are those that the upstream states; it has no capabilities yet.
    var listing: Listing
    /// The architecture, such as `qwen3_moe`.
    var modelType: String?
}

/// The contract for one row of a Hub listing: how a JSON object becomes a ``HubRow``.
///
/// The Hub's own key names and the camelCase ones of recordings are both taken. `id` is required; any other field may
/// be missing or null; unknown keys are ignored. A field of the wrong type breaks the row, and only the row.
struct ListingRow {
    /// What is wrong with a row, and where in it.
    struct Violation: Error, Equatable {
        let pointer: String
        let reason: String
    }

    let row: JSONNode

    /// Reads a row, or says what is wrong with it.
    static func read(_ row: JSONNode) throws(Violation) -> HubRow {
        guard row.kind == .object else { throw Violation(pointer: "", reason: "a row must be an object") }
        let reading = ListingRow(row: row)
        return HubRow(listing: try reading.listing(), modelType: try reading.modelType())
    }

    /// The id that a row claims, whatever else is wrong with it.
    static func claimedID(_ row: JSONNode) -> String? {
        row.kind == .object ? row["id"]?.string.map { String($0.prefix(200)) } : nil
    }

    private func listing() throws(Violation) -> Listing {
        var listing = Listing(id: try id(), provider: try text(["author"]))
        listing.downloads = try counter(["downloads"])
        listing.downloadsAllTime = try counter(["downloadsAllTime"])
        listing.likes = try counter(["likes"])
        listing.trendingScore = try number("trendingScore")
        listing.createdAt = try moment("createdAt")
        listing.lastModified = try moment("lastModified")
        listing.gated = try gated()
        listing.library = try text(["library_name", "libraryName"])
        listing.pipeline = try text(["pipeline_tag", "pipelineTag"])
        listing.tags = try tags()
        listing.license = try license(tags: listing.tags)
        listing.parameters = try parameters()
        listing.parentage = try parentage(of: listing)
        listing.isPrivate = try flag("private") ?? false
        // Nothing here rests on them, but a row in which they are broken is not to be trusted.
        _ = try flag("disabled")
        try checkProviders()
        return listing
    }

    private func id() throws(Violation) -> ModelID {
        guard let node = row["id"], !node.isNull else { throw Violation(pointer: "/id", reason: "is required") }
        guard let text = node.string else { throw Violation(pointer: "/id", reason: "must be a string") }
        guard let id = ModelID(upstream: text) else { throw Violation(pointer: "/id", reason: "must be owner/name") }
        return id
    }

    func field(_ names: [String]) -> (name: String, node: JSONNode)? {
        for name in names {
            if let node = row[name], !node.isNull { return (name, node) }
        }
        return nil
    }

    private func text(_ names: [String]) throws(Violation) -> String? {
        guard let (name, node) = field(names) else { return nil }
        guard let text = node.string else { throw Violation(pointer: "/\(name)", reason: "must be a string") }
        return text.isEmpty ? nil : text
    }

    private func counter(_ names: [String]) throws(Violation) -> Int64? {
        guard let (name, node) = field(names) else { return nil }
        // `3.0` is the same number as `3`.
        guard let value = node.int64 ?? node.double.flatMap({ Int64(exactly: $0) }), value >= 0, value < 1 << 53 else {
            throw Violation(pointer: "/\(name)", reason: "must be a whole number of at least 0")
        }
        return value
    }

    private func number(_ name: String) throws(Violation) -> Double? {
        guard let (_, node) = field([name]) else { return nil }
        guard let value = node.double, value.isFinite else {
            throw Violation(pointer: "/\(name)", reason: "must be a number")
        }
        return value
    }

    private func moment(_ name: String) throws(Violation) -> Timestamp? {
        guard let (_, node) = field([name]) else { return nil }
        guard let moment = node.string.flatMap({ Timestamp(rfc3339: $0) }) else {
            throw Violation(pointer: "/\(name)", reason: "must be an RFC 3339 time")
        }
        return moment
    }

    private func gated() throws(Violation) -> Gated? {
        guard let (_, node) = field(["gated"]) else { return nil }
        if node.bool == false { return .no }
        if node.equals("auto") { return .automatic }
        if node.equals("manual") { return .manual }
        throw Violation(pointer: "/gated", reason: "must be false, \"auto\" or \"manual\"")
    }

    private func tags() throws(Violation) -> [String] {
        guard let (_, node) = field(["tags"]) else { return [] }
        guard node.kind == .array else { throw Violation(pointer: "/tags", reason: "must be an array") }
        var tags: [String] = []
        for (index, element) in node.elements.enumerated() {
            guard let tag = element.string else {
                throw Violation(pointer: "/tags/\(index)", reason: "must be a string")
            }
            tags.append(Self.onOneLine(tag))
        }
        return tags
    }

    /// A line break would end the tag where tags are stored as lines; a carriage return would become one character
    /// with the line break behind it, and hide it.
    static func onOneLine(_ tag: String) -> String {
        guard tag.utf8.contains(where: { $0 == 10 || $0 == 13 }) else { return tag }
        return String(decoding: tag.utf8.map { $0 == 10 || $0 == 13 ? 32 : $0 }, as: UTF8.self)
    }

    private func flag(_ name: String) throws(Violation) -> Bool? {
        guard let (_, node) = field([name]) else { return nil }
        guard let flag = node.bool else { throw Violation(pointer: "/\(name)", reason: "must be true or false") }
        return flag
    }

    /// A list in listings, an object in the answer for one model.
    private func checkProviders() throws(Violation) {
        guard let (name, node) = field(["inferenceProviderMapping"]), node.kind != .array, node.kind != .object
        else { return }
        throw Violation(pointer: "/\(name)", reason: "must be an array or an object")
    }

    func object(_ name: String) throws(Violation) -> JSONNode? {
        guard let (_, node) = field([name]) else { return nil }
        guard node.kind == .object else { throw Violation(pointer: "/\(name)", reason: "must be an object") }
        return node
    }
}

extension ModelID {
    /// An id as the upstream writes it: `owner/name`, or the bare name of a legacy model.
    init?(upstream text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f }
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }), isPlain, text.utf8.count <= 200
        else { return nil }
        self.init(text)
    }
}
