import TestKit
import Testing

/// Each kind of thing has one home.
@Suite struct HomeTests {
    private static let sql: [(words: String, home: [String])] = [
        ("INSERT" + " INTO", []), ("DELETE" + " FROM", []), ("INSERT" + " OR ", []), ("CREATE" + " TABLE", []),
        ("CREATE" + " INDEX", []), ("PRAG" + "MA ", ["Shared/SQLite"]), ("VACU" + "UM INTO", []),
    ]

    @Test func sqlLivesInTheStore() {
        for file in SourceText.product where SourceText.target(of: file) != "Shared/Store" {
            for (index, line) in file.lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                for (words, home) in Self.sql where line.contains(words) && !home.contains(SourceText.target(of: file))
                {
                    Issue.record("\(file.path):\(index + 1) has SQL: give it a name in Shared/Store")
                }
            }
            guard file.text.contains("SEL" + "ECT") || file.text.contains("UPD" + "ATE") else { continue }
            let words = file.text.split { $0.isWhitespace || $0 == "\"" }
            for (verb, then) in [("SEL" + "ECT", "FR" + "OM"), ("UPD" + "ATE", "S" + "ET")] {
                for start in words.indices where words[start] == verb {
                    let rest = words[start...].prefix(60)
                    #expect(!rest.contains { $0 == then }, "\(file.path) has SQL: give it a name in Shared/Store")
                }
            }
        }
    }

    /// What a reviewer must trust without the compiler's word: the adapters, and these few calls into the C library.
    private static let trusted: Set = [
        // Text of an address to bytes and back.
        "Shared/Webhooks/Destinations/IPAddress.swift",
        // Files, users and programs of the operator's machine.
        "Sources/helicarrier/Command/Session.swift", "Sources/helicarrier/Doctor/Examination.swift",
        "Sources/helicarrier/Import/ImportReader.swift", "Sources/helicarrier/Up.swift",
    ]

    private static let adapters: Set = [
        "Shared/Compression", "Shared/Crypto", "Shared/Daemon", "Shared/HTTPClient", "Shared/HTTPServer", "Shared/JSON",
        "Shared/SQLite", "Shared/Threads",
    ]

    @Test func pointersStayInTheAdapters() {
        let word = "un" + "safe"
        for file in SourceText.product where !Self.adapters.contains(SourceText.target(of: file)) {
            guard file.text.contains(word) || Self.trusted.contains(file.path) else { continue }
            let lines = file.lines.indices.filter { index in
                file.lines[index].split { !$0.isLetter && $0 != "_" }.contains { $0 == word }
            }
            if Self.trusted.contains(file.path) {
                #expect(!lines.isEmpty, "take \(file.path) from the list: it needs no trust any more")
            } else if let first = lines.first {
                Issue.record("\(file.path):\(first + 1) is \(word): ask an adapter, such as Daemon.FileAccess")
            }
        }
    }

    /// Settings are read once, by each process's own settings; nobody else looks at the environment.
    @Test func theEnvironmentIsReadInOnePlace() {
        for file in SourceText.product where SourceText.target(of: file) != "Shared/Daemon" {
            for word in ["get" + "env(", "Process" + "Info", "set" + "env("] {
                #expect(!file.text.contains(word), "\(file.path): take the setting as an argument")
            }
        }
    }

    /// An interface that is public is promised to strangers; there are none.
    @Test func nothingIsPublic() {
        for file in SourceText.swift {
            for (index, line) in file.lines.enumerated() {
                let words = line.split(separator: " ")
                #expect(
                    words.first != "pub" + "lic" && words.first != "op" + "en", "\(file.path):\(index + 1): package")
            }
        }
    }

    /// A task that nobody awaits outlives the reason for it.
    @Test func tasksHaveParents() {
        for file in SourceText.product {
            for (index, line) in file.lines.enumerated() where line.contains("Task." + "detached") {
                Issue.record("\(file.path):\(index + 1): add it to a group, so that somebody waits for it")
            }
        }
    }
}
