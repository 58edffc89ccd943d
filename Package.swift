// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target builds under the same rules; no target opts out.
let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func shared(_ name: String, _ needs: Target.Dependency..., resources: [Resource]? = nil) -> Target {
    .target(
        name: name, dependencies: needs, path: "Shared/\(name)", resources: resources, swiftSettings: rules)
}

func library(_ name: String, debian package: String) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", providers: [.apt([package])])
}

func process(_ name: String, _ needs: Target.Dependency..., resources: [Resource]? = nil) -> Target {
    .executableTarget(
        name: name, dependencies: needs, path: "Sources/\(name)", resources: resources, swiftSettings: rules)
}

func benchmark(_ name: String, _ needs: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: needs, path: "Benchmarks/\(name)", swiftSettings: rules)
}

/// What several benchmarks share.
func benchmarkLibrary(_ name: String, _ needs: Target.Dependency...) -> Target {
    .target(name: name, dependencies: needs, path: "Benchmarks/\(name)", swiftSettings: rules)
}

func tests(_ target: String, _ needs: Target.Dependency...) -> Target {
    .testTarget(
        name: "\(target)Tests", dependencies: needs, path: "Tests/\(target)Tests", swiftSettings: rules)
}

/// A process that only tests start; no product needs it.
func testProcess(_ name: String, _ needs: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: needs, path: "Tests/\(name)", swiftSettings: rules)
}

