/// One request as a value: read to its end, checked and decoded.
package struct Request: Sendable {
    package var method: Method
    /// Percent-decoded. An encoded slash is a slash here.
    package var path: String
    /// As it stood in the request line.
    package var target: String
    /// In the order of the query, with `+` read as a space.
    package var query: [QueryItem]
    package var headers: HeaderFields
    package var body: [UInt8]
    /// The peer's address without its port; an IPv4 address is written as one even on an IPv6 socket.
    package var remoteAddress: String

    /// A request as a test or an internal caller states it. A target that cannot be decoded is a programmer's error.
    package init(
        _ method: Method, _ target: String, headers: HeaderFields = [], body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1"
    ) {
        do {
            let parts = try RequestTarget(target)
            self.init(
                method: method, target: target, parts: parts, headers: headers, body: body,
                remoteAddress: remoteAddress)
        } catch {
            preconditionFailure("\(target): \(error.reason)")
        }
    }

    /// A request whose target is decoded already, or could not be: then its path is the raw target.
    init(
        method: Method, target: String, parts: RequestTarget?, headers: HeaderFields, body: [UInt8],
        remoteAddress: String
    ) {
        self.method = method
        self.path = parts?.path ?? target
        self.target = target
        self.query = parts?.query ?? []
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }
}

extension Request {
    /// What is known of a request that could not be read to its end. The path is empty where not even that is known.
    init(unreadable target: String?, from connection: ConnectionHandle) {
        self.init(
            method: .other, target: target ?? "", parts: target.flatMap { try? RequestTarget($0) },
            headers: connection.headers(), body: [], remoteAddress: connection.remoteAddress)
    }
}
