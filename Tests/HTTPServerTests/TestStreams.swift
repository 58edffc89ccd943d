import HTTPServer
import Synchronization

/// Sends given chunks, and says when it is released.
final class ListStream: BodyStream {
    private let rest: Mutex<[[UInt8]]>
    private let released: Signal?

    init(_ chunks: [[UInt8]], released: Signal? = nil) {
        rest = Mutex(chunks.reversed())
        self.released = released
    }

    deinit {
        released?.fire()
    }

    func next() async -> [UInt8]? {
        rest.withLock { $0.popLast() }
    }
}

/// Makes bytes as long as somebody takes them, and counts the chunks.
final class BottomlessStream: BodyStream {
    static let chunkSize = 64 << 10
    private let pulled: SharedCount
    private let released: Signal

    init(pulled: SharedCount, released: Signal) {
        self.pulled = pulled
        self.released = released
    }

    deinit {
        released.fire()
    }

    func next() async -> [UInt8]? {
        pulled.add()
        return [UInt8](repeating: 0x2e, count: Self.chunkSize)
    }
}

/// Says one thing, then waits for an event that never comes.
final class SilentStream: BodyStream {
    let isEndless: Bool
    private let hasGreeted = Mutex(false)
    private let waiting: Signal
    private let released: Signal

    init(isEndless: Bool, waiting: Signal, released: Signal) {
        self.isEndless = isEndless
        self.waiting = waiting
        self.released = released
    }

    deinit {
        released.fire()
    }

    func next() async -> [UInt8]? {
        let isFirst = hasGreeted.withLock { hasGreeted in
            defer { hasGreeted = true }
            return hasGreeted == false
        }
        if isFirst { return [UInt8]("hello".utf8) }
        waiting.fire()
        await Signal().waitUnlessCancelled()
        return nil
    }
}

/// A number that several threads count up.
final class SharedCount: Sendable {
    private let count = Atomic<Int>(0)

    func add() {
        count.add(1, ordering: .relaxed)
    }

    var value: Int { count.load(ordering: .relaxed) }
}
