import Crypto
import HTTPServer
import JSON
import Model

/// What a listing call asks for: filters, order, and the part of the result.
struct ListingQuery: Equatable, Sendable {
    static let mostRows = 1_000
    static let sorts = ["createdAt", "downloads", "lastModified", "likes", "trendingScore"]
    static let properties: Set<String> = [
        "author", "baseModels", "cardData", "config", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated",
        "gguf", "inference", "inferenceProviderMapping", "lastModified", "library_name", "likes", "mask_token",
        "model-index", "pipeline_tag", "private", "safetensors", "sha", "siblings", "spaces", "tags",
        "transformersInfo", "trendingScore", "widgetData", "resourceGroup", "evalResults", "childrenModelCount",
    ]

    /// Why a call is refused, in words for its sender.
    struct Refusal: Error, Equatable {
        let message: String
    }

    var limit = mostRows
    var sort: String?
    var filters: [String] = []
    var author: String?
    var search: String?
    var pipeline: String?
    var expand: Set<String> = []
    var offset = 0

    /// Parameters that the recordings cannot answer, such as `full`, are passed over, as the Hub passes over unknown
    /// ones.
    init(_ items: [QueryItem]) throws(Refusal) {
        for item in items {
            switch item.name {
            case "limit":
                guard let number = Int(item.value), number >= 1 else {
                    throw Refusal(message: "limit must be positive")
                }
                limit = min(number, Self.mostRows)
            case "sort":
                guard Self.sorts.contains(item.value) else { throw Refusal(message: "Invalid sort parameter") }
                sort = item.value
            case "filter": filters.append(contentsOf: item.value.split(separator: ",").map(String.init))
            case "author": author = item.value
            case "search": search = item.value.lowercased()
            case "pipeline_tag": pipeline = item.value
            case "expand", "expand[]":
                guard Self.properties.contains(item.value) else {
                    throw Refusal(message: "Invalid expand parameter: \(item.value)")
                }
                expand.insert(item.value)
            case "cursor":
                guard let offset = Cursor.offset(item.value) else { throw Refusal(message: "Invalid cursor") }
                self.offset = offset
            default: break
            }
        }
    }

    /// The rows that match, in the order that was asked for; ties keep the order of the recording.
    func rows(of listing: [RecordedRow]) -> [RecordedRow] {
        let matching = listing.filter(matches)
        switch sort {
        case "downloads": return Self.descending(matching) { $0.downloads }
        case "likes": return Self.descending(matching) { $0.likes }
        case "trendingScore": return Self.descending(matching) { $0.trendingScore }
        case "createdAt": return Self.descending(matching) { $0.createdAt }
        case "lastModified": return Self.descending(matching) { $0.lastModified }
        default: return matching
        }
    }

    private func matches(_ row: RecordedRow) -> Bool {
        if let author, row.author.lowercased() != author.lowercased() { return false }
        if let pipeline, row.pipeline != pipeline { return false }
        if let search, !row.id.text.lowercased().contains(search) { return false }
        return filters.allSatisfy { filter in
            row.tags.contains(filter) || row.pipeline == filter
                || row.members.contains { $0.key == "library_name" && $0.value == .string(filter) }
        }
    }

    private static func descending<Key: Comparable>(
        _ rows: [RecordedRow], by key: (RecordedRow) -> Key?
    ) -> [RecordedRow] {
        rows.enumerated().map { (key($0.element), $0.offset, $0.element) }.sorted { left, right in
            switch (left.0, right.0) {
            case (let one?, let other?) where one != other: one > other
            case (_?, nil): true
            case (nil, _?): false
            default: left.1 < right.1
            }
        }.map(\.2)
    }
}

/// The opaque place in a listing. Like the Hub's it means a place in what is there now, so that rows can repeat or be
/// skipped when the listing moves on between two pages.
enum Cursor {
    static func text(_ offset: Int) -> String {
        Base64.encode([UInt8]("{\"place\":\(offset)}".utf8), .urlSafe)
    }

    static func offset(_ text: String) -> Int? {
        guard let bytes = Base64.decode(text, .urlSafe) else { return nil }
        let json = String(decoding: bytes, as: UTF8.self)
        guard json.hasPrefix("{\"place\":"), json.hasSuffix("}"), let offset = Int(json.dropFirst(9).dropLast()),
            offset >= 0
        else { return nil }
        return offset
    }
}
