import FoundationEssentials
import TestKit
import Testing

/// The size and the form of files.
@Suite struct FormTests {
    @Test func thereAreFilesToCheck() {
        #expect(SourceText.shared.count > 80 && SourceText.processes.count > 30 && SourceText.tests.count > 50)
        #expect(SourceText.written.count > 200)
        #expect(SourceText.swift.map { Function.all(in: $0).count }.reduce(0, +) > 800)
    }

    @Test func aFileFitsIntoOneHead() {
        for file in SourceText.swift where file.lines.count > 400 {
            Issue.record("\(file.path) has \(file.lines.count) lines: split it by noun")
        }
    }

    @Test func linesFitTheScreen() {
        let endings = [".swift", ".sql", ".h", ".cpp", ".sh", ".py", ".css", ".js", ".mjs"]
        for file in SourceText.written where endings.contains(where: file.path.hasSuffix) {
            for (index, line) in file.lines.enumerated() where line.utf8.count > 120 && line.count > 120 {
                Issue.record("\(file.path):\(index + 1) has \(line.count) columns: break it at 120")
            }
        }
    }

    @Test func functionsAreShort() {
        for file in SourceText.shared + SourceText.processes {
            for function in Function.all(in: file) where function.lineCount > 60 {
                Issue.record(
                    "\(file.path):\(function.line) \(function.name) has \(function.lineCount) lines: give a part a name"
                )
            }
        }
    }

    @Test func aFileEndsWithOneNewline() {
        for file in SourceText.written where !file.text.isEmpty {
            if !file.text.hasSuffix("\n") { Issue.record("\(file.path): end the last line") }
            if file.text.hasSuffix("\n\n") { Issue.record("\(file.path): take the empty lines at its end away") }
            if file.text.utf8.contains(13) { Issue.record("\(file.path): end lines with a line feed alone") }
        }
    }

    @Test func noSpacesAtTheEndsOfLines() {
        for file in SourceText.written where !file.path.hasSuffix(".md") {
            for (index, line) in file.lines.enumerated() where line.hasSuffix(" ") || line.hasSuffix("\t") {
                Issue.record("\(file.path):\(index + 1) ends with a space: take it away")
            }
        }
    }

    /// What begins with `#!` is meant to be run.
    @Test func scriptsAreExecutable() {
        let scripts = SourceText.written.filter { $0.text.hasPrefix("#!") }
        #expect(scripts.count >= 4)
        for script in scripts {
            let path = Repository.root + "/" + script.path
            #expect(FileManager.default.isExecutableFile(atPath: path), "chmod +x \(script.path)")
        }
        let silent = SourceText.written.filter { $0.path.hasPrefix("scripts/") && !$0.name.contains(".") }
        #expect(!silent.isEmpty)
    }
}
