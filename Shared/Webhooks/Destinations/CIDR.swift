/// A block of addresses: `10.0.0.0/8`, `fd00::/8`.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    private let network: IPAddress
    private let prefix: Int

    /// Reads a canonical address, a slash and a length without leading zeros. Bits of the address beyond the length
    /// must be zero: `10.1.0.0/8` is more likely a slip than a wish.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let network = IPAddress(String(parts[0])), let prefix = Int(parts[1]),
            String(prefix) == parts[1], (0...Self.width(of: network)).contains(prefix)
        else { return nil }
        self.network = network
        self.prefix = prefix
        guard contains(network), Self.number(of: network) & ~mask == 0 else { return nil }
    }

    /// An address of the other family is in no block, also not when it embeds one that is.
    package func contains(_ address: IPAddress) -> Bool {
        switch (network, address) {
        case (.v4, .v4), (.v6, .v6): (Self.number(of: address) ^ Self.number(of: network)) & mask == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }

    package var description: String { "\(network)/\(prefix)" }

    private var mask: UInt128 {
        let width = Self.width(of: network)
        let all = width == 128 ? UInt128.max : UInt128(UInt32.max)
        let free = width - prefix
        return free == 128 ? 0 : (all >> free) << free
    }

    private static func width(of address: IPAddress) -> Int {
        switch address {
        case .v4: 32
        case .v6: 128
        }
    }

    private static func number(of address: IPAddress) -> UInt128 {
        switch address {
        case .v4(let bits): UInt128(bits)
        case .v6(let bits): bits
        }
    }
}
