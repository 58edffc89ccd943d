/// Why a server could not start. The text names the step and the cause for the operator.
package enum ServerError: Error, Equatable, CustomStringConvertible {
    case setting(String)
    /// The host is not an IPv4 or IPv6 address. Names are not resolved: which of their addresses would be meant?
    case unreadableAddress(String)
    case socket(step: String, errno: Int32, reason: String)
    /// libmicrohttpd refused, without saying why.
    case refused
    case alreadyStarted

    package var description: String {
        switch self {
        case .setting(let text): text
        case .unreadableAddress(let host): "\(host) is not an IPv4 or IPv6 address"
        case .socket(let step, _, let reason): "\(step): \(reason)"
        case .refused: "libmicrohttpd could not start; check the limits on threads and open files"
        case .alreadyStarted: "a server starts once"
        }
    }
}
