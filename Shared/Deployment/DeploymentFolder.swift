package import Daemon

/// The configuration folder of a deployment (`HELICARRIER_CONFIG_DIR`).
///
/// Each file is read when it is asked for, checked whole, and refused whole: a deployment never runs on half a file.
package struct DeploymentFolder: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The folder that `HELICARRIER_CONFIG_DIR` names.
    package init(_ environment: Environment) throws(SettingError) {
        path = try environment.value("HELICARRIER_CONFIG_DIR", default: "./config")
    }

    package static let settings = [
        (
            name: "HELICARRIER_CONFIG_DIR", default: "./config",
            meaning: "the folder with sources.json, profiles.json, plans.json, anomalies.json, price-book.json and the "
                + "tables of facts"
        )
    ]

    /// The curated list of `sources.json`, in its order.
    package func sources() throws(DeploymentError) -> [CuratedSource] {
        try CuratedSource.list(parsing: read("sources.json"), file: "sources.json")
    }

    /// The profiles and caps of `profiles.json`.
    package func scoreProfiles() throws(DeploymentError) -> ScoreProfiles {
        try ScoreProfiles(parsing: read("profiles.json"), file: "profiles.json")
    }

    /// The curated sizes of `parameters.json`.
    package func sizes() throws(DeploymentError) -> [CuratedSize] {
        try CuratedSize.list(parsing: read("parameters.json"), file: "parameters.json")
    }

    /// The licences of `licenses.json`.
    package func licenses() throws(DeploymentError) -> LicenseTable {
        try LicenseTable(parsing: read("licenses.json"), file: "licenses.json")
    }

    /// The capabilities of `capabilities.json`.
    package func capabilities() throws(DeploymentError) -> CapabilityTable {
        try CapabilityTable(parsing: read("capabilities.json"), file: "capabilities.json")
    }

    /// The curated parents of `families.json`.
    package func parents() throws(DeploymentError) -> ParentTable {
        try ParentTable(parsing: read("families.json"), file: "families.json")
    }

    /// The thresholds of `anomalies.json`; a folder without the file has the defaults.
    package func anomalyThresholds() throws(DeploymentError) -> AnomalyThresholds {
        guard FileSize.exists(place("anomalies.json")) else { return AnomalyThresholds() }
        return try AnomalyThresholds(parsing: read("anomalies.json"), file: "anomalies.json")
    }

    /// The plans of `plans.json`; `nil` without the file, for then everything is open.
    package func plans() throws(DeploymentError) -> PlanBook? {
        guard FileSize.exists(place("plans.json")) else { return nil }
        return try PlanBook(parsing: read("plans.json"), file: "plans.json")
    }

    /// The bytes of `price-book.json`; `nil` without the file.
    package func priceBook() throws(DeploymentError) -> [UInt8]? {
        guard FileSize.exists(place("price-book.json")) else { return nil }
        return try read("price-book.json", limit: 32)
    }

    private func place(_ name: String) -> String {
        path.hasSuffix("/") ? path + name : path + "/" + name
    }

    private static let readable = "a readable file in the folder that HELICARRIER_CONFIG_DIR names"

    /// The bytes of a regular file of at most some megabytes; links are followed.
    private func read(_ name: String, limit: Int64 = 1) throws(DeploymentError) -> [UInt8] {
        let place = place(name)
        guard FileSize.exists(place) else {
            throw DeploymentError(file: name, expected: Self.readable)
        }
        guard FileSize.isRegular(place), FileSize.of(place) <= limit << 20 else {
            throw DeploymentError(file: name, expected: "a regular file of at most \(limit) MiB")
        }
        guard let bytes = TextFile.bytes(place) else {
            throw DeploymentError(file: name, expected: Self.readable)
        }
        return bytes
    }
}
