/// Which addresses and ports a delivery may connect to.
///
/// Everything that is not the public internet is refused, unless the deployment's allow-list names it. Judged are
/// numbers only: a name is resolved first, every address of it is judged, and exactly the judged address is dialled.
package struct AddressPolicy: Sendable {
    package static let usualPorts: Set<UInt16> = [443, 8_443, 80, 8_080]

    /// Blocks that a deployment opens.
    package let allowed: [CIDR]
    /// Ports that are open everywhere; inside an allowed block every port is.
    package let ports: Set<UInt16>

    package init(allowing allowed: [CIDR] = [], ports: Set<UInt16> = AddressPolicy.usualPorts) {
        self.allowed = allowed
        self.ports = ports
    }

    /// Why this address may not be dialled, or `nil`.
    ///
    /// An address that IPv6 merely spells (`::ffff:10.0.0.1`) is judged as the IPv4 address that it is. One that a
    /// translator or relay would reach must pass twice: in its own form and as what it embeds.
    package func refusal(of address: IPAddress) -> DestinationRefusal? {
        switch EmbeddedIPv4(address) {
        case .mapped(let bits):
            return refusal(ofPlain: .v4(bits), shownAs: address)
        case .some(let embedded):
            return refusal(ofPlain: address, shownAs: address) ?? refusal(ofPlain: embedded.address, shownAs: address)
        case nil:
            return refusal(ofPlain: address, shownAs: address)
        }
    }

    /// Why this port of this address may not be dialled, or `nil`.
    package func refusal(of address: IPAddress, port: UInt16) -> DestinationRefusal? {
        if let refusal = refusal(of: address) { return refusal }
        if ports.contains(port) || isAllowListed(address) { return nil }
        return .port(port)
    }

    /// Why this port of this machine itself may not be dialled, or `nil` where one of its two addresses may.
    func refusalOfLoopback(port: UInt16) -> DestinationRefusal? {
        let refusals = [IPAddress.v4(0x7F00_0001), .v6(1)].compactMap { refusal(of: $0, port: port) }
        return refusals.count == 2 ? refusals.first : nil
    }

    /// Judges all that a name resolved to. One refused address refuses the name: a resolver that gives public and
    /// private addresses in turn must not get to choose.
    package func refusal(ofResolved addresses: [IPAddress], port: UInt16) -> DestinationRefusal? {
        if addresses.isEmpty { return .noAddress }
        return addresses.lazy.compactMap { refusal(of: $0, port: port) }.first
    }

    /// Reads and judges a resolver's answer. An address that cannot be judged, such as one with a zone, refuses the
    /// name like one that was judged badly.
    package func judged(resolved texts: [String], port: UInt16) throws(DestinationRefusal) -> [IPAddress] {
        let addresses = texts.compactMap { IPAddress($0) }
        guard addresses.count == texts.count else { throw .scopedAddress }
        if let refusal = refusal(ofResolved: addresses, port: port) { throw refusal }
        return addresses
    }

    /// Whether the allow-list could open a port that is not open everywhere.
    package func mayOpen(_ port: UInt16) -> Bool {
        ports.contains(port) || !allowed.isEmpty
    }

    private func refusal(ofPlain address: IPAddress, shownAs shown: IPAddress) -> DestinationRefusal? {
        if allowed.contains(where: { $0.contains(address) }) { return nil }
        guard let range = ReservedRange.all.first(where: { $0.block.contains(address) }) else { return nil }
        return .address(shown, range: "\(range.block)", meaning: range.meaning)
    }

    private func isAllowListed(_ address: IPAddress) -> Bool {
        let plain: IPAddress = if case .mapped(let bits)? = EmbeddedIPv4(address) { .v4(bits) } else { address }
        return allowed.contains { $0.contains(plain) }
    }
}

/// A block of addresses that is not the public internet (IANA special-purpose address registries).
private struct ReservedRange: Sendable {
    let block: CIDR
    let meaning: String

    static let all: [ReservedRange] = [
        ("0.0.0.0/8", "this host"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "carrier-grade translation"),
        ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"), ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"), ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"), ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"), ("::/8", "loopback, unspecified and embedded IPv4"),
        ("64:ff9b::/96", "translated IPv4"), ("64:ff9b:1::/48", "locally translated IPv4"), ("100::/64", "discard"),
        ("2001:db8::/32", "documentation"), ("2002::/16", "6to4"), ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    ].map { text, meaning in
        guard let block = CIDR(text) else { preconditionFailure("\(text) is no block") }
        return ReservedRange(block: block, meaning: meaning)
    }
}
