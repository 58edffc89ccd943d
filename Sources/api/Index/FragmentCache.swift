import Synchronization

/// Models as they were written into lists, for the lists that come next: most readers look at the same models, in other
/// lists and pages of another length.
///
/// Two generations: what is asked for again moves into the younger one; when that is full, the older one goes.
final class FragmentCache: Sendable {
    struct Key: Hashable, Sendable {
        let row: UInt32
        let profile: String
    }

    /// What a fragment costs beside its bytes.
    private static let overhead = 96

    private struct State {
        var young: [Key: [UInt8]] = [:]
        var old: [Key: [UInt8]] = [:]
        /// Of the younger generation.
        var bytes = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: bytes of one generation.
    init(limit: Int = 8 << 20) {
        self.limit = limit
    }

    /// What is known of some rows, in their order.
    func fragments(of rows: ArraySlice<UInt32>, profile: String) -> [[UInt8]?] {
        state.withLock { state in
            rows.map { row in
                let key = Key(row: row, profile: profile)
                if let known = state.young[key] { return known }
                guard let known = state.old.removeValue(forKey: key) else { return nil }
                keep(known, key, &state)
                return known
            }
        }
    }

    func keep(_ fresh: [(row: UInt32, bytes: [UInt8])], profile: String) {
        state.withLock { state in
            for (row, bytes) in fresh { keep(bytes, Key(row: row, profile: profile), &state) }
        }
    }

    private func keep(_ bytes: [UInt8], _ key: Key, _ state: inout State) {
        if state.bytes > limit {
            state.old = state.young
            state.young = [:]
            state.bytes = 0
        }
        guard state.young.updateValue(bytes, forKey: key) == nil else { return }
        state.bytes += bytes.count + Self.overhead
    }
}
