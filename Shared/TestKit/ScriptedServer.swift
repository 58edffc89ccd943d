import Glibc
import Synchronization
import Threads

/// A server that is nothing but a socket, so that a test says every byte of an answer, the wrong ones too.
///
/// Each connection runs the script on a thread of its own. The server lives as long as the value.
package final class ScriptedServer: Sendable {
    package let port: UInt16
    private let descriptor: Int32
    private let accepted = Mutex(0)

    package init(host: String = "127.0.0.1", port: UInt16 = 0, _ script: @escaping @Sendable (Peer) -> Void) throws {
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

    package enum Failure: Error {
        case listen(Int32)
    }

    /// How many connections were made.
    package var connections: Int { accepted.withLock { $0 } }

    package func url(_ path: String = "/", host: String = "127.0.0.1") -> String {
        "http://\(host):\(port)\(path)"
    }

    /// Answers every request with the same bytes, after reading its head.
    package static func answering(_ answer: String, closing: Bool = true) throws -> ScriptedServer {
        try ScriptedServer { peer in
            while peer.request() != nil {
                peer.send(answer)
                if closing { return }
            }
        }
    }
}

/// One connection of a ``ScriptedServer``. Closed when it is let go.
package final class Peer {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        // A failing test ends by itself; a passing one never comes near this.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// The head of the next request, and the body if its length is stated; `nil` at the end.
    package func request() -> String? {
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
    package func send(_ text: String) -> Bool {
        send([UInt8](text.utf8))
    }

    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == bytes.count
        }
    }

    /// Ends the connection with a reset, and not with an end of the stream.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Waits until the client closes, or for so long; false when it has closed.
    package func isOpen(after wait: Duration) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe Glibc.poll(&poll, 1, Int32(wait / .milliseconds(1))) == 0 || receive()
    }

    /// Waits until the client closes.
    package func waitForEnd() {
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
