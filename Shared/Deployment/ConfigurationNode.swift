import JSON
import Model

/// One value of a configuration file and the place where it stands, so that every complaint can name both.
struct ConfigurationNode {
    let file: String
    let pointer: JSONPointer
    private let node: JSONNode

    /// The outermost value of a file's text. Repeated keys and deep nesting are refused: nobody wrote either on
    /// purpose.
    init(file: String, parsing bytes: [UInt8]) throws(DeploymentError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: bytes, limits: JSONLimits(depth: 16, bytes: 1 << 20))
        } catch {
            throw DeploymentError(file: file, expected: "JSON (\(error))")
        }
        if let repeated = document.firstDuplicateKey() {
            throw DeploymentError(file: file, pointer: repeated.pointer.text, expected: "each key once")
        }
        self.init(file: file, pointer: .root, node: document.root)
    }

    private init(file: String, pointer: JSONPointer, node: JSONNode) {
        self.file = file
        self.pointer = pointer
        self.node = node
    }

    func expected(_ what: String) -> DeploymentError {
        DeploymentError(file: file, pointer: pointer.text, expected: what)
    }

    /// Checks that this is an object whose keys are all among `known`.
    func checkObject(keys known: [String]) throws(DeploymentError) {
        guard node.kind == .object else { throw expected("an object") }
        for (key, _) in node.members where !known.contains(key) {
            throw DeploymentError(
                file: file, pointer: pointer.appending(key).text,
                expected: "no such key, but \(known.joined(separator: ", "))")
        }
    }

    func required(_ key: String) throws(DeploymentError) -> ConfigurationNode {
        guard let value = optional(key) else {
            throw DeploymentError(file: file, pointer: pointer.appending(key).text, expected: "a value")
        }
        return value
    }

    func optional(_ key: String) -> ConfigurationNode? {
        node[key].map { ConfigurationNode(file: file, pointer: pointer.appending(key), node: $0) }
    }

    /// The elements of an array of at most `limit`.
    func elements(atMost limit: Int) throws(DeploymentError) -> [ConfigurationNode] {
        guard node.kind == .array, node.count <= limit else { throw expected("an array of at most \(limit)") }
        return node.elements.enumerated().map { position, element in
            ConfigurationNode(file: file, pointer: pointer.appending(position), node: element)
        }
    }

    /// Text of 1 to `limit` characters without control characters or spaces at its ends.
    func text(atMost limit: Int) throws(DeploymentError) -> String {
        guard let text = node.string, (1...limit).contains(text.count), text.first != " ", text.last != " ",
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw expected("text of 1 to \(limit) characters") }
        return text
    }

    func whole(in range: ClosedRange<Int>) throws(DeploymentError) -> Int {
        guard let value = node.int64.flatMap(Int.init(exactly:)), range.contains(value) else {
            throw expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func number(in range: ClosedRange<Double>) throws(DeploymentError) -> Double {
        guard let value = node.double, range.contains(value) else {
            throw expected("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

extension ConfigurationNode {
    /// `owner/name`, or the bare name of a legacy model; it becomes part of a URL, so its characters are few.
    func modelID() throws(DeploymentError) -> ModelID {
        let text = try text(atMost: 200)
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(Self.isPathPart) else { throw expected("a model id, owner/name") }
        return ModelID(text)
    }

    private static func isPathPart(_ part: Substring) -> Bool {
        !part.isEmpty && part != "." && part != ".."
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// One of the words of a closed vocabulary.
    func word<Word: RawRepresentable & CaseIterable>(
        of vocabulary: Word.Type
    ) throws(DeploymentError) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: try text(atMost: 40)) else {
            throw expected("one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    /// The version that every table of facts has, and the lines that say where its entries come from.
    func checkTable(keys: [String]) throws(DeploymentError) {
        try checkObject(keys: ["$schema", "version", "provenance"] + keys)
        _ = try required("version").whole(in: 1...1_000_000)
        for line in try required("provenance").elements(atMost: 100) { _ = try line.text(atMost: 300) }
    }
}
