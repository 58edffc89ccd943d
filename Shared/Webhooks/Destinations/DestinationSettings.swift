package import Daemon

/// The deployment's own exceptions to where deliveries may go; the api and the notifier read the same two variables.
package enum DestinationSettings {
    package static let settings = [
        (
            name: "HELICARRIER_WEBHOOK_ALLOW", default: "none",
            meaning: "networks that webhooks may reach although they are not public, such as 10.0.0.0/8,fd00::/8"
        ),
        (
            name: "HELICARRIER_WEBHOOK_PORTS", default: "443,8443,80,8080",
            meaning: "ports that webhooks may reach outside of those networks"
        ),
    ]

    package static func policy(_ environment: Environment) throws(SettingError) -> AddressPolicy {
        let allowed = try environment.optional("HELICARRIER_WEBHOOK_ALLOW", as: NetworkList.self)
        let ports = try environment.optional("HELICARRIER_WEBHOOK_PORTS", as: PortList.self)
        return AddressPolicy(allowing: allowed?.blocks ?? [], ports: ports?.ports ?? AddressPolicy.usualPorts)
    }
}

/// `HELICARRIER_WEBHOOK_ALLOW`.
private struct NetworkList: Setting {
    static let expectation = "networks such as 10.0.0.0/8,fd00::/8, separated by commas, no bits beyond their length"
    let blocks: [CIDR]

    init?(setting text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        blocks = parts.compactMap { CIDR($0.trimmingSpaces) }
        guard blocks.count == parts.count else { return nil }
    }
}

/// `HELICARRIER_WEBHOOK_PORTS`.
private struct PortList: Setting {
    static let expectation = "ports from 1 to 65535, separated by commas"
    let ports: Set<UInt16>

    init?(setting text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt16($0.trimmingSpaces) }.filter { $0 > 0 }
        guard numbers.count == parts.count else { return nil }
        ports = Set(numbers)
    }
}

extension Substring {
    /// The one word between spaces; more than one word is no word.
    fileprivate var trimmingSpaces: String {
        let words = split(separator: " ")
        return words.count == 1 ? String(words[0]) : ""
    }
}
