import Contracts
package import Model
import Synchronization

/// Records sessions, as many at a time as have gathered: one commit on a durable disk costs the same for one session as
/// for a hundred. A sender is answered after the commit that stores what it sent.
///
/// Nobody waits for others to come: the first is recorded by itself, and what gathers meanwhile is the next group. That
/// follows on the connection's own thread at once: to be woken for each group costs a tenth of what storing it does.
package final class GroupCommit: Sendable {
    /// Entries of one transaction: a few milliseconds of the write lock.
    static let largestGroup = 256
    /// Events of one transaction, unless one session has more.
    static let mostEvents = 10_000
    /// Groups after which others have their turn at the connection.
    static let groupsInARow = 16

    private struct Waiting {
        let entry: LedgerEntry
        let answer: CheckedContinuation<Result<RecordOutcome, LedgerFailure>, Never>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isStoring = false

        /// - Returns: whether the caller is the one who stores.
        mutating func begins() -> Bool {
            defer { isStoring = true }
            return !isStoring
        }

        /// - Returns: whether somebody waits; else nobody stores any more.
        mutating func goesOn() -> Bool {
            isStoring = !waiting.isEmpty
            return isStoring
        }
    }

    private let ledger: any LedgerRepository
    private let now: @Sendable () -> Timestamp
    private let stored: @Sendable (_ outcomes: [Result<RecordOutcome, LedgerFailure>]) -> Void
    private let state = Mutex(State())

    /// - Parameter stored: called after each group, with what became of it.
    package init(
        _ ledger: any LedgerRepository, now: @escaping @Sendable () -> Timestamp,
        stored: @escaping @Sendable (_ outcomes: [Result<RecordOutcome, LedgerFailure>]) -> Void
    ) {
        self.ledger = ledger
        self.now = now
        self.stored = stored
    }

    package func record(_ entry: LedgerEntry) async -> Result<RecordOutcome, LedgerFailure> {
        guard state.withLock({ $0.begins() }) else { return await wait(for: entry) }
        let outcome = await ledger.record([entry], now: now())[0]
        stored([outcome])
        if state.withLock({ $0.goesOn() }) { Task { await storeGroups() } }
        return outcome
    }

    private func wait(for entry: LedgerEntry) async -> Result<RecordOutcome, LedgerFailure> {
        await withCheckedContinuation { answer in
            let begins = state.withLock { state in
                state.waiting.append(Waiting(entry: entry, answer: answer))
                // Whoever stored a moment ago may have stopped without having seen this one.
                return state.begins()
            }
            if begins { Task { await storeGroups() } }
        }
    }

    /// Until nobody waits.
    private func storeGroups() async {
        repeat {
            await ledger.record(groups: Self.groupsInARow) { [self] in takeGroup() }
        } while state.withLock { $0.goesOn() }
    }

    /// Those that have waited longest, as many as one transaction takes; `nil`: nobody waits.
    private func takeGroup() -> LedgerGroup? {
        let group = state.withLock { state in
            var events = 0
            var count = 0
            while count < min(state.waiting.count, Self.largestGroup) {
                events += state.waiting[count].entry.session.events.count
                if count > 0, events > Self.mostEvents { break }
                count += 1
            }
            defer { state.waiting.removeFirst(count) }
            return Array(state.waiting.prefix(count))
        }
        guard !group.isEmpty else { return nil }
        return LedgerGroup(entries: group.map(\.entry), now: now()) { [stored] outcomes in
            // On other threads: this one has the next group to store.
            Task {
                stored(outcomes)
                for (one, outcome) in zip(group, outcomes) { one.answer.resume(returning: outcome) }
            }
        }
    }
}
