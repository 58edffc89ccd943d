import Daemon
import HTTPServer
import Model
import SQLite
import Store

/// What a stream of server-sent events tells of: it is read again and again, and only what has changed is sent.
protocol LiveContent: Sendable {
    /// The events that lead from what a reader knows to what is now; `nil` where nothing has changed.
    static func event(from before: Self?, to after: Self) -> [UInt8]?
}

/// How often live values are read, and how long a stream may be silent.
enum LivePace {
    static let look: Duration = .seconds(2)
    static let heartbeat: Duration = .seconds(15)
}

/// The live values, read at most once in a pace however many listen, and not at all while nobody does. Who begins to
/// listen has a read of its own: what was read before its page was drawn would take the page back in time.
actor LiveFigures<Values: LiveContent> {
    private let pace: Duration
    private let read: @Sendable () async throws -> Values
    private var newest: Values?
    /// When the newest values were asked for, and when somebody asked last.
    private var newestAt: ContinuousClock.Instant?
    private var readAt: ContinuousClock.Instant?

    init(pace: Duration = LivePace.look, read: @escaping @Sendable () async throws -> Values) {
        self.pace = pace
        self.read = read
    }

    /// Values that come from the open database.
    init(_ site: Site, read: @escaping @Sendable (Site.Open) async throws -> Values) {
        self.init {
            guard let open = site.open else { throw SQLiteError(code: 14, message: "the database is not open") }
            return try await read(open)
        }
    }

    /// The values, not older than a pace; `nil` while they cannot be read.
    func values() async -> Values? {
        if let readAt, ContinuousClock.now - readAt < pace * 3 / 4 { return newest }
        return await fresh()
    }

    /// The values as they are now.
    func fresh() async -> Values? {
        let start = ContinuousClock.now
        // Set before the read, so that those who ask meanwhile take what there is.
        readAt = start
        let values = try? await read()
        // Of two reads at once the later one says more.
        if newestAt.map({ $0 <= start }) ?? true { (newest, newestAt) = (values, start) }
        return values
    }
}

/// The stream of one reader: what has changed since its last event, every two seconds at most, and a comment in
/// between, so that no proxy takes the line for dead.
actor LiveStream<Values: LiveContent>: BodyStream {
    nonisolated var isEndless: Bool { true }

    private let figures: LiveFigures<Values>
    private let wait: @Sendable (Duration) async throws -> Void
    private var sent: Values?
    private var hasBegun = false

    init(_ figures: LiveFigures<Values>, wait: @escaping @Sendable (Duration) async throws -> Void) {
        self.figures = figures
        self.wait = wait
    }

    /// Called when the last event has left: a reader that is slow gets fewer of them, and none waits for it here.
    func next() async -> [UInt8]? {
        if !hasBegun {
            hasBegun = true
            let first = [UInt8]("retry: 2000\n\n".utf8)
            return change(to: await figures.fresh()).map { first + $0 } ?? first
        }
        var silence: Duration = .zero
        while silence < LivePace.heartbeat {
            do {
                try await wait(LivePace.look)
            } catch {
                return nil
            }
            if let event = change(to: await figures.values()) { return event }
            silence += LivePace.look
        }
        return [UInt8](": still here\n\n".utf8)
    }

    private func change(to values: Values?) -> [UInt8]? {
        guard let values else { return nil }
        let event = Values.event(from: sent, to: values)
        sent = values
        return event
    }
}

extension LiveStream {
    /// The answer that is this stream.
    nonisolated static func response(_ figures: LiveFigures<Values>) -> Response {
        Response(
            status: 200,
            headers: [
                HeaderField("Content-Type", "text/event-stream"), HeaderField("Cache-Control", "no-store"),
                // Some proxies collect a body before they pass it on.
                HeaderField("X-Accel-Buffering", "no"),
            ],
            body: .stream(LiveStream(figures) { try await Task.sleep(for: $0) }))
    }
}
