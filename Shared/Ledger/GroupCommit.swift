import Contracts
package import Model

/// Records sessions, as many at a time as have gathered: one commit on a durable disk costs the same for one session as
/// for a hundred. A sender is answered after the commit that stores what it sent.
///
/// Nobody waits for others to come: the first records its own at once, and what gathers meanwhile is the next group.
/// One of those that wait then does the work for all, so no sender works for others longer than for one group.
package actor GroupCommit {
    /// Entries of one transaction: a few milliseconds of the write lock.
    static let largestGroup = 256
    /// Events of one transaction, unless one session has more.
    static let mostEvents = 10_000

    /// What somebody who waits is told.
    private enum Turn {
        case answered(Result<RecordOutcome, LedgerFailure>)
        /// Its own entry and those that wait behind it are to be recorded by itself.
        case yours
    }

    private struct Waiting {
        let entry: LedgerEntry
        let turn: CheckedContinuation<Turn, Never>
    }

    private let ledger: any LedgerRepository
    private let now: @Sendable () -> Timestamp
    private let stored: @Sendable (_ outcomes: [Result<RecordOutcome, LedgerFailure>]) -> Void
    private var waiting: [Waiting] = []
    private var isStoring = false

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
        if isStoring {
            let turn = await withCheckedContinuation { waiting.append(Waiting(entry: entry, turn: $0)) }
            if case .answered(let outcome) = turn { return outcome }
        }
        isStoring = true
        let others = takeGroup(beside: entry)
        let outcomes = await ledger.record([entry] + others.map(\.entry), now: now())
        stored(outcomes)
        for (other, outcome) in zip(others, outcomes.dropFirst()) { other.turn.resume(returning: .answered(outcome)) }
        if waiting.isEmpty { isStoring = false } else { waiting.removeFirst().turn.resume(returning: .yours) }
        return outcomes[0]
    }

    /// Those that have waited longest, as many as one transaction takes.
    private func takeGroup(beside first: LedgerEntry) -> [Waiting] {
        var events = first.session.events.count
        var count = 0
        while count < min(waiting.count, Self.largestGroup - 1) {
            events += waiting[count].entry.session.events.count
            if events > Self.mostEvents { break }
            count += 1
        }
        defer { waiting.removeFirst(count) }
        return Array(waiting.prefix(count))
    }
}
