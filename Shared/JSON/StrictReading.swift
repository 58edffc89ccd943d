/// A key that an object holds twice, which RFC 8259 leaves undefined and a strict reader refuses.
package struct JSONDuplicateKey: Hashable, Sendable {
    /// The place of the member, key included.
    package let pointer: JSONPointer
    package let key: String
}

extension JSONDocument {
    /// The first object (in the order of the text) with a repeated key, or `nil`.
    package func firstDuplicateKey() -> JSONDuplicateKey? {
        root.firstDuplicateKey(at: .root)
    }

    /// The first string or key that holds U+0000, or `nil`. JSON allows it; databases and C libraries cut text there.
    package func firstNullCharacter() -> JSONPointer? {
        root.firstNullCharacter(at: .root)
    }
}

extension JSONNode {
    fileprivate func firstDuplicateKey(at pointer: JSONPointer) -> JSONDuplicateKey? {
        switch kind {
        case .object:
            if let key = repeatedKey() {
                return JSONDuplicateKey(pointer: pointer.appending(key), key: key)
            }
            for (key, value) in members where value.isContainer {
                if let found = value.firstDuplicateKey(at: pointer.appending(key)) { return found }
            }
        case .array:
            for (position, element) in elements.enumerated() where element.isContainer {
                if let found = element.firstDuplicateKey(at: pointer.appending(position)) { return found }
            }
        default: break
        }
        return nil
    }

    fileprivate var isContainer: Bool { kind == .object || kind == .array }

    /// Swift compares strings by canonical equivalence; JSON names are equal only when their code points are.
    private func repeatedKey() -> String? {
        var seen = Set<[UInt8]>()
        for (key, _) in members where !seen.insert([UInt8](key.utf8)).inserted { return key }
        return nil
    }

    fileprivate func firstNullCharacter(at pointer: JSONPointer) -> JSONPointer? {
        switch kind {
        case .string: return string?.utf8.contains(0) == true ? pointer : nil
        case .object:
            for (key, value) in members {
                let place = pointer.appending(key)
                if key.utf8.contains(0) { return place }
                if let found = value.firstNullCharacter(at: place) { return found }
            }
        case .array:
            for (position, element) in elements.enumerated() {
                if let found = element.firstNullCharacter(at: pointer.appending(position)) { return found }
            }
        default: break
        }
        return nil
    }
}
