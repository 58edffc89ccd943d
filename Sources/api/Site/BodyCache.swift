import Synchronization

/// Bodies that were made and packed once, for the readers that come next; the longest unused go first.
final class BodyCache: Sendable {
    /// What a body is the answer to.
    struct Key: Hashable, Sendable {
        let target: String
        let tag: String
        /// What the reader would like best.
        let wanted: ContentCoding
    }

    /// A body as it is sent.
    struct Entry: Sendable {
        let body: [UInt8]
        let coding: ContentCoding
    }

    /// What operators watch.
    struct Figures: Equatable, Sendable {
        var entries = 0
        var bytes = 0
        var hits = 0
        var misses = 0
        var evictions = 0
    }

    /// What an entry costs beside its bytes.
    private static let overhead = 256

    private struct State {
        var entries: [Key: (entry: Entry, used: Int)] = [:]
        var clock = 0
        var figures = Figures()
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: in bytes, keys included. A body above an eighth of it is not kept.
    init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    var figures: Figures { state.withLock { $0.figures } }

    /// The entry of a key; made, outside of the lock, where it is not there.
    func entry(_ key: Key, make: () -> Entry) -> Entry {
        let known = state.withLock { state in
            state.clock += 1
            state.entries[key]?.used = state.clock
            let entry = state.entries[key]?.entry
            if entry == nil { state.figures.misses += 1 } else { state.figures.hits += 1 }
            return entry
        }
        if let known { return known }
        let fresh = make()
        let size = Self.size(key, fresh)
        guard size <= limit / 8 else { return fresh }
        state.withLock { state in
            guard state.entries[key] == nil else { return }
            state.entries[key] = (fresh, state.clock)
            state.figures.entries += 1
            state.figures.bytes += size
            if state.figures.bytes > limit { makeRoom(&state) }
        }
        return fresh
    }

    /// Drops the half that was not used for the longest time, so that it is seldom done.
    private func makeRoom(_ state: inout State) {
        for (key, value) in state.entries.sorted(by: { $0.value.used < $1.value.used }) {
            guard state.figures.bytes > limit / 2 else { return }
            state.entries[key] = nil
            state.figures.bytes -= Self.size(key, value.entry)
            state.figures.entries -= 1
            state.figures.evictions += 1
        }
    }

    private static func size(_ key: Key, _ entry: Entry) -> Int {
        entry.body.count + key.target.utf8.count + key.tag.utf8.count + overhead
    }
}
