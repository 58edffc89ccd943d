import Glibc

/// What a client of a measurement met that ends the measurement.
package struct AskingFault: Error {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// Microseconds since boot.
package func microseconds() -> Int64 {
    let (seconds, attoseconds) = ContinuousClock().systemEpoch.duration(to: .now).components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
}

/// Many connections that each wait for an answer before they ask again: what 64 readers, or 16 senders, do to a server.
///
/// One thread and `poll`, so that the client takes little of a machine that it shares with the server.
package struct Crowd {
    private let request: (Int) -> [UInt8]
    private let wanted: Int
    private let until: Int64
    private var readers: [Reader] = []
    private var polls: [pollfd] = []
    private var asked = 0
    /// Microseconds of each answer, in the order of the answers.
    package private(set) var took: [Int64] = []
    package private(set) var bytes = 0
    /// Answers that are not 200.
    package private(set) var refused = 0
    package private(set) var elapsed: Int64 = 0

    /// - Parameters:
    ///   - seconds: nobody asks after so many; 0 is without an end.
    ///   - request: the bytes of the request with a number, from 0.
    package init(
        port: Int, connections: Int, requests: Int, seconds: Int = 0, request: @escaping (Int) -> [UInt8]
    ) throws {
        self.request = request
        wanted = requests
        until = seconds > 0 ? microseconds() + Int64(seconds) * 1_000_000 : .max
        for _ in 0..<connections {
            let descriptor = try Reader.connect(to: UInt16(truncatingIfNeeded: port))
            readers.append(Reader(descriptor: descriptor))
            polls.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
    }

    package mutating func run() throws {
        let began = microseconds()
        for place in readers.indices { try next(place) }
        while took.count < asked {
            // A service that reads a whole table for each of them takes minutes until the first is done.
            guard unsafe poll(&polls, nfds_t(polls.count), 900_000) > 0 else {
                throw AskingFault(reason: "no answer within a quarter of an hour")
            }
            for place in polls.indices where polls[place].revents != 0 {
                guard let size = try readers[place].read() else { continue }
                took.append(microseconds() - readers[place].askedAt)
                bytes += size
                if readers[place].status != 200 { refused += 1 }
                try next(place)
            }
        }
        elapsed = microseconds() - began
        for reader in readers { close(reader.descriptor) }
    }

    private mutating func next(_ place: Int) throws {
        guard asked < wanted, microseconds() < until else { return }
        let bytes = request(asked)
        readers[place].askedAt = microseconds()
        try readers[place].send(bytes)
        asked += 1
    }
}

/// One connection and as much of an answer as has come.
private struct Reader {
    let descriptor: Int32
    var askedAt: Int64 = 0
    private(set) var status = 0
    private var head: [UInt8] = []
    private var missing: Int?
    private var received = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw AskingFault(reason: "127.0.0.1:\(port) does not answer") }
        var yes: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    mutating func send(_ request: [UInt8]) throws {
        (head, missing, received) = ([], nil, 0)
        guard unsafe Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { throw AskingFault(reason: "a request could not be sent") }
    }

    /// - Returns: the bytes of the answer once all are there.
    mutating func read() throws -> Int? {
        let size = 65_536
        let part = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, size, 0))
        }
        guard !part.isEmpty else { throw AskingFault(reason: "the server closed a connection") }
        received += part.count
        if let missing {
            self.missing = missing - part.count
        } else {
            head += part
            missing = try Self.missing(head, &status)
        }
        return missing == 0 ? received : nil
    }

    /// How many bytes of the body are still to come; `nil` while the head is not whole.
    private static func missing(_ head: [UInt8], _ status: inout Int) throws -> Int? {
        guard let end = place(of: Array("\r\n\r\n".utf8), in: head[...]) else { return nil }
        status = head.prefix(12).suffix(3).reduce(0) { $0 * 10 + Int($1) - 48 }
        let lines = head[..<end].map { (65...90).contains($0) ? $0 | 32 : $0 }
        guard let name = place(of: Array("\r\ncontent-length: ".utf8), in: lines[...]) else {
            throw AskingFault(reason: "an answer without a length")
        }
        let length = lines[(name + 18)...].prefix { (48...57).contains($0) }.reduce(0) { $0 * 10 + Int($1) - 48 }
        return end + 4 + length - head.count
    }

    private static func place(of wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= wanted.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - wanted.count)).first { start in
            bytes[start] == wanted[0] && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }
}
