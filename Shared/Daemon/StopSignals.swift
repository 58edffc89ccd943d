// Dispatch's sources are not marked `Sendable` on Linux; each one here is touched only when it is made and cancelled.
import CLinux
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

/// An element once somebody has asked the process to stop. The handlers are in place when this returns.
///
/// A signal source of Dispatch is not: it is registered some time later, by another thread, and a signal that arrives
/// before that is lost. A byte in a pipe waits until somebody reads it.
private func stopSignals() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let end = clinux_catch_stop()
    guard end >= 0 else { return stream }
    let source = DispatchSource.makeReadSource(fileDescriptor: end, queue: .global(qos: .userInteractive))
    source.setEventHandler {
        var requests = [UInt8](repeating: 0, count: 16)
        if unsafe read(end, &requests, requests.count) > 0 { continuation.yield() }
    }
    source.resume()
    continuation.onTermination = { _ in source.cancel() }
    return stream
}
