import HTTPServer

/// What a reader says it takes, in `Accept` (RFC 9110, section 12.5.1).
enum MediaRange {
    /// Whether one of the types is taken. The most specific range that fits a type decides; no header takes all.
    static func accepts(_ types: [String], _ headers: HeaderFields) -> Bool {
        let ranges = headers.all("Accept").joined(separator: ",").split(separator: ",").compactMap(read)
        guard !ranges.isEmpty else { return true }
        return types.contains { type in
            let (kind, all) = (type.prefix { $0 != "/" } + "/*", "*/*")
            for candidate in [type, String(kind), all] {
                if let found = ranges.first(where: { $0.range == candidate }) { return found.weight > 0 }
            }
            return false
        }
    }

    private static func read(_ text: Substring) -> (range: String, weight: Double)? {
        let words = text.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        guard let range = words.first, !range.isEmpty else { return nil }
        let weight = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
        return (range, weight)
    }
}
