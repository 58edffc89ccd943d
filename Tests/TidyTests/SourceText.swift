import TestKit

/// The texts that the rules are about.
enum SourceText {
    static let shared = Repository.files(in: "Shared", ending: ".swift")
    static let processes = Repository.files(in: "Sources", ending: ".swift")
    static let tests = Repository.files(in: "Tests", ending: ".swift")
    /// Everything in Swift that a deployment runs.
    static let product = (shared + processes).filter { !$0.path.hasPrefix("Shared/TestKit/") }
    static let swift = shared + processes + tests + Repository.files(in: "Benchmarks", ending: ".swift")
    static let manifest = Repository.file("Package.swift")?.text ?? ""

    /// Everything that people wrote: not what was captured from elsewhere.
    static let written = Repository.files(in: "").filter { file in
        !["Tests/Fixtures/", "samples/"].contains { file.path.hasPrefix($0) }
    }

    /// Where a file lives: `Shared/Store`, `Sources/api`, `Tests/StoreTests`.
    static func target(of file: Repository.File) -> String {
        file.path.split(separator: "/").prefix(2).joined(separator: "/")
    }
}

/// A function in a source text: its first line, its attributes and its body.
struct Function {
    let name: String
    /// From 1.
    let line: Int
    let lineCount: Int
    let attributes: [Substring]
    let body: ArraySlice<Substring>

    /// Every function and initialiser with a body, found by its indentation: the formatter vouches for that.
    static func all(in file: Repository.File) -> [Function] {
        let lines = file.lines
        return lines.indices.compactMap { start in
            let text = lines[start]
            guard let name = name(declaredIn: text) else { return nil }
            let indent = text.prefix { $0 == " " }
            let rest = lines[(start + 1)...]
            let isShort = text.hasSuffix("}")
            let end = isShort ? start : rest.firstIndex { $0 == indent + "}" || (isOutside($0, indent)) }
            guard let end, isShort || lines[end] == indent + "}" else { return nil }
            return Function(
                name: name, line: start + 1, lineCount: end - start + 1,
                attributes: lines[..<start].reversed().prefix { !$0.isEmpty && $0.drop { $0 == " " } != "}" },
                body: lines[start...end])
        }
    }

    private static func name(declaredIn line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard words.first?.hasPrefix("//") == false else { return nil }
        if let keyword = words.firstIndex(of: "func"), keyword + 1 < words.count,
            words[..<keyword].allSatisfy({ $0.hasPrefix("@") || modifiers.contains(String($0)) })
        {
            return String(words[keyword + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        }
        let isInitialiser = words.first { !modifiers.contains(String($0)) }?.hasPrefix("init") == true
        return isInitialiser ? "init" : nil
    }

    private static let modifiers: Set = [
        "package", "public", "private", "fileprivate", "static", "mutating", "nonisolated", "borrowing", "consuming",
        "override", "convenience", "final", "required", "internal",
    ]

    /// Code that stands further left than the function: it had no body.
    private static func isOutside(_ line: Substring, _ indent: Substring) -> Bool {
        guard let first = line.firstIndex(where: { $0 != " " }) else { return false }
        return line.distance(from: line.startIndex, to: first) < indent.count
    }
}
