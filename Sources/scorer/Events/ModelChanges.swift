import Scoring

/// What a feed's newest snapshot changed about the set of its models and their places, against the one before it.
struct ModelChanges: Equatable, Sendable {
    /// A model and its place; 1 is the first.
    struct Place: Equatable, Sendable {
        let model: UInt32
        let rank: Int64
    }

    /// A model whose place differs.
    struct Move: Equatable, Sendable {
        let model: UInt32
        let before: Int64
        let now: Int64
    }

    /// How many models of each kind of change are told at most, those with the best places.
    static let most = 100
    /// Moves are told that touch the first places: what the first page of a leaderboard shows. Further down nearly
    /// every place changes with every snapshot.
    static let firstPlaces: Int64 = 25

    private(set) var added: [Place] = []
    private(set) var removed: [Place] = []
    private(set) var moved: [Move] = []

    /// - Parameters:
    ///   - before: places in the snapshot before; empty if there is none.
    ///   - now: places in the newest snapshot.
    init(from before: CounterColumn, to now: CounterColumn) {
        guard !before.keys.isEmpty, !now.keys.isEmpty else { return }
        var left = 0
        for (index, model) in now.keys.enumerated() {
            while left < before.keys.count, before.keys[left] < model {
                removed.append(Place(model: before.keys[left], rank: before.values[left]))
                left += 1
            }
            guard left < before.keys.count, before.keys[left] == model else {
                added.append(Place(model: model, rank: now.values[index]))
                continue
            }
            let move = Move(model: model, before: before.values[left], now: now.values[index])
            if move.before != move.now, min(move.before, move.now) <= Self.firstPlaces { moved.append(move) }
            left += 1
        }
        while left < before.keys.count {
            removed.append(Place(model: before.keys[left], rank: before.values[left]))
            left += 1
        }
        // One of the two saw only a part of the feed: what it lacks was not removed, and what the other has is not new.
        if removed.count * 2 > before.keys.count || added.count * 2 > now.keys.count {
            (added, removed, moved) = ([], [], [])
        }
        added = Self.best(added)
        removed = Self.best(removed)
        moved.sort { $0.now < $1.now }
    }

    private static func best(_ places: [Place]) -> [Place] {
        Array(places.sorted { $0.rank < $1.rank }.prefix(most))
    }
}
