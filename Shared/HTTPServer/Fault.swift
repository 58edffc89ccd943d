/// Why the server answers a request itself. The router's owner decides how such an answer looks.
package enum Fault: Hashable, Sendable {
    case notFound
    case methodNotAllowed(allow: [Method])
    case badRequest(String)
    case payloadTooLarge(limit: Int)
    case uriTooLong(limit: Int)
    case headersTooLarge(limit: Int)
    /// The server is stopping and will not run this request to its end.
    case unavailable

    package var status: Int {
        switch self {
        case .notFound: 404
        case .methodNotAllowed: 405
        case .badRequest: 400
        case .payloadTooLarge: 413
        case .uriTooLong: 414
        case .headersTooLarge: 431
        case .unavailable: 503
        }
    }
}

extension Fault {
    /// What libmicrohttpd means by the status that it chose for a request that it cannot read; `nil` where the fault is
    /// its own. An HTTP version or a transfer coding that it does not know is the client's mistake.
    init?(unreadable status: UInt32, _ settings: ServerSettings) {
        switch status {
        case 400, 411, 501, 505: self = .badRequest("The request cannot be read as HTTP/1.1.")
        case 413: self = .payloadTooLarge(limit: settings.bodyLimit)
        case 414: self = .uriTooLong(limit: settings.uriLimit)
        case 431: self = .headersTooLarge(limit: settings.headerLimit)
        default: return nil
        }
    }
}
