extension ScoreProfiles {
    /// The profile that applies where none is asked for; every deployment has it.
    package static let defaultName = "default"

    /// Reads `profiles.json`: one version, the caps, and profiles whose weights sum to 1
    /// with at most three decimals each; thousandths that sum to 1000 are taken too.
    package init(parsing bytes: [UInt8], file: String = "profiles.json") throws(DeploymentError) {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkObject(keys: ["$schema", "version", "caps", "profiles"])
        let version = try root.required("version").whole(in: 1...1_000_000)
        let caps = try Self.caps(root.required("caps"))
        let list = try root.required("profiles")
        var profiles: [ScoreProfile] = []
        for entry in try list.elements(atMost: 64) {
            let profile = try Self.profile(entry, version: version)
            guard !profiles.contains(where: { $0.name == profile.name }) else {
                throw try entry.required("name").expected("each name once")
            }
            profiles.append(profile)
        }
        self.init(version: version, caps: caps, profiles: profiles)
        guard self[Self.defaultName] != nil else { throw list.expected("a profile named \(Self.defaultName)") }
    }

    private static func caps(_ entry: ConfigurationNode) throws(DeploymentError) -> ScoreCaps {
        try entry.checkObject(keys: ["downloads", "likes", "trendingScore"])
        let possible = 1.0...1e15
        return ScoreCaps(
            downloads: try entry.required("downloads").number(in: possible),
            likes: try entry.required("likes").number(in: possible),
            trendingScore: try entry.required("trendingScore").number(in: possible))
    }

    private static func profile(_ entry: ConfigurationNode, version: Int) throws(DeploymentError) -> ScoreProfile {
        try entry.checkObject(keys: ["name", "weights"])
        let name = try entry.required("name")
        let text = try name.text(atMost: 40)
        guard text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw name.expected("a name of a-z, 0-9 and -")
        }
        let weights = try entry.required("weights")
        try weights.checkObject(keys: ["adoption", "ecosystem", "velocity"])
        let names = ["adoption", "ecosystem", "velocity"]
        var numbers: [Double] = []
        for name in names { numbers.append(try weights.required(name).number(in: 0...Double(ScoreWeights.whole))) }
        let isFraction = numbers.reduce(0, +) < 2
        var thousandths: [Int] = []
        for (name, number) in zip(names, numbers) {
            let scaled = isFraction ? number * Double(ScoreWeights.whole) : number
            // 0.35 is no sum of powers of two.
            guard abs(scaled - scaled.rounded()) < 1e-6 else {
                throw try weights.required(name).expected("a number from 0 to 1 with at most three decimals")
            }
            thousandths.append(Int(scaled.rounded()))
        }
        let read = ScoreWeights(adoption: thousandths[0], ecosystem: thousandths[1], velocity: thousandths[2])
        guard let read else { throw weights.expected("three weights that sum to 1") }
        return ScoreProfile(name: text, version: version, weights: read)
    }
}
