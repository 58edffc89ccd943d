import TestKit
import Testing

/// What `Package.swift` says about the targets: read from its text, so that there is one graph and no copy of it.
struct ManifestTarget: Sendable, CustomTestStringConvertible {
    enum Role: String, Sendable {
        case shared, library, process, testProcess, benchmark, tests
    }

    let role: Role
    /// As in the manifest; a test target's has `Tests` at its end.
    let name: String
    let needs: Set<String>

    var testDescription: String { name }

    var folder: String {
        switch role {
        case .shared, .library: "Shared/" + name
        case .process: "Sources/" + name
        case .benchmark: "Benchmarks/" + name
        case .testProcess, .tests: "Tests/" + name
        }
    }

    var files: [Repository.File] { Repository.files(in: folder, ending: ".swift") }

    static let all: [ManifestTarget] = {
        let list =
            SourceText.manifest.ranges(of: "targets: [").first.map { SourceText.manifest[$0.upperBound...] } ?? ""
        return entries(in: list).compactMap { entry in
            guard let open = entry.firstIndex(of: "(") else { return nil }
            let call = entry[..<open].drop { $0 == " " || $0 == "\n" }
            let names = quoted(
                in: entry[open...].ranges(of: "resources:").first.map { entry[open..<$0.lowerBound] } ?? entry[open...])
            guard let name = names.first else { return nil }
            switch call {
            case "shared": return ManifestTarget(role: .shared, name: name, needs: Set(names.dropFirst()))
            case "library", ".target", ".systemLibrary": return ManifestTarget(role: .library, name: name, needs: [])
            case "process": return ManifestTarget(role: .process, name: name, needs: Set(names.dropFirst()))
            case "testProcess": return ManifestTarget(role: .testProcess, name: name, needs: Set(names.dropFirst()))
            case "benchmark", "benchmarkLibrary":
                return ManifestTarget(role: .benchmark, name: name, needs: Set(names.dropFirst()))
            case "tests": return ManifestTarget(role: .tests, name: name + "Tests", needs: Set(names.dropFirst()))
            default: return nil
            }
        }
    }()

    /// The list's elements: everything up to a comma outside parentheses, comments left out.
    private static func entries(in list: Substring) -> [Substring] {
        let code = list.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
        var entries: [Substring] = []
        var (depth, start) = (0, code.startIndex)
        for index in code.indices {
            switch code[index] {
            case "(", "[": depth += 1
            case ")": depth -= 1
            case "]":
                depth -= 1
                if depth < 0 { return entries + [code[start..<index]] }
            case "," where depth == 0:
                entries.append(code[start..<index])
                start = code.index(after: index)
            default: break
            }
        }
        return entries
    }

    private static func quoted(in text: Substring) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }
}
