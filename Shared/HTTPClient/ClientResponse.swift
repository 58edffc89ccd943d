/// The header lines of a response, in the order they came. Lookups ignore the case of names.
package struct ResponseHeaders: Hashable, Sendable {
    package private(set) var lines: [HeaderLine] = []

    package init(_ lines: [HeaderLine] = []) {
        self.lines = lines
    }

    package func first(_ name: String) -> String? {
        lines.first { $0.isNamed(name) }?.value
    }

    package func all(_ name: String) -> [String] {
        lines.filter { $0.isNamed(name) }.map(\.value)
    }

    mutating func append(_ line: HeaderLine) {
        lines.append(line)
    }
}

extension HeaderLine {
    /// Field names are compared without case (RFC 9110, section 5.1).
    package func isNamed(_ other: String) -> Bool {
        name.utf8.count == other.utf8.count && name.lowercased() == other.lowercased()
    }
}

/// How long the steps of a call took, in milliseconds.
///
/// ``dns``, ``connect`` and ``tls`` are the lengths of these steps, 0 on a connection that was open already.
/// ``firstByte`` and ``total`` count from the start of the call.
package struct Timings: Hashable, Sendable {
    package var dns = 0
    package var connect = 0
    package var tls = 0
    package var firstByte = 0
    package var total = 0

    package init(dns: Int = 0, connect: Int = 0, tls: Int = 0, firstByte: Int = 0, total: Int = 0) {
        self.dns = dns
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.total = total
    }
}

/// The answer to a ``ClientRequest``, whatever its status.
package struct ClientResponse: Hashable, Sendable {
    package var status: Int
    package var headers: ResponseHeaders
    package var body: [UInt8]
    /// Whether the body was longer than the request allowed, and was cut.
    package var truncated: Bool
    package var timings: Timings
    /// The address that answered.
    package var remoteAddress: String?
    /// `1.0`, `1.1`, `2` or `3`.
    package var httpVersion: String
    /// Such as `TLSv1.3`; `nil` without TLS.
    package var tlsVersion: String?

    package init(
        status: Int, headers: ResponseHeaders = ResponseHeaders(), body: [UInt8] = [], truncated: Bool = false,
        timings: Timings = Timings(), remoteAddress: String? = nil, httpVersion: String = "1.1",
        tlsVersion: String? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.truncated = truncated
        self.timings = timings
        self.remoteAddress = remoteAddress
        self.httpVersion = httpVersion
        self.tlsVersion = tlsVersion
    }
}
