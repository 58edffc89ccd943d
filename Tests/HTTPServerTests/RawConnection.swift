import Glibc
import Threads

@testable import HTTPServer

/// A client that is nothing but a socket, so that a test says every byte. It blocks: use it within ``onThread(_:)``.
final class RawConnection {
    /// An answer as it came.
    struct Answer: Sendable {
        let status: Int
        let headers: HeaderFields
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The peer closed, or said nothing for too long.
    enum Failure: Error {
        case connect(Int32)
        case ended
        case silent
        case malformed(String)
    }

    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(port: UInt16, host: String = "127.0.0.1") throws {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            descriptor = try Self.open(AF_INET, four)
        } else {
            _ = unsafe inet_pton(AF_INET6, host, &six.sin6_addr)
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            descriptor = try Self.open(AF_INET6, six)
        }
    }

    private static func open<Address>(_ family: Int32, _ address: Address) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        // A failing test ends by itself; a passing one never comes near this.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw Failure.connect(code)
        }
        return descriptor
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Sends what the peer takes: false when it has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while rest.isEmpty == false {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        send([UInt8](text.utf8))
    }

    /// Sends a request without a body, or with one of a stated length.
    func request(_ method: String, _ target: String, headers: [String] = [], body: String? = nil) {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + headers + length
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    }

    /// Reads one answer; `hasBody` is false after HEAD.
    func answer(hasBody: Bool = true) throws -> Answer {
        let lines = try head()
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard lines[0].hasPrefix("HTTP/1.1 "), let status else { throw Failure.malformed(lines[0]) }
        var headers = HeaderFields()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure.malformed(line) }
            headers.append(HeaderField(String(parts[0]), String(parts[1].drop { $0 == " " })))
        }
        if status == 100 { return Answer(status: status, headers: headers, body: []) }
        guard hasBody, status != 204, status != 304 else { return Answer(status: status, headers: headers, body: []) }
        let body: [UInt8]
        if headers.first("Transfer-Encoding") == "chunked" {
            body = try chunks()
        } else if let length = headers.first("Content-Length").flatMap({ Int($0) }) {
            body = try take(length)
        } else {
            body = try everything()
        }
        return Answer(status: status, headers: headers, body: body)
    }

    /// The lines up to the empty one.
    func head() throws -> [String] {
        var lines: [String] = []
        while true {
            let line = try self.line()
            if line.isEmpty { return lines }
            lines.append(line)
        }
    }

    /// The content of the next chunk; empty for the last one.
    func chunk() throws -> [UInt8] {
        guard let length = Int(try line(), radix: 16) else { throw Failure.malformed("chunk") }
        let bytes = try take(length)
        _ = try line()
        return bytes
    }

    func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let bytes = try chunk()
            if bytes.isEmpty { return body }
            body += bytes
        }
    }

    /// What comes until the peer closes.
    func everything() throws -> [UInt8] {
        while try receive() {}
        defer { pending = [] }
        return pending
    }

    /// Whether the peer has closed, with or without a reset, and sent nothing more.
    func isClosed() throws -> Bool {
        try pending.isEmpty && receive() == false
    }

    /// Waits for more; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { throw Failure.silent }
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }

    func take(_ count: Int) throws -> [UInt8] {
        while pending.count < count {
            guard try receive() else { throw Failure.ended }
        }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    private func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = pending[..<end].filter { $0 != UInt8(ascii: "\r") }
                pending.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard try receive() else { throw Failure.ended }
        }
    }
}

/// Runs blocking code on a thread of its own: the pool that tasks run on has as few as the machine has cores.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DedicatedThread {
            continuation.resume(with: Swift.Result { try body() })
        }.detach()
    }
}
