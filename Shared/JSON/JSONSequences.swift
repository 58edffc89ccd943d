/// The elements of an array in order. Empty for anything but an array.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private let document: JSONDocument
    private var cursor: JSONCursor?

    init(_ node: JSONNode) {
        document = node.document
        cursor = node.kind == .array ? JSONCursor(node) : nil
    }

    package mutating func next() -> JSONNode? {
        guard let index = cursor?.next() else { return nil }
        return JSONNode(document: document, index: index)
    }
}

/// The members of an object in the order of the text, repeated keys included. Empty for anything but an object.
package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private let document: JSONDocument
    private var cursor: JSONCursor?

    init(_ node: JSONNode) {
        document = node.document
        cursor = node.kind == .object ? JSONCursor(node) : nil
    }

    package mutating func next() -> (key: String, value: JSONNode)? {
        guard let key = cursor?.next(), let value = cursor?.next() else { return nil }
        let text = unsafe document.withString(at: key) { unsafe String(decoding: $0, as: UTF8.self) }
        return (text, JSONNode(document: document, index: value))
    }
}

extension JSONNode {
    package var elements: JSONElements { JSONElements(self) }

    package var members: JSONMembers { JSONMembers(self) }

    /// Runs `body` with each element of an array; does nothing for anything else.
    package func forEachElement<Failure: Error>(_ body: (JSONNode) throws(Failure) -> Void) throws(Failure) {
        for element in elements { try body(element) }
    }

    /// Runs `body` with each member of an object; does nothing for anything else.
    package func forEachMember<Failure: Error>(
        _ body: (_ key: String, _ value: JSONNode) throws(Failure) -> Void
    ) throws(Failure) {
        for (key, value) in members { try body(key, value) }
    }
}
