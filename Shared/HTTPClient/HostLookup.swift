import Glibc
import Synchronization
import Threads

/// Asks the system for the addresses of a host name, on threads of its own: the system's resolver blocks.
///
/// A lookup cannot be interrupted, so one that nobody waits for any more keeps its thread until the resolver gives up.
/// Threads are bounded; lookups beyond them wait in a line that is bounded too, and that wait counts towards their
/// time.
package final class HostLookup: Sendable {
    /// Answers all addresses of a name as text, or the resolver's own words for why there are none.
    package typealias Resolver = @Sendable (_ host: String) -> Result<[String], ClientError>

    private struct Line {
        var threads = 0
        var waiting: [Inquiry] = []
    }

    private let resolve: Resolver
    private let threads: Int
    private let longestLine: Int
    private let patience: Duration
    private let line = Mutex(Line())

    /// - Parameter resolve: the system's resolver; tests bring their own.
    package init(
        threads: Int = 16, longestLine: Int = 256, patience: Duration = .seconds(5),
        resolve: @escaping Resolver = HostLookup.askSystem
    ) {
        precondition(threads >= 1 && longestLine >= 0 && patience > .zero)
        self.threads = threads
        self.longestLine = longestLine
        self.patience = patience
        self.resolve = resolve
    }

    /// All addresses of `host`, IPv4 and IPv6, each once, in the order that the system prefers.
    package func addresses(of host: String) async throws(ClientError) -> [String] {
        let inquiry = Inquiry(host)
        let patience = patience
        return try await withTaskGroup(of: Result<[String], ClientError>.self) { group in
            group.addTask { [self] in await ask(inquiry) }
            group.addTask {
                try? await Task.sleep(for: patience)
                return .failure(
                    ClientError(.timeout, "the addresses of \(host) were not found within \(patience)"))
            }
            let first = await group.next() ?? .failure(ClientError(.cancelled, "the lookup was not made"))
            group.cancelAll()
            return Task.isCancelled ? .failure(ClientError(.cancelled, "the task was cancelled")) : first
        }.get()
    }

    private func ask(_ inquiry: Inquiry) async -> Result<[String], ClientError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inquiry.wait(continuation)
                enter(inquiry)
            }
        } onCancel: {
            inquiry.finish(.failure(ClientError(.cancelled, "nobody waits for the lookup")))
        }
    }

    private func enter(_ inquiry: Inquiry) {
        enum Turn { case startsThread, waits, refused }
        let turn = line.withLock { line in
            line.waiting.removeAll(where: \.isFinished)
            if line.threads < threads {
                line.threads += 1
                return Turn.startsThread
            }
            guard line.waiting.count < longestLine else { return .refused }
            line.waiting.append(inquiry)
            return .waits
        }
        switch turn {
        case .startsThread: DedicatedThread { [self] in work(from: inquiry) }.detach()
        case .refused: inquiry.finish(.failure(ClientError(.dns, "too many lookups are waiting")))
        case .waits: break
        }
    }

    private func work(from first: Inquiry) {
        var next: Inquiry? = first
        while let inquiry = next {
            if !inquiry.isFinished { inquiry.finish(resolve(inquiry.host)) }
            next = line.withLock { line in
                if line.waiting.isEmpty {
                    line.threads -= 1
                    return nil
                }
                return line.waiting.removeFirst()
            }
        }
    }

    /// `getaddrinfo`, with every address as numbers. A zone stays in the text (`fe80::1%eth0`).
    package static func askSystem(_ host: String) -> Result<[String], ClientError> {
        guard !host.isEmpty, !host.utf8.contains(0) else {
            return .failure(ClientError(.dns, "not a host name"))
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            return .failure(ClientError(.dns, unsafe String(cString: gai_strerror(code))))
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [String] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let text = unsafe numbers(of: current.pointee), !found.contains(text) { found.append(text) }
            unsafe entry = unsafe current.pointee.ai_next
        }
        return .success(found)
    }

    private static func numbers(of entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// One question and whoever waits for its answer; only the first answer counts.
private final class Inquiry: Sendable {
    private enum State {
        case new
        case asked(CheckedContinuation<Result<[String], ClientError>, Never>)
        case finished(Result<[String], ClientError>)
    }

    let host: String
    private let state = Mutex(State.new)

    init(_ host: String) {
        self.host = host
    }

    var isFinished: Bool {
        state.withLock { state in
            if case .finished = state { true } else { false }
        }
    }

    func wait(_ continuation: CheckedContinuation<Result<[String], ClientError>, Never>) {
        let early = state.withLock { state -> Result<[String], ClientError>? in
            if case .finished(let answer) = state { return answer }
            state = .asked(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func finish(_ answer: Result<[String], ClientError>) {
        let waiting = state.withLock { state -> CheckedContinuation<Result<[String], ClientError>, Never>? in
            defer {
                if case .finished = state {} else { state = .finished(answer) }
            }
            if case .asked(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(returning: answer)
    }
}
