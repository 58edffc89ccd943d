import Daemon
import HTTPServer
import Model
import SQLite
import Store

/// The live values, read at most once in ``pace`` however many listen, and not at all while nobody does.
actor LiveFigures {
    static let pace: Duration = .seconds(2)

    private let pace: Duration
    private let read: @Sendable () async throws -> LiveValues
    private var newest: LiveValues?
    private var readAt: ContinuousClock.Instant?

    init(pace: Duration = LiveFigures.pace, read: @escaping @Sendable () async throws -> LiveValues) {
        self.pace = pace
        self.read = read
    }

    init(_ site: Site, _ window: FigureWindow) {
        self.init {
            guard let open = site.open else { throw SQLiteError(code: 14, message: "the database is not open") }
            return LiveValues(try await site.operationsFigures(window, open))
        }
    }

    /// The values, not older than a pace; `nil` while they cannot be read.
    func values() async -> LiveValues? {
        if let readAt, ContinuousClock.now - readAt < pace * 3 / 4 { return newest }
        // Set before the read, so that those who ask meanwhile take what there is.
        readAt = .now
        do {
            newest = try await read()
        } catch {
            newest = nil
        }
        return newest
    }
}

/// The stream of one reader of `/ops/events`: what has changed since its last event, every two seconds at most, and a
/// comment in between, so that no proxy takes the line for dead.
actor LiveStream: BodyStream {
    static let heartbeat: Duration = .seconds(15)

    nonisolated var isEndless: Bool { true }

    private let figures: LiveFigures
    private let wait: @Sendable (Duration) async throws -> Void
    private var sent: LiveValues?
    private var hasBegun = false

    init(_ figures: LiveFigures, wait: @escaping @Sendable (Duration) async throws -> Void) {
        self.figures = figures
        self.wait = wait
    }

    /// Called when the last event has left: a reader that is slow gets fewer of them, and none waits for it here.
    func next() async -> [UInt8]? {
        if !hasBegun {
            hasBegun = true
            let first = [UInt8]("retry: 2000\n\n".utf8)
            return await change().map { first + $0 } ?? first
        }
        var silence: Duration = .zero
        while silence < Self.heartbeat {
            do {
                try await wait(LiveFigures.pace)
            } catch {
                return nil
            }
            if let event = await change() { return event }
            silence += LiveFigures.pace
        }
        return [UInt8](": still here\n\n".utf8)
    }

    private func change() async -> [UInt8]? {
        guard let values = await figures.values() else { return nil }
        let event = LiveValues.event(from: sent, to: values)
        sent = values
        return event
    }
}
