import Glibc

/// An address of IPv4 or IPv6, as a number whose highest bit comes first on the wire.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads the one canonical text of an address: dotted decimals, or RFC 5952. Every other spelling is `nil`: octal,
    /// hex, missing parts, upper case, zeros not shortened, a zone (`%eth0`).
    package init?(_ text: String) {
        guard let read = Self.read(text), read.description == text else { return nil }
        self = read
    }

    private static func read(_ text: String) -> IPAddress? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
            return .v4(bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        }
        guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        return .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// The canonical text.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch self {
        case .v4(let bits):
            var network = bits.bigEndian
            unsafe inet_ntop(AF_INET, &network, &text, socklen_t(text.count))
        case .v6(let bits):
            var network = bits.bigEndian
            unsafe inet_ntop(AF_INET6, &network, &text, socklen_t(text.count))
        }
        let letters = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: letters, as: UTF8.self)
    }
}

/// The ways of writing an IPv4 address into one of IPv6.
package enum EmbeddedIPv4: Sendable {
    /// `::ffff:0:0/96` (RFC 4291): another spelling of the IPv4 address; the kernel speaks IPv4.
    case mapped(UInt32)
    /// `::/96` without `::` and `::1` (RFC 4291), deprecated.
    case compatible(UInt32)
    /// `64:ff9b::/96` (RFC 6052): a translator speaks IPv4 for us.
    case translated(UInt32)
    /// `2002::/16` (RFC 3056): a relay speaks IPv4 for us.
    case sixToFour(UInt32)

    package init?(_ address: IPAddress) {
        guard case .v6(let bits) = address else { return nil }
        let low = UInt32(truncatingIfNeeded: bits)
        switch bits >> 32 {
        case 0xFFFF: self = .mapped(low)
        case 0 where low > 1: self = .compatible(low)
        case 0x0064_FF9B << 64: self = .translated(low)
        case let high where high >> 80 == 0x2002: self = .sixToFour(UInt32(truncatingIfNeeded: high >> 48))
        default: return nil
        }
    }

    package var address: IPAddress {
        switch self {
        case .mapped(let bits), .compatible(let bits), .translated(let bits), .sixToFour(let bits): .v4(bits)
        }
    }
}
