import JSON
import Model

/// What is wrong with a price book, and where: a JSON pointer (RFC 6901) and what was expected there.
package struct PriceBookError: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    package let pointer: String
    package let expected: String

    package var description: String {
        pointer.isEmpty ? "\(file): expected \(expected)" : "\(file): at \(pointer) expected \(expected)"
    }
}

extension PriceBook {
    /// The largest file that is read, in bytes.
    package static let fileLimit = 32 << 20

    /// Reads a price book file: `{version, effectiveFrom, publishedAt, source, prices: [{provider, model, bucket,
    /// minContextTokens, nanoUsdPerMillion, validFrom?, validTo?}]}`. It is taken whole or not at all.
    package init(parsing bytes: [UInt8], file: String) throws(PriceBookError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: bytes, limits: JSONLimits(depth: 16, bytes: Self.fileLimit))
        } catch {
            throw PriceBookError(file: file, pointer: "", expected: "JSON (\(error))")
        }
        let root = BookNode(file: file, pointer: .root, node: document.root)
        try root.checkKeys(["$schema", "version", "effectiveFrom", "publishedAt", "source", "provenance", "prices"])
        let version = try root.required("version").text(atMost: 100)
        guard version != Self.providerNative, version != Self.legacyUnknown else {
            throw try root.required("version").expected("another version: this word has a meaning of its own")
        }
        if let provenance = root.optional("provenance") {
            for line in try provenance.elements(atMost: 100) { _ = try line.text(atMost: 500) }
        }
        var prices: [Price] = []
        var seen: Set<Price.Place> = []
        for node in try root.required("prices").elements(atMost: 200_000) {
            let price = try Price(node)
            guard seen.insert(price.place).inserted else {
                throw node.expected("one price for a provider, model, bucket, context and validFrom, not two")
            }
            prices.append(price)
        }
        guard !prices.isEmpty else { throw try root.required("prices").expected("at least one price") }
        self.init(
            version: version, effectiveFrom: try root.required("effectiveFrom").moment(),
            publishedAt: try root.required("publishedAt").moment(),
            source: try root.required("source").text(atMost: 500),
            prices: prices)
    }
}

extension Price {
    /// What no two prices of a book share.
    fileprivate struct Place: Hashable {
        let provider: String
        let model: String
        let bucket: TokenBucket
        let context: Int64
        let from: Timestamp?
    }

    fileprivate var place: Place {
        Place(provider: provider, model: model, bucket: bucket, context: minContextTokens, from: validFrom)
    }

    fileprivate init(_ node: BookNode) throws(PriceBookError) {
        try node.checkKeys([
            "provider", "model", "bucket", "minContextTokens", "nanoUsdPerMillion", "validFrom", "validTo",
        ])
        let word = try node.required("bucket")
        guard let bucket = TokenBucket(rawValue: try word.text(atMost: 40)) else {
            throw word.expected("one of " + TokenBucket.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let from = try node.optional("validFrom")?.moment()
        let until = try node.optional("validTo")?.moment(endOfDay: true)
        if let from, let until, until <= from {
            throw try node.required("validTo").expected("a moment after validFrom")
        }
        self.init(
            provider: try node.required("provider").text(atMost: 100).lowercased(),
            model: try node.required("model").text(atMost: 200), bucket: bucket,
            minContextTokens: try node.optional("minContextTokens")?.whole(in: 0...1_000_000_000_000) ?? 0,
            nanoUSDPerMillion: try node.required("nanoUsdPerMillion").whole(in: 0...1_000_000_000_000_000),
            validFrom: from, validUntil: until)
    }
}

/// One value of a price book with its place.
private struct BookNode {
    let file: String
    let pointer: JSONPointer
    let node: JSONNode

    func expected(_ what: String) -> PriceBookError {
        PriceBookError(file: file, pointer: pointer.text, expected: what)
    }

    func checkKeys(_ known: [String]) throws(PriceBookError) {
        guard node.kind == .object else { throw expected("an object") }
        var seen: Set<String> = []
        for (key, _) in node.members {
            let place = BookNode(file: file, pointer: pointer.appending(key), node: node)
            guard known.contains(key) else { throw place.expected("no such key, but \(known.joined(separator: ", "))") }
            guard seen.insert(key).inserted else { throw place.expected("the key once") }
        }
    }

    /// `null` is as good as nothing.
    func optional(_ key: String) -> BookNode? {
        guard let value = node[key], !value.isNull else { return nil }
        return BookNode(file: file, pointer: pointer.appending(key), node: value)
    }

    func required(_ key: String) throws(PriceBookError) -> BookNode {
        guard let value = optional(key) else {
            throw PriceBookError(file: file, pointer: pointer.appending(key).text, expected: "a value")
        }
        return value
    }

    func elements(atMost limit: Int) throws(PriceBookError) -> [BookNode] {
        guard node.kind == .array, node.count <= limit else { throw expected("an array of at most \(limit)") }
        return node.elements.enumerated().map {
            BookNode(file: file, pointer: pointer.appending($0.offset), node: $0.element)
        }
    }

    func text(atMost limit: Int) throws(PriceBookError) -> String {
        guard let text = node.string, (1...limit).contains(text.count), text.first != " ", text.last != " ",
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw expected("text of 1 to \(limit) characters") }
        return text
    }

    func whole(in range: ClosedRange<Int64>) throws(PriceBookError) -> Int64 {
        let value = node.int64 ?? node.double.flatMap { Int64(exactly: $0) }
        guard let value, range.contains(value) else {
            throw expected("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// - Parameter endOfDay: a date alone means all of it, so what ends with it ends with the next.
    func moment(endOfDay: Bool = false) throws(PriceBookError) -> Timestamp {
        guard let text = node.string, let moment = Timestamp(rfc3339: text) else {
            throw expected("a time like 2026-05-04T08:43:19Z, or a date")
        }
        return endOfDay && text.utf8.count == 10 ? moment + .days(1) : moment
    }
}
