/// The method of a request. The server routes these seven.
package enum Method: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    /// Any other token. It is never routed, so it ends as 404 or 405, and it keeps metric labels few.
    case other = "OTHER"

    /// Methods are case-sensitive (RFC 9110, section 9.1): `get` is not `GET`.
    init(token: String) {
        self = Method(rawValue: token) ?? .other
    }
}
