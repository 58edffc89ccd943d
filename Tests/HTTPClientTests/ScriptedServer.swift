import Glibc
import Synchronization
import Threads

@testable import HTTPClient

/// A server that is nothing but a socket, so that a test says every byte of an answer, the wrong ones too.
///
/// Each connection runs the script on a thread of its own. The server lives as long as the value.
final class ScriptedServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let accepted = Mutex(0)

    init(host: String = "127.0.0.1", port: UInt16 = 0, _ script: @escaping @Sendable (Peer) -> Void) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        _ = unsafe inet_pton(AF_INET, host, &address.sin_addr)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) | listen(descriptor, 128) | getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { throw Failure.listen(errno) }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
        DedicatedThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                self?.accepted.withLock { $0 += 1 }
                DedicatedThread { script(Peer(connection)) }.detach()
            }
            close(descriptor)
        }.detach()
    }

    deinit {
        // Wakes the thread that accepts; it closes the socket.
        Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }

    enum Failure: Error {
        case listen(Int32)
    }

    /// How many connections were made.
    var connections: Int { accepted.withLock { $0 } }

    func url(_ path: String = "/", host: String = "127.0.0.1") -> String {
        "http://\(host):\(port)\(path)"
    }

    /// Answers every request with the same bytes, after reading its head.
    static func answering(_ answer: String, closing: Bool = true) throws -> ScriptedServer {
        try ScriptedServer { peer in
            while peer.request() != nil {
                peer.send(answer)
                if closing { return }
            }
        }
    }
}

/// One connection of a ``ScriptedServer``. Closed when it is let go.
final class Peer {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        // A failing test ends by itself; a passing one never comes near this.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// The head of the next request, and the body if its length is stated; `nil` at the end.
    func request() -> String? {
        let end = [UInt8]("\r\n\r\n".utf8)
        while true {
            if let index = pending.indices.first(where: { pending[$0...].starts(with: end) }) {
                let head = String(decoding: pending[..<(index + 4)], as: UTF8.self)
                pending.removeFirst(index + 4)
                return take(bodyLength(head)).map { head + $0 }
            }
            guard receive() else { return nil }
        }
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        send([UInt8](text.utf8))
    }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == bytes.count
        }
    }

    /// Waits until the client closes.
    func waitForEnd() {
        while receive() {}
    }

    private func bodyLength(_ head: String) -> Int {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        return line.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    }

    private func take(_ count: Int) -> String? {
        while pending.count < count {
            guard receive() else { return nil }
        }
        defer { pending.removeFirst(count) }
        return String(decoding: pending[..<count], as: UTF8.self)
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }
}

/// Something that happens once. Waiting ends when it has.
final class Signal: Sendable {
    private let state = Mutex<(hasFired: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func fire() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasFired = state.withLock { state in
                if state.hasFired == false { state.waiting.append(continuation) }
                return state.hasFired
            }
            if hasFired { continuation.resume() }
        }
    }
}

/// A client for a test.
func client(perHost: Int = 64) -> HTTPClient {
    HTTPClient(userAgent: "tests/1", maximumConnections: 64, perHost: perHost)
}

/// Lets threads go when all that are expected are there.
@safe final class Arrivals: @unchecked Sendable {
    // Guarded by the POSIX barrier itself, which is made for several threads and lives until the object goes.
    private let barrier: UnsafeMutablePointer<pthread_barrier_t>

    init(expected: UInt32) {
        unsafe barrier = .allocate(capacity: 1)
        unsafe pthread_barrier_init(barrier, nil, expected)
    }

    deinit {
        unsafe pthread_barrier_destroy(barrier)
        unsafe barrier.deallocate()
    }

    func join() {
        unsafe pthread_barrier_wait(barrier)
    }
}
