/// Why a delivery may not go to a URL, worded for the person who entered the URL.
package enum DestinationRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLong(limit: Int)
    /// Anything but printable ASCII, and the ASCII that RFC 3986 leaves out of URLs.
    case character(byteOffset: Int)
    case scheme
    case httpsRequired
    case userInfo
    case fragment
    case noHost
    case hostTooLong
    case hostName(String)
    case trailingDot
    /// An address in another spelling than the canonical one: octal, hex, a single integer, missing parts.
    case addressSpelling(String)
    /// An IPv6 address with a zone.
    case scopedAddress
    case malformedPort
    case port(UInt16)
    case path(String)
    case noAddress
    case address(IPAddress, range: String, meaning: String)

    package var description: String {
        switch self {
        case .tooLong(let limit): "the URL is longer than \(limit) bytes"
        case .character(let offset): "the URL holds a character that URLs do not have, at byte \(offset)"
        case .scheme: "the URL must begin with https:// (or http://, where that is allowed)"
        case .httpsRequired: "the URL must begin with https://; set allowHttp to deliver without encryption"
        case .userInfo: "the URL must not hold a user name or password"
        case .fragment: "the URL must not hold a fragment (#)"
        case .noHost: "the URL has no host"
        case .hostTooLong: "the host name is longer than 253 bytes"
        case .hostName(let reason): "the host name is malformed: \(reason)"
        case .trailingDot: "the host must not end with a dot"
        case .addressSpelling(let host): "\(host) is not how an address is written: use 192.0.2.1 or [2001:db8::1]"
        case .scopedAddress: "the address must not name a zone (%)"
        case .malformedPort: "the port must be a number from 1 to 65535"
        case .port(let port): "port \(port) is not among the allowed ports"
        case .path(let reason): "the path is malformed: \(reason)"
        case .noAddress: "the host has no address"
        case .address(let address, let range, let meaning):
            "\(address) is not on the public internet: \(range) is \(meaning)"
        }
    }
}
