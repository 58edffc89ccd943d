/// One answer as a value. The server adds `Date`, `Content-Length`, `Transfer-Encoding` and `Connection` itself.
///
/// A 304 gets the body that a 200 would have: it is not sent, but its length is, and no other length may be stated
/// (RFC 9110, section 8.6).
package struct Response: Sendable {
    package var status: Int
    package var headers: [HeaderField]
    package var body: Body

    package init(status: Int, headers: [HeaderField] = [], body: Body = .bytes([])) {
        precondition((200...599).contains(status), "\(status) is not a final status")
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(status: Int, headers: [HeaderField] = [], text: String) {
        self.init(status: status, headers: headers, body: .bytes([UInt8](text.utf8)))
    }

    package func header(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }
}

/// What follows the header of a response: bytes that are there, or a source that is pulled.
package enum Body: Sendable {
    case bytes([UInt8])
    case stream(any BodyStream)

    package static func text(_ text: String) -> Body {
        .bytes([UInt8](text.utf8))
    }
}

/// A body that is made while it is sent: an export, or server-sent events.
///
/// The server asks for the next chunk only when the last one has left, from one task at a time, so one chunk is in
/// memory. When the client goes away the task that waits in ``next()`` is cancelled and the stream is released. A
/// client that closes its own direction, as a half-open connection may, counts as gone.
package protocol BodyStream: Sendable {
    /// The next chunk; `nil` at the end. An empty chunk is skipped.
    func next() async -> [UInt8]?

    /// Whether the stream would go on for as long as the client listens. A server that drains ends such a stream
    /// at once, and lets any other finish.
    var isEndless: Bool { get }
}

extension BodyStream {
    package var isEndless: Bool { false }
}
