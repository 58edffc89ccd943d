// Dispatch's sources are not marked `Sendable` on Linux; each one here is touched only when it is made and cancelled.
@unsafe @preconcurrency import Dispatch
import Glibc

/// Runs `body` until it ends or the process is asked to stop (SIGTERM, SIGINT), then cancels it and waits.
///
/// There is no grace timer here. Jobs are leased, so being killed is safe, and systemd's
/// `TimeoutStopSec=` already decides how long to wait.
package func runUntilStopped(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let signals = stopSignals()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { break }
            ServiceNotice.stopping()
        }
        defer { group.cancelAll() }
        try await group.next()
        group.cancelAll()
        while let ended = try? await group.next() { _ = ended }
    }
}

/// One element for each request to stop. The handlers are in place when this returns.
private func stopSignals() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let sources = [SIGTERM, SIGINT].map { number in
        _ = signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
        source.setEventHandler { continuation.yield() }
        source.resume()
        return source
    }
    continuation.onTermination = { _ in
        for source in sources { source.cancel() }
    }
    return stream
}
