import TestKit
import Testing

/// Words that do not belong into the tree. Each is put together here, or this file would be the first to be found.
@Suite struct WordTests {
    private static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    private static let phrases = [
        "not " + "implemented", "not yet " + "implemented", "place" + "holder for", "lorem " + "ipsum",
    ]

    @Test func nothingIsLeftForLater() {
        for file in SourceText.written {
            for word in Self.leftovers where file.text.contains(word) {
                for (index, line) in file.lines.enumerated()
                where line.split(whereSeparator: { !$0.isLetter }).contains(word[...]) {
                    Issue.record("\(file.path):\(index + 1) says \(word): do it now, or open an issue")
                }
            }
            let text = file.text.lowercased()
            for phrase in Self.phrases where text.contains(phrase) {
                Issue.record("\(file.path) says \"\(phrase)\": finish it, or take it out")
            }
        }
    }

    @Test func noFileStandsForAnother() {
        for file in SourceText.written {
            #expect(!file.name.lowercased().contains("place" + "holder"), "\(file.path): take it away, or fill it")
        }
    }

    /// A name says what a thing is. These say only that it was left over.
    @Test func namesAreNouns() {
        let empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Common", "Base", "Misc"]
        let keywords = ["struct", "class", "enum", "actor", "protocol", "typealias", "func"]
        for file in SourceText.swift {
            let stem = file.name.split(separator: ".").first ?? ""
            let folders = file.path.split(separator: "/").dropLast()
            for word in empty where stem.hasSuffix(word) || folders.contains(where: { $0.hasSuffix(word) }) {
                Issue.record("\(file.path): name it after the noun that it is about, not \(word)")
            }
            guard empty.contains(where: file.text.contains) else { continue }
            for (index, line) in file.lines.enumerated() {
                let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                for (keyword, name) in zip(words, words.dropFirst()) where keywords.contains(String(keyword)) {
                    for word in empty where name.hasSuffix(word) && !line.contains("//") {
                        Issue.record("\(file.path):\(index + 1) \(name): name it after its noun, not \(word)")
                    }
                }
            }
        }
    }

    /// The tree builds and runs wherever it is cloned to.
    @Test func noPathOfAMachine() {
        let places = ["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/"]
        for file in Repository.files(in: "") {
            for place in places where file.text.contains(place) {
                for (index, line) in file.lines.enumerated() where line.contains(place) {
                    Issue.record("\(file.path):\(index + 1) names \(place): derive it from where the file stands")
                }
            }
        }
    }
}
