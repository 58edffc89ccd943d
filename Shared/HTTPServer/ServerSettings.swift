/// The limits of a server. Each bounds what one client, or all of them, can take.
package struct ServerSettings: Sendable {
    /// Threads that wait for sockets and run immediate handlers.
    package var threads: Int
    /// The longest request body; beyond it the answer is 413.
    package var bodyLimit: Int
    /// The longest request target; beyond it the answer is 414.
    package var uriLimit: Int
    /// The largest sum of header lines; beyond it the answer is 431.
    package var headerLimit: Int
    /// How long a connection may be silent, in a request, between two, or while it does not read its answer.
    package var idleTimeout: Duration
    package var connections: Int
    /// A reverse proxy is one address, so this is generous.
    package var connectionsPerAddress: Int

    package init(
        threads: Int = 2, bodyLimit: Int = 1 << 20, uriLimit: Int = 8 << 10, headerLimit: Int = 32 << 10,
        idleTimeout: Duration = .seconds(30), connections: Int = 4_096, connectionsPerAddress: Int = 2_048
    ) {
        self.threads = threads
        self.bodyLimit = bodyLimit
        self.uriLimit = uriLimit
        self.headerLimit = headerLimit
        self.idleTimeout = idleTimeout
        self.connections = connections
        self.connectionsPerAddress = connectionsPerAddress
    }

    /// A body without a stated length is read on beyond ``bodyLimit``, and thrown away, so that its sender can see
    /// the 413. Beyond this the connection is closed instead.
    var discardLimit: Int { bodyLimit + (8 << 20) }

    /// What one connection may hold of a request's head. The margin beyond both limits lets heads that are a little
    /// too large reach the router's own 414 and 431; larger ones get libmicrohttpd's page with the same status.
    /// The margin is small because libmicrohttpd clears this memory after every request: of 105,000 requests per
    /// second with 32 KiB, 64 KiB left 87,000 and 128 KiB 50,000.
    var connectionMemory: Int { uriLimit + headerLimit + (8 << 10) }

    func validate() throws(ServerError) {
        let ranges: [(name: String, value: Int, range: ClosedRange<Int>)] = [
            ("threads", threads, 1...256),
            ("bodyLimit", bodyLimit, 0...(1 << 32)),
            ("uriLimit", uriLimit, 1...(1 << 20)),
            ("headerLimit", headerLimit, 1...(1 << 20)),
            ("idleTimeout in seconds", Int(idleTimeout.components.seconds), 1...86_400),
            ("connections", connections, threads...1_000_000),
            ("connectionsPerAddress", connectionsPerAddress, 1...1_000_000),
        ]
        for (name, value, range) in ranges where range.contains(value) == false {
            throw .setting("\(name) is \(value); it must be within \(range.lowerBound) and \(range.upperBound)")
        }
    }
}
