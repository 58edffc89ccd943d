import Crypto
import JSON
import Model

/// One model of a recorded listing, under the Hub's own key names.
struct RecordedRow: Sendable {
    let id: ModelID
    let author: String
    let downloads: Double?
    let likes: Double?
    let trendingScore: Double?
    let createdAt: String?
    let lastModified: String?
    let pipeline: String?
    let tags: [String]
    /// Keys and values in the order in which they are written.
    let members: [JSONMember]

    /// What recorders renamed.
    private static let hubKeys = ["pipelineTag": "pipeline_tag", "libraryName": "library_name"]
    /// What recorders added, and what is written first here.
    private static let dropped: Set<String> = [
        "rank", "url", "source", "min_size", "max_size", "trending", "numParameters", "id", "_id", "modelId", "author",
    ]

    /// `nil` for what has no id: such a row could not be asked for.
    init?(_ node: JSONNode) {
        guard let text = (node["id"] ?? node["modelId"])?.string, !text.isEmpty else { return nil }
        id = ModelID(text)
        author = node["author"]?.string ?? id.owner
        downloads = node["downloads"]?.double
        likes = node["likes"]?.double
        trendingScore = node["trendingScore"]?.double
        createdAt = node["createdAt"]?.string
        lastModified = node["lastModified"]?.string
        pipeline = (node["pipeline_tag"] ?? node["pipelineTag"])?.string
        tags = node["tags"]?.elements.compactMap(\.string) ?? []
        members = Self.members(node, id: text, author: author)
    }

    private static func members(_ node: JSONNode, id: String, author: String) -> [JSONMember] {
        // The Hub's own object ids were not recorded; this one is as stable and looks alike.
        let objectID = node["_id"]?.string ?? String(SHA256.digest([UInt8](id.utf8)).hex.prefix(24))
        var members = [
            JSONMember("_id", .string(objectID)), JSONMember("id", .string(id)), JSONMember("modelId", .string(id)),
            JSONMember("author", .string(author)),
        ]
        if node["private"] == nil { members.append(JSONMember("private", .bool(false))) }
        for (key, value) in node.members where !dropped.contains(key) {
            members.append(JSONMember(hubKeys[key] ?? key, value.value))
        }
        if let count = node["numParameters"]?.double, node["safetensors"] == nil {
            members.append(
                JSONMember(
                    "safetensors",
                    .object([JSONMember("parameters", .object([])), JSONMember("total", .integer(Int64(count)))])))
        }
        return members
    }

    /// - Parameter expand: the properties that were asked for; empty means all.
    func value(expand: Set<String>) -> JSONValue {
        guard !expand.isEmpty else { return .object(members) }
        return .object(members.filter { $0.key == "_id" || $0.key == "id" || expand.contains($0.key) })
    }

    /// The same row as a broken upstream would send it.
    func broken(_ place: Int, expand: Set<String>) -> JSONValue {
        guard case .object(var members) = value(expand: expand) else { return .null }
        for (index, member) in members.enumerated() {
            switch (member.key, place % 3) {
            case ("id", 0), ("modelId", 0): members[index] = JSONMember(member.key, .integer(Int64(place)))
            case ("downloads", 1): members[index] = JSONMember(member.key, .string("many"))
            case ("tags", 2): members[index] = JSONMember(member.key, .bool(true))
            default: break
            }
        }
        return .object(members)
    }
}
