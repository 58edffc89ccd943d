/// One finished request, for metrics and access logs.
package struct Exchange: Sendable {
    package let method: Method
    package let target: String
    /// The matched route's pattern; `nil` where no route was matched.
    package let route: String?
    package let status: Int
    package let duration: Duration
    /// Bytes of bodies, without headers and framing.
    package let bytesReceived: Int
    package let bytesSent: Int
    package let remoteAddress: String
    /// Whether the answer left in full: false when the client went away or the server closed the connection.
    package let isComplete: Bool
}
