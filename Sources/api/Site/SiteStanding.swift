import Daemon
import Model
import SQLite
import Store

/// How the process stands: what the service manager is told, and what the first clients wait for.
extension Site {
    /// A whole Hub is loaded in much less.
    private static let longestLoad = Duration.minutes(5)

    /// The newest snapshot of the feed that people look at first.
    var words: String {
        let known = feeds.current
        let feed = known.newest["hub"] == nil ? known.feeds.first : "hub"
        return feed.flatMap { known.newest[$0] }?.publication.snapshot.id ?? "no snapshot yet"
    }

    /// Waits until requests get the answer that they will get from now on: what is published is loaded, or it is known
    /// why not.
    func whenSettled(within limit: Duration? = nil) async {
        let start = ContinuousClock.now
        while !hasSettled, !Task.isCancelled {
            if let limit, ContinuousClock.now - start > limit { return }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Feeds the watchdog for as long as the database answers and what is published is looked at, on a connection of
    /// its own: a long export must not look like a process that hangs.
    func pulse(_ words: @Sendable () -> String) async throws {
        let database = try settings.location.openForReading()
        let status = StatusLine()
        while !Task.isCancelled {
            let answers = (try? await database.run(.hasVersionTable()).first) != nil
            if answers, sinceLook < Self.longestLoad {
                ServiceNotice.alive()
                status.show(words())
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
