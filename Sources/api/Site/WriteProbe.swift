/// Asks whether the database takes writes, for at most so long: somebody who holds its lock must not hold up who asks.
actor WriteProbe {
    static let patience: Duration = .seconds(2)

    /// Why it takes none.
    struct Fault: Equatable, Sendable {
        let reason: String
        /// The database is another release's.
        var isOfSchema = false
    }

    /// The probe under way: it ends when the lock is free, and whoever asks meanwhile waits for it too.
    private var running: Task<Fault?, Never>?
    private let patience: Duration

    init(patience: Duration = WriteProbe.patience) {
        self.patience = patience
    }

    /// - Returns: what the probe found, or that it has found nothing in time.
    func fault(_ probe: @escaping @Sendable () async -> Fault?) async -> Fault? {
        let task = running ?? Task { await finish(probe) }
        running = task
        let patience = patience
        let (answers, answer) = AsyncStream<Fault?>.makeStream()
        Task { answer.yield(await task.value) }
        let clock = Task {
            try await Task.sleep(for: patience)
            answer.yield(Fault(reason: "no write within \(patience.components.seconds) s"))
        }
        defer { clock.cancel() }
        for await first in answers {
            return first
        }
        return nil
    }

    /// Forgets the probe as soon as it has ended, so that nobody is told later what was found now.
    private func finish(_ probe: @Sendable () async -> Fault?) async -> Fault? {
        let found = await probe()
        running = nil
        return found
    }
}
