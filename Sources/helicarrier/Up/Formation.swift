/// Which daemons `up` starts, and how many of each.
struct Formation: Equatable, Sendable {
    /// One process of the formation.
    struct Member: Hashable, Sendable {
        let program: String
        /// From 1; told only where there are several.
        let instance: Int
        let label: String
    }

    /// The order of stopping. The api goes first, so that nobody asks for work that nobody is left to do; then the
    /// stages in the order of the flow, so that each can still finish what the one before handed to it.
    static let stopOrder = ["api", "fetcher", "normalizer", "scorer", "notifier"]
    /// The order of starting: the api comes last, when there is somebody behind it.
    static let startOrder = ["fetcher", "normalizer", "scorer", "notifier", "api"]
    static let mostInstances = 16

    let members: [Member]

    /// - Parameter scale: pairs such as `normalizer=2,scorer=2`; 0 leaves a daemon out.
    init(scale: String?) throws(UsageError) {
        var counts = Dictionary(uniqueKeysWithValues: Self.startOrder.map { ($0, 1) })
        for pair in (scale ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let count = Int(parts[1]), (0...Self.mostInstances).contains(count) else {
                throw UsageError(
                    "--scale expects pairs like normalizer=2, up to \(Self.mostInstances); '\(pair)' is none")
            }
            guard counts[parts[0]] != nil else {
                throw UsageError("--scale knows \(Self.startOrder.joined(separator: ", ")); not '\(parts[0])'")
            }
            guard parts[0] != "api" || count < 2 else {
                throw UsageError("--scale: there is one api, because one process listens on its address")
            }
            counts[parts[0]] = count
        }
        members = Self.startOrder.flatMap { program in
            let count = counts[program] ?? 0
            return (0..<count).map { index in
                Member(
                    program: program, instance: index + 1, label: count > 1 ? "\(program).\(index + 1)" : program)
            }
        }
    }
}
