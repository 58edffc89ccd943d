import Dispatch
import HTTPClient
import Synchronization
import Testing

/// Lookups of names that this machine answers itself.
@Suite(.timeLimit(.minutes(10))) struct HostLookupTests {
    /// Longer than a busy machine may keep a test from its turn: what is not about patience must not run out of it.
    private static let patient = Duration.seconds(3_600)

    @Test(arguments: [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("localhost", "127.0.0.1")])
    func theSystemAnswersWithNumbers(host: String, address: String) async throws {
        #expect(try await HostLookup(patience: Self.patient).addresses(of: host).contains(address))
    }

    @Test(arguments: ["", "a\u{0}b"])
    func whatIsNoNameIsNotAsked(host: String) async {
        await #expect(throws: ClientError.self) { try await HostLookup().addresses(of: host) }
    }

    @Test func aLookupThatTakesTooLongIsGivenUp() async {
        let gate = Gate()
        let lookup = HostLookup(threads: 1, patience: .milliseconds(20)) { _ in
            gate.pass()
            return .success(["192.0.2.1"])
        }
        await #expect(throws: ClientError.self) { try await lookup.addresses(of: "slow.example") }
        gate.open()
    }

    @Test func linesAreBounded() async throws {
        let gate = Gate()
        let lookup = HostLookup(threads: 1, longestLine: 0, patience: Self.patient) { _ in
            gate.pass()
            return .success(["192.0.2.1"])
        }
        async let first = lookup.addresses(of: "first.example")
        await gate.reached()
        let refusal = await #expect(throws: ClientError.self) { try await lookup.addresses(of: "second.example") }
        #expect(refusal?.kind == .dns)
        gate.open()
        #expect(try await first == ["192.0.2.1"])
    }

    @Test func aCancelledLookupEndsAtOnce() async {
        let gate = Gate()
        let lookup = HostLookup(threads: 1, patience: Self.patient) { _ in
            gate.pass()
            return .success([])
        }
        let task = Task { try await lookup.addresses(of: "slow.example") }
        await gate.reached()
        task.cancel()
        let error = await #expect(throws: ClientError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        gate.open()
    }

    @Test func manyLookupsShareFewThreads() async throws {
        try await withThrowingTaskGroup(of: [String].self) { group in
            let counter = Counter()
            let lookup = HostLookup(threads: 3, patience: Self.patient) { host in
                counter.enter()
                defer { counter.leave() }
                return .success([host])
            }
            for number in 0..<100 { group.addTask { try await lookup.addresses(of: "\(number).example") } }
            var names: Set<String> = []
            for try await found in group { names.formUnion(found) }
            #expect(names.count == 100)
            #expect(counter.highest <= 3)
        }
    }
}

/// Holds a thread until a test opens it.
private final class Gate: Sendable {
    private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
    private let opened = DispatchSemaphore(value: 0)

    func pass() {
        arrival.yield()
        opened.wait()
    }

    func reached() async {
        for await _ in arrivals { return }
    }

    func open() { opened.signal() }
}

/// Counts how many are inside at once.
private final class Counter: Sendable {
    private let state = Mutex((inside: 0, highest: 0))

    var highest: Int { state.withLock { $0.highest } }

    func enter() {
        state.withLock { state in
            state.inside += 1
            state.highest = max(state.highest, state.inside)
        }
    }

    func leave() { state.withLock { $0.inside -= 1 } }
}
