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
