import Model
import SQLite
import Store

/// What was known of models when a snapshot was observed, where newer observations have said something else since: an
/// earlier publication is shown as it was, whenever a process loads it.
struct ReplacedListings: Sendable {
    private var models: [UInt32: AbsentModel] = [:]

    static func load(_ snapshot: Snapshot, from db: borrowing Connection) throws(SQLiteError) -> ReplacedListings {
        var replaced = ReplacedListings()
        // The last to be replaced comes first: of a model's cards the first to be replaced was the one of then.
        for model in try db.run(.cardsReplaced(since: snapshot.key)) {
            if let number = model.model { replaced.models[number] = model }
        }
        return replaced
    }

    /// One of the snapshot's models with its card of then.
    func restored(_ standing: Standing, of model: UInt32) -> Standing {
        guard let card = models[model]?.listing else { return standing }
        var restored = standing
        restored.listing = card
        restored.listing.downloads = standing.listing.downloads
        restored.listing.likes = standing.listing.likes
        restored.listing.trendingScore = standing.listing.trendingScore
        restored.listing.tags = standing.listing.tags
        let root = standing.family.root
        restored.family = FamilyPlace(root: root, parentage: root == card.id ? nil : card.parentage)
        return restored
    }

    /// Those that the snapshot did not have and that were seen since a moment.
    func absent(from snapshot: Snapshot, seenSince edge: Timestamp) -> [AbsentModel] {
        models.values.filter { model in
            model.lastSeen.map { $0 < snapshot.observedAt && $0 >= edge } ?? false
        }
    }
}
