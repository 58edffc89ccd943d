import Glibc

/// Where a server listens.
package enum Listener: Sendable {
    /// An IPv4 or IPv6 address and a port; port 0 takes a free one.
    case address(host: String, port: UInt16)
    /// A socket that listens already, from the service manager. The server owns it from here on.
    case descriptor(Int32)
}

/// A listening socket that the server hands to libmicrohttpd.
@safe struct ListeningSocket {
    let descriptor: Int32
    /// 0 for a socket that has no port.
    let port: UInt16

    /// Connections that the kernel keeps until they are accepted.
    private static let backlog: Int32 = 1_024

    init(_ listener: Listener) throws(ServerError) {
        switch listener {
        case .descriptor(let descriptor):
            self.descriptor = descriptor
        case .address(let host, let port):
            descriptor = try Self.open(host, port)
        }
        // libmicrohttpd accepts until there is nothing left, so accepting must not block.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else {
            throw Self.failure("preparing the listening socket")
        }
        port = Self.boundPort(of: descriptor)
    }

    private static func open(_ host: String, _ port: UInt16) throws(ServerError) -> Int32 {
        var four = sockaddr_in()
        if unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            return try bind(AF_INET, "\(host):\(port)", four)
        }
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            return try bind(AF_INET6, "[\(host)]:\(port)", six)
        }
        throw .unreadableAddress(host)
    }

    private static func bind<Address>(
        _ family: Int32, _ name: String, _ address: Address
    ) throws(ServerError) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("opening a socket for \(name)") }
        var yes: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let status = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard status == 0, listen(descriptor, backlog) == 0 else {
            let error = failure("listening on \(name)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func boundPort(of descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe getsockname(descriptor, address, &length) == 0 else { return 0 }
                return unsafe PeerAddress.port(of: address)
            }
        }
    }

    private static func failure(_ step: String) -> ServerError {
        let code = errno
        return unsafe .socket(step: step, errno: code, reason: String(cString: strerror(code)))
    }
}
