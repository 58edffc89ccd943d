import TestKit

/// Every SQL text of the store, read from its sources: the first argument of each `Query`. There is no list to keep
/// and to forget.
struct SourceStatement: Sendable, CustomStringConvertible {
    let file: String
    let sql: String

    var description: String { "\(file): \(sql.split(separator: "\n").first ?? "")" }

    static let sources = Repository.files(in: "Shared/Store", ending: ".swift")

    static let all: [SourceStatement] = sources.flatMap { file in
        calls(in: file.text).compactMap { rest in
            literal(at: rest).map { SourceStatement(file: file.name, sql: $0) }
        }
    }

    /// Calls of `Query` whose first argument is no literal, so that nothing here has seen their text.
    static let unseen: [String] = sources.flatMap { file in
        calls(in: file.text).filter { literal(at: $0) == nil }.map { "\(file.path): \($0.prefix(60))" }
    }

    /// What follows the opening parenthesis of each `Query(` and `Query<…>(`.
    private static func calls(in text: String) -> [Substring] {
        text.ranges(of: "Query").compactMap { found in
            var rest = text[found.upperBound...]
            if let before = text[..<found.lowerBound].last, before.isLetter { return nil }
            if rest.first == "<" {
                var depth = 0
                guard
                    let end = rest.firstIndex(where: { character in
                        depth += character == "<" ? 1 : character == ">" ? -1 : 0
                        return depth == 0
                    })
                else { return nil }
                rest = rest[rest.index(after: end)...]
            }
            return rest.first == "(" ? rest.dropFirst().drop(while: \.isWhitespace) : nil
        }
    }

    private static func literal(at text: Substring) -> String? {
        let mark = text.hasPrefix("\"\"\"") ? "\"\"\"" : "\""
        guard text.hasPrefix(mark) else { return nil }
        let body = text.dropFirst(mark.count)
        guard let end = body.ranges(of: mark).first else { return nil }
        return String(body[..<end.lowerBound])
    }
}
