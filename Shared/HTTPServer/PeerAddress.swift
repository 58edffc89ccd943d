import CMicroHTTPD
import Glibc

/// Reads socket addresses: their text and their port.
enum PeerAddress {
    /// The address without its port. IPv4 mapped into IPv6 (RFC 4291, section 2.5.5.2) is written as IPv4, so that
    /// one client has one name on every kind of socket.
    static func text(of address: UnsafePointer<sockaddr>?) -> String {
        guard let address = unsafe address else { return "unknown" }
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe text(AF_INET, &UnsafeMutablePointer(mutating: $0).pointee.sin_addr)
            }
        case AF_INET6:
            return unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                let text = unsafe text(AF_INET6, &UnsafeMutablePointer(mutating: $0).pointee.sin6_addr)
                let mapped = "::ffff:"
                return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
            }
        case AF_UNIX:
            return "unix"
        default:
            return "unknown"
        }
    }

    static func port(of address: UnsafePointer<sockaddr>) -> UInt16 {
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe UInt16(bigEndian: $0.pointee.sin_port)
            }
        case AF_INET6:
            unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                unsafe UInt16(bigEndian: $0.pointee.sin6_port)
            }
        default:
            0
        }
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                unsafe inet_ntop(family, address, start, socklen_t(INET6_ADDRSTRLEN)) != nil
            else { return "unknown" }
            return unsafe String(cString: start)
        }
    }
}
