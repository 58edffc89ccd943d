import Synchronization
package import Telemetry

/// Keeps log events for a test to look at, and lets it wait for the next one instead of sleeping.
package final class EventLog: Sendable {
    private struct State {
        var events: [Event] = []
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// A logger whose every line lands here.
    package var logger: Logger {
        Logger(threshold: .debug) { [self] event in append(event) }
    }

    package var events: [Event] { state.withLock { $0.events } }

    package func named(_ name: String) -> [Event] {
        events.filter { $0.name == name }
    }

    /// Returns as soon as so many events of the name have been logged. The limit is the suite's `.timeLimit`.
    package func wait(for name: String, count: Int = 1) async throws {
        try await wait { events in events.count(where: { $0.name == name }) >= count }
    }

    /// Returns as soon as the events satisfy `isEnough`; throws if the task is cancelled before.
    package func wait(until isEnough: @Sendable ([Event]) -> Bool) async throws {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.waiting.append(continuation) }
        continuation.yield()
        for await _ in changes where isEnough(events) { return }
        throw CancellationError()
    }

    private func append(_ event: Event) {
        state.withLock { state in
            state.events.append(event)
            // One that nobody listens to any more says so, and is let go.
            state.waiting.removeAll { waiting in
                if case .terminated = waiting.yield() { true } else { false }
            }
        }
    }
}
