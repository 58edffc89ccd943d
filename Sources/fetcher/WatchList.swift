import Model
import SQLite
import Store

/// Which models are asked for one by one after the listings: what the Hub has hinted at, and who has left the
/// listings without being forgotten.
///
/// Whoever has just left is asked for at once: they may be gone. The download counters move once a day, so from then on
/// one look a day is all that a model needs, and snapshots carry on what was seen last (``CarryListings``); the cap on
/// models per refresh spreads a long list over the day.
struct WatchList: Sendable {
    /// How long a model stays on the list after a listing has shown it last: as long as the history is kept.
    static let sticky = Snapshot.history
    /// Less than a day, so that the next refresh of a day that begins early is not missed.
    static let pace = Duration.hours(20)

    /// Models that one refresh asks for, curated ones aside.
    let limit: Int

    struct Choice: Equatable, Sendable {
        var models: [String] = []
        var hinted: [String] = []
    }

    func choose(
        feed: String, covered: CoveredModels, at now: Timestamp, from db: borrowing Connection
    ) throws(SQLiteError) -> Choice {
        var choice = Choice()
        for hint in try db.run(.hints(limit: limit)) {
            choice.hinted.append(hint)
            if !covered.contains(hint) { choice.models.append(hint) }
        }
        let unseen = try db.run(
            .unseenModels(
                feed: feed, listedSince: now - Self.sticky, before: now - Self.pace, limit: limit + covered.count))
        for model in unseen where !covered.contains(model) && !choice.models.contains(model) {
            guard choice.models.count < limit else { break }
            choice.models.append(model)
        }
        return choice
    }
}