let package = Package(
    name: "Helicarrier",
    targets: [
        // Ground: values and names, no I/O.
        shared("Model"),
        shared("Telemetry"),

        // Decisions about values alone: when somebody is told of a figure.
        shared("Alerts", "Model"),

        // C libraries: a module map and a shim each, no logic.
        library("CSQLite", debian: "libsqlite3-dev"),
        library("CCurl", debian: "libcurl4-openssl-dev"),
        library("CCrypto", debian: "libssl-dev"),
        library("CSystemd", debian: "libsystemd-dev"),
        library("CZlib", debian: "zlib1g-dev"),
        library("CZstd", debian: "libzstd-dev"),
        .systemLibrary(name: "CLinux", path: "Shared/CLinux"),
        .target(
            name: "CMicroHTTPD", path: "Shared/CMicroHTTPD", linkerSettings: [.linkedLibrary("microhttpd")]),
        .target(name: "CSIMDJSON", path: "Shared/CSIMDJSON", linkerSettings: [.linkedLibrary("simdjson")]),

        // Adapters: one C library each; the only targets that hold pointers.
        shared("Threads"),
        shared("SQLite", "CSQLite"),
        shared("HTTPClient", "CCurl", "Threads"),
        shared("HTTPServer", "CMicroHTTPD", "Threads"),
        shared("JSON", "CSIMDJSON"),
        shared("Crypto", "CCrypto"),
        shared("Compression", "CZlib", "CZstd"),
        shared("Daemon", "CSystemd", "CLinux", "Model", "Telemetry", "Threads"),

        // Data: what a deployment edits; schema, migrations and every line of SQL.
        shared("Deployment", "Daemon", "JSON", "Model"),
        shared("Webhooks", "Crypto", "Daemon"),
        shared("Pricing", "JSON", "Model"),
        shared("Contracts", "Crypto", "JSON", "Model"),
        shared("Store", "Daemon", "Model", "SQLite", resources: [.embedInCode("Migrations")]),

        // What figures mean: scores, ranks, deltas, epochs, anomalies. Pure; whoever reads the store may compute them.
        shared("Scoring", "Deployment", "Model", "SQLite", "Store"),

        // Pipeline: job kinds, retry rules, the claim loop.
        shared("Jobs", "Crypto", "Daemon", "JSON", "Model", "SQLite", "Store", "Telemetry", "Webhooks"),

        // The ledger: the one way in, and what is asked of it.
        shared("Ledger", "Contracts", "Crypto", "Deployment", "JSON", "Jobs", "Model", "Pricing", "SQLite", "Store"),

        // Processes: wiring, and what only this process does. They never import each other.
        process(
            "fetcher", "Compression", "Crypto", "Daemon", "Deployment", "HTTPClient", "JSON", "Jobs", "Model",
            "SQLite", "Store", "Telemetry"),
        process(
            "normalizer", "Compression", "Daemon", "Deployment", "JSON", "Jobs", "Ledger", "Model", "SQLite", "Store",
            "Telemetry"),
        process(
            "scorer", "Alerts", "Daemon", "Deployment", "JSON", "Jobs", "Ledger", "Model", "SQLite", "Scoring", "Store",
            "Telemetry"),
        process(
            "notifier", "Crypto", "Daemon", "HTTPClient", "JSON", "Jobs", "Model", "SQLite", "Store", "Telemetry",
            "Webhooks"),
        process(
            "api", "Compression", "Contracts", "Crypto", "Daemon", "Deployment", "HTTPClient", "HTTPServer", "JSON",
            "Jobs", "Ledger", "Model", "SQLite", "Scoring", "Store", "Telemetry", "Webhooks",
            resources: [.embedInCode("Assets"), .embedInCode("Schemas")]),
        process(
            "helicarrier", "Alerts", "Compression", "Contracts", "Crypto", "Daemon", "Deployment", "HTTPClient",
            "HTTPServer", "JSON", "Jobs", "Ledger", "Model", "Pricing", "SQLite", "Scoring", "Store", "Telemetry"),

        // Benchmarks: what `scripts/bench` starts; they use the product's own code.
        benchmarkLibrary("BenchClient"),
        benchmark(
            "LedgerBench", "BenchClient", "Contracts", "Crypto", "Daemon", "Deployment", "JSON", "Ledger", "Model",
            "SQLite", "Store"),
        benchmark("QueueBench", "Daemon", "JSON", "Jobs", "Model", "SQLite", "Store", "Telemetry"),
        benchmark("WebhookBench", "Daemon", "JSON", "Jobs", "Model", "SQLite", "Store"),
        benchmark(
            "TrackerBench", "BenchClient", "Compression", "Crypto", "Daemon", "Deployment", "HTTPServer", "JSON",
            "Jobs", "Model",
            "SQLite", "Scoring", "Store"),

        // Tests: real databases, sockets and processes; only the outside is fake.
        shared("TestKit", "Daemon", "Model", "SQLite", "Store", "Telemetry", "Threads"),
        tests("Model", "Model"),
        tests("Alerts", "Alerts", "Model", "TestKit"),
        tests("SQLite", "SQLite", "TestKit"),
        tests("HTTPClient", "HTTPClient", "HTTPServer", "Threads", "TestKit"),
        tests("HTTPServer", "HTTPServer", "Threads", "TestKit"),
        tests("JSON", "JSON", "TestKit"),
        tests("Crypto", "Crypto", "TestKit"),
        tests("Compression", "Compression", "TestKit"),
        tests("Daemon", "Daemon", "Model", "Telemetry", "TestKit"),
        tests("Deployment", "Deployment", "Model", "TestKit"),
        tests("Store", "Daemon", "Model", "SQLite", "Store", "TestKit"),
        tests("Jobs", "Daemon", "JSON", "Jobs", "Model", "SQLite", "Store", "Telemetry", "TestKit"),
        tests(
            "Fetcher", "fetcher", "Daemon", "Deployment", "HTTPClient", "Jobs", "Model", "SQLite", "Store", "Telemetry",
            "TestKit"),
        tests(
            "Normalizer", "normalizer", "Deployment", "JSON", "Jobs", "Model", "SQLite", "Store", "Telemetry", "TestKit"
        ),
        tests("Scoring", "Deployment", "Model", "SQLite", "Scoring", "Store", "TestKit"),
        tests(
            "Scorer", "scorer", "Deployment", "JSON", "Jobs", "Model", "SQLite", "Scoring", "Store", "Telemetry",
            "TestKit"),
        tests("Pricing", "Model", "Pricing", "TestKit"),
        tests("Contracts", "Contracts", "JSON", "Model", "TestKit"),
        tests(
            "Ledger", "Contracts", "Crypto", "JSON", "Jobs", "Ledger", "Model", "Pricing", "SQLite", "Store",
            "TestKit"),
        tests("Webhooks", "Crypto", "Daemon", "Webhooks", "TestKit"),
        tests(
            "Notifier", "notifier", "Crypto", "Daemon", "HTTPClient", "HTTPServer", "JSON", "Jobs", "Model", "SQLite",
            "Store", "Telemetry", "TestKit", "Webhooks"),
        tests(
            "API", "api", "Compression", "Contracts", "Crypto", "Daemon", "Deployment", "HTTPClient", "HTTPServer",
            "JSON", "Jobs", "Ledger",
            "Model", "SQLite", "Store", "Telemetry", "TestKit"),
        tests(
            "Operator", "helicarrier", "Compression", "Daemon", "HTTPClient", "HTTPServer", "JSON", "Jobs", "Model",
            "SQLite", "Scoring", "Store", "Telemetry", "TestKit"),
        testProcess("FaultWorker", "Daemon", "Jobs", "Model", "SQLite", "Store", "Telemetry", "TestKit"),
        testProcess("CanonicalForms", "Daemon", "JSON"),
        tests("Pipeline", "Daemon", "HTTPClient", "HTTPServer", "JSON", "Jobs", "Model", "SQLite", "Store", "TestKit"),
        tests("QueueBench", "QueueBench", "JSON", "TestKit"),
        tests("TrackerBench", "TrackerBench", "Daemon", "JSON", "Model", "SQLite", "Store", "TestKit"),
        tests("Tidy", "TestKit"),
    ],
    cxxLanguageStandard: .cxx17
)
