import Daemon
import FoundationEssentials
import Model
import Store

/// Which stages have a worker that listens for work, seen from their doorbells.
struct Listeners: Sendable {
    private let doorbell: Doorbell?
    private let directory: String

    init(_ location: DatabaseLocation) {
        directory = location.bells
        doorbell = Doorbell(directory: location.bells)
    }

    /// Rings, which also clears away the bells of workers that died, and looks who is left.
    func wake(_ stages: [StageName]) -> Set<StageName> {
        guard let doorbell else { return [] }
        for stage in stages { doorbell.ring(stage.rawValue) }
        let bells = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return Set(stages.filter { stage in bells.contains { $0.hasPrefix(stage.rawValue + ".") } })
    }
}
