import HTTPServer
import Model
import Store
import Synchronization
import Testing

@testable import api

@Suite struct LiveStreamTests {
    /// What readers see; a test changes it between two looks.
    private final class Queue: Sendable {
        private let running = Mutex(0)
        private let reads = Mutex(0)

        var readCount: Int { reads.withLock { $0 } }

        func set(running count: Int) { running.withLock { $0 = count } }

        func read() -> LiveValues {
            reads.withLock { $0 += 1 }
            let count = running.withLock { $0 }
            return LiveValues(OperationsFixture.figures(OperationsFixture.stage(.fetch) { $0.running = count }))
        }
    }

    private struct Gone: Error {}

    private func text(_ chunk: [UInt8]?) throws -> String {
        String(decoding: try #require(chunk), as: UTF8.self)
    }

    /// A stream whose waits take no time; each look reads anew.
    private func stream(_ queue: Queue, wait: @escaping @Sendable () throws -> Void = {}) -> LiveStream<LiveValues> {
        LiveStream(LiveFigures(pace: .zero) { queue.read() }) { _ in try wait() }
    }

    @Test func theFirstEventIsWholeAndTheNextOnlyWhatChanged() async throws {
        let queue = Queue()
        let stream = stream(queue)
        let first = try text(await stream.next())
        #expect(first.hasPrefix("retry: 2000\n\ndata: {") && first.contains("\"total.backlog\":\"0\""))
        queue.set(running: 3)
        #expect(try text(await stream.next()) == "data: {\"fetch.running\":\"3\"}\n\n")
    }

    @Test func aStreamWithoutNewsSendsACommentEveryFifteenSeconds() async throws {
        let queue = Queue()
        let waits = Mutex(0)
        let stream = stream(queue) { waits.withLock { $0 += 1 } }
        _ = await stream.next()
        let comment = try text(await stream.next())
        #expect(comment.hasPrefix(":") && comment.hasSuffix("\n\n"))
        #expect(waits.withLock { $0 } == 8, "the first multiple of two seconds that is not below fifteen")
    }

    @Test func aStreamWhoseReaderLeftEnds() async {
        let stream = stream(Queue()) { throw Gone() }
        _ = await stream.next()
        #expect(await stream.next() == nil)
        #expect(stream.isEndless)
    }

    @Test func manyReadersShareOneLook() async {
        let queue = Queue()
        let figures = LiveFigures(pace: .days(1)) { queue.read() }
        for _ in 0..<50 { #expect(await figures.values() != nil) }
        #expect(queue.readCount == 1)
    }

    /// Its page was drawn a moment ago; what others were told before that would take it back in time.
    @Test func aStreamBeginsWithWhatIsNow() async throws {
        let queue = Queue()
        let figures = LiveFigures(pace: .days(1)) { queue.read() }
        _ = await figures.values()
        queue.set(running: 3)
        let stream = LiveStream<LiveValues>(figures) { _ in }
        #expect(try text(await stream.next()).contains("\"fetch.running\":\"3\""))
        #expect(queue.readCount == 2)
        #expect(try text(await stream.next()).hasPrefix(":"), "those who listen share a look again")
        #expect(queue.readCount == 2)
    }

    @Test func aDatabaseThatCannotBeReadStopsNoStream() async throws {
        let stream = LiveStream<LiveValues>(LiveFigures(pace: .zero) { throw Gone() }) { _ in }
        #expect(try text(await stream.next()) == "retry: 2000\n\n")
        #expect(try text(await stream.next()).hasPrefix(":"))
    }
}
