/// When a model's change stands out: what `anomalies.json` says, under one version.
package struct AnomalyThresholds: Hashable, Sendable {
    /// Each anomaly names the version that it was judged by.
    package var version = 1
    package var downloads = Downloads()
    package var velocity = Velocity()

    /// The values of a deployment without the file.
    package init() {}

    /// What a change of downloads must exceed; all three together.
    package struct Downloads: Hashable, Sendable {
        /// Modified z-score among all models of the feed.
        package var cohortZ = 3.5
        /// Modified z-score among the model's own earlier returns.
        package var ownZ = 3.5
        /// Downloads gained or lost.
        package var minChange: Int64 = 1_000
        /// Earlier returns that a verdict needs.
        package var minReturns = 7
        /// The least deviation that a model's own history is given.
        package var deviationFloor = 0.002
    }

    /// What a change of likes must exceed; both together.
    package struct Velocity: Hashable, Sendable {
        /// Modified z-score among the model's own earlier days.
        package var likesZ = 3.5
        package var minLikes: Int64 = 25
        package var minDays = 7
        /// The least deviation that a model's own history is given, in likes per day.
        package var deviationFloor = 1.0
    }
}

extension AnomalyThresholds {
    /// Reads `anomalies.json`.
    package init(parsing bytes: [UInt8], file: String = "anomalies.json") throws(DeploymentError) {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkObject(keys: ["$schema", "version", "downloads", "velocity"])
        version = try root.required("version").whole(in: 1...1_000_000)
        downloads = try Self.downloads(root.required("downloads"))
        velocity = try Self.velocity(root.required("velocity"))
    }

    /// Below two there is no deviation; above 27 a history of four weeks could never be long enough.
    private static let days = 2...27
    private static let scores = 0.1...1_000.0
    private static let counts = 0...1_000_000_000

    private static func downloads(_ entry: ConfigurationNode) throws(DeploymentError) -> Downloads {
        try entry.checkObject(keys: ["cohortZ", "ownZ", "minChange", "minReturns", "deviationFloor"])
        var read = Downloads()
        read.cohortZ = try entry.required("cohortZ").number(in: scores)
        read.ownZ = try entry.required("ownZ").number(in: scores)
        read.minChange = Int64(try entry.required("minChange").whole(in: counts))
        read.minReturns = try entry.required("minReturns").whole(in: days)
        read.deviationFloor = try entry.required("deviationFloor").number(in: 0.000_001...1)
        return read
    }

    private static func velocity(_ entry: ConfigurationNode) throws(DeploymentError) -> Velocity {
        try entry.checkObject(keys: ["z", "minLikes", "minDays", "deviationFloor"])
        var read = Velocity()
        read.likesZ = try entry.required("z").number(in: scores)
        read.minLikes = Int64(try entry.required("minLikes").whole(in: counts))
        read.minDays = try entry.required("minDays").whole(in: days)
        read.deviationFloor = try entry.required("deviationFloor").number(in: 0.001...1_000)
        return read
    }
}
