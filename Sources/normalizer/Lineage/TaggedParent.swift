import Model

/// The parent that the tags `base_model:<relation>:<id>` and `base_model:<id>` name.
enum TaggedParent {
    private static let mark = "base_model:"

    /// The first tag with a relation, else the first without one. A model is not its own parent.
    static func read(_ tags: [String], of id: ModelID) -> Parentage? {
        let stated = tags.filter { $0.hasPrefix(mark) }.map { $0.dropFirst(mark.count) }
        for text in stated {
            guard let colon = text.firstIndex(of: ":"), let relation = Relation(stated: String(text[..<colon])),
                let parent = ModelID(upstream: String(text[text.index(after: colon)...])), parent != id
            else { continue }
            return Parentage(parent: parent, relation: relation, source: .tag)
        }
        for text in stated where !text.contains(":") {
            guard let parent = ModelID(upstream: String(text)), parent != id else { continue }
            return Parentage(parent: parent, relation: .unspecified, source: .tag)
        }
        return nil
    }
}

extension Relation {
    /// The upstream's own four words.
    init?(stated word: String) {
        guard let relation = Relation(rawValue: word), relation != .unspecified else { return nil }
        self = relation
    }
}
