import TestKit
import Testing

/// The layers of ARCHITECTURE.md. An import points downwards; processes never import each other.
@Suite struct LayerTests {
    /// From the ground up. A target that is new is put into its layer here.
    private static let layers: [Set<String>] = [
        ["CCrypto", "CCurl", "CLinux", "CMicroHTTPD", "CSIMDJSON", "CSQLite", "CSystemd", "CZlib", "CZstd"],
        ["Model", "Telemetry"],
        ["Alerts", "BenchClient", "Threads"],
        ["Compression", "Crypto", "Daemon", "HTTPClient", "HTTPServer", "JSON", "SQLite"],
        ["Contracts", "Deployment", "Pricing", "Store", "Webhooks"],
        ["Jobs", "Scoring"],
        ["Ledger"],
        [
            "LedgerBench", "QueueBench", "TestKit", "TrackerBench", "WebhookBench", "api", "fetcher", "helicarrier",
            "normalizer",
            "notifier", "scorer",
        ],
        ["CanonicalForms", "FaultWorker"],
    ]

    private static let system: Set = ["Dispatch", "FoundationEssentials", "Glibc", "Synchronization", "Testing"]

    private static func layer(of target: String) -> Int? {
        layers.firstIndex { $0.contains(target) }
    }

    /// Imports of a file with their line numbers.
    private static func imports(of file: Repository.File) -> [(line: Int, module: String)] {
        file.lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
                words[..<keyword].allSatisfy({ $0.hasPrefix("@") || $0 == "package" || $0 == "public" })
            else { return nil }
            return (index + 1, String(words[keyword + 1].prefix { $0 != "." }))
        }
    }

    @Test func theManifestIsRead() {
        let targets = ManifestTarget.all
        #expect(targets.count { $0.role == .library } >= 8 && targets.count { $0.role == .process } == 6)
        for target in targets where target.role != .tests {
            #expect(Self.layer(of: target.name) != nil, "put \(target.name) into its layer in LayerTests")
        }
        for target in targets where target.role != .library {
            #expect(!target.files.isEmpty, "\(target.folder) has no sources")
        }
        for folder in Set(SourceText.swift.map(SourceText.target)) {
            #expect(targets.contains { $0.folder == folder }, "\(folder) is no target of Package.swift")
        }
    }

    @Test(arguments: ManifestTarget.all.filter { $0.role != .library })
    func importsAreInTheManifest(target: ManifestTarget) {
        for file in target.files {
            for (line, module) in Self.imports(of: file) where !Self.system.contains(module) {
                if target.needs.contains(module) { continue }
                Issue.record("\(file.path):\(line): add \(module) to \(target.name) in Package.swift")
            }
        }
    }

    @Test(arguments: ManifestTarget.all.filter { $0.role != .tests })
    func needsPointDownwards(target: ManifestTarget) throws {
        let own = try #require(Self.layer(of: target.name))
        for need in target.needs {
            let below = try #require(Self.layer(of: need), "put \(need) into its layer in LayerTests")
            #expect(below < own, "\(target.name) may not import \(need): move what both need further down")
        }
        if ["Model", "Telemetry"].contains(target.name) {
            #expect(target.needs.isEmpty, "\(target.name) is ground: it imports nothing")
        }
    }

    @Test func eachCModuleHasOneImporter() {
        for module in ManifestTarget.all where module.role == .library {
            let importers = Set(
                SourceText.swift.filter { file in Self.imports(of: file).contains { $0.module == module.name } }
                    .map(SourceText.target))
            #expect(importers.count == 1, "\(module.name) is imported by \(importers.sorted()): one adapter only")
        }
    }

    @Test func onlyTestsImportTheTestKit() {
        for file in SourceText.product {
            let imports = Self.imports(of: file)
            #expect(!imports.contains { $0.module == "TestKit" || $0.module == "Testing" }, "\(file.path) is no test")
        }
        for target in ManifestTarget.all where ![.testProcess, .tests].contains(target.role) {
            #expect(!target.needs.contains("TestKit"), "\(target.name) is no test")
        }
    }

    /// All of Foundation makes each binary fifty megabytes larger.
    @Test func onlyTheEssentialsOfFoundation() {
        for file in SourceText.swift {
            for (line, module) in Self.imports(of: file) where module.hasPrefix("Foundation") {
                #expect(module == "FoundationEssentials", "\(file.path):\(line): import FoundationEssentials")
            }
        }
    }
}
