import JSON
import Model

extension ListingRow {
    /// The licence's identifier, from the tag `license:…`, else from the card; and the name that the card gives it.
    func license(tags: [String]) throws(Violation) -> License? {
        let card = try object("cardData")
        let name = try text(in: card, "license_name", at: "/cardData/license_name").map(Self.onOneLine)
        if let tag = tags.first(where: { $0.hasPrefix("license:") && $0.utf8.count > 8 }) {
            return License(id: String(tag.dropFirst(8)), name: name)
        }
        guard let node = card?["license"], !node.isNull else { return nil }
        // A card with several is rare; the tags, which the upstream makes of them, have the same first one.
        let id = node.string ?? node[0]?.string
        return id.flatMap { $0.isEmpty ? nil : License(id: Self.onOneLine($0), name: name) }
    }

    /// Exact counts only, from the weight files' headers.
    func parameters() throws(Violation) -> ParameterCount? {
        let safetensors = try object("safetensors")
        let gguf = try object("gguf")
        if let (_, node) = field(["numParameters"]) {
            guard let value = node.double, value >= 0, value < 9e15, value.rounded() == value else {
                throw Violation(pointer: "/numParameters", reason: "must be a whole number of at least 0")
            }
            if value > 0 { return ParameterCount(total: Int64(value), source: .safetensors) }
        }
        if let safetensors, let total = try Self.unpacked(safetensors) {
            return ParameterCount(total: total, source: .safetensors)
        }
        guard let gguf, let total = try Self.total(of: gguf, at: "/gguf/total") else { return nil }
        return ParameterCount(total: total, source: .gguf)
    }

    /// A total counts packed words, not parameters, once a quantised type is among the types. Indices and masks are
    /// no parameters either, but they are counted apart.
    private static func unpacked(_ headers: JSONNode) throws(Violation) -> Int64? {
        guard let total = try total(of: headers, at: "/safetensors/total") else { return nil }
        var others: Int64 = 0
        for (type, node) in headers["parameters"]?.members.map({ $0 }) ?? [] {
            if weights.contains(type) { continue }
            guard indices.contains(type), let count = node.int64, count >= 0, count < total else { return nil }
            others += count
        }
        return others < total ? total - others : nil
    }

    private static let weights: Set = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"]
    private static let indices: Set = ["I64", "BOOL"]

    private static func total(of object: JSONNode, at pointer: String) throws(Violation) -> Int64? {
        guard let node = object["total"], !node.isNull else { return nil }
        guard node.double != nil else { throw Violation(pointer: pointer, reason: "must be a number") }
        return node.int64.flatMap { (1..<1 << 53).contains($0) ? $0 : nil }
    }

    func modelType() throws(Violation) -> String? {
        try text(in: object("config"), "model_type", at: "/config/model_type")
    }

    private func text(in object: JSONNode?, _ key: String, at pointer: String) throws(Violation) -> String? {
        guard let node = object?[key], !node.isNull else { return nil }
        guard let text = node.string else { throw Violation(pointer: pointer, reason: "must be a string") }
        return text.isEmpty ? nil : text
    }
}

extension ListingRow {
    /// The parent that the upstream states, from its most trusted place. A model is not its own parent.
    func parentage(of listing: Listing) throws(Violation) -> Parentage? {
        let candidates = [
            try baseModels(of: listing.id), TaggedParent.read(listing.tags, of: listing.id),
            try cardParent(of: listing.id), try adapted(by: listing.id),
        ]
        return candidates.lazy.compactMap { $0 }.first
    }

    private func baseModels(of id: ModelID) throws(Violation) -> Parentage? {
        guard let stated = try object("baseModels"), let list = stated["models"], !list.isNull else { return nil }
        guard list.kind == .array else { throw Violation(pointer: "/baseModels/models", reason: "must be an array") }
        let relation = try text(in: stated, "relation", at: "/baseModels/relation")
        var parents: [ModelID] = []
        for (index, model) in list.elements.enumerated() {
            guard let text = model["id"]?.string else {
                throw Violation(pointer: "/baseModels/models/\(index)/id", reason: "must be a string")
            }
            if let parent = ModelID(upstream: text), parent != id { parents.append(parent) }
        }
        return parents.first.map { parent in
            Parentage(
                parent: parent, relation: relation.flatMap { Relation(stated: $0) } ?? .unspecified,
                source: .baseModels)
        }
    }

    /// Of several parents, which make a merge, the first.
    private func cardParent(of id: ModelID) throws(Violation) -> Parentage? {
        guard let card = try object("cardData"), let stated = card["base_model"], !stated.isNull else { return nil }
        let wrong = Violation(pointer: "/cardData/base_model", reason: "must be a string or an array of strings")
        var names: [String] = []
        if let name = stated.string {
            names.append(name)
        } else {
            guard stated.kind == .array else { throw wrong }
            for element in stated.elements {
                guard let name = element.string else { throw wrong }
                names.append(name)
            }
        }
        let word = try text(in: card, "base_model_relation", at: "/cardData/base_model_relation")
        let parents = names.compactMap { ModelID(upstream: $0) }.filter { $0 != id }
        let unstated: Relation = parents.count > 1 ? .merge : .unspecified
        return parents.first.map { parent in
            Parentage(parent: parent, relation: word.flatMap { Relation(stated: $0) } ?? unstated, source: .cardData)
        }
    }

    /// An adapter's configuration names what it is loaded into; a folder of its author's machine is no model.
    private func adapted(by id: ModelID) throws(Violation) -> Parentage? {
        guard let peft = try object("config")?["peft"], peft.kind == .object,
            let name = try text(in: peft, "base_model_name_or_path", at: "/config/peft/base_model_name_or_path"),
            let first = name.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "~"),
            let parent = ModelID(upstream: name), parent != id
        else { return nil }
        return Parentage(parent: parent, relation: .adapter, source: .peft)
    }
}
