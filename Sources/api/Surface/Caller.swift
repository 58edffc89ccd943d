import Deployment
import HTTPServer
import Store

/// Who asks: a token, the holder of the deployment's secret, or an address.
struct Caller: Sendable {
    /// Whose requests are counted together.
    let account: String
    /// What it may do; `nil` for the secret, which may do everything.
    private let scopes: [String]?
    let isAnonymous: Bool
    /// `nil` where the deployment has no plans.
    let plan: Plan?
    /// The id of the token; `nil` for the others.
    var token: String?
    /// As the audit calls them.
    var name = "api"

    /// Whose request is being answered by this task.
    @TaskLocal static var current: Caller?

    static func token(_ token: TokenRecord, plan: Plan?) -> Caller {
        Caller(
            account: "token \(token.id)", scopes: token.scopes, isAnonymous: false, plan: plan, token: token.id,
            name: "api:\(token.label ?? token.id)")
    }

    /// The operator: no plan holds them back.
    static let secret = Caller(account: "secret", scopes: nil, isAnonymous: false, plan: nil, name: "api:secret")

    /// IPv6 clients own a network of 2^64 addresses, so that is what is counted.
    static func unknown(_ request: Request, plan: Plan?) -> Caller {
        var address = request.remoteAddress
        if address.contains(":") { address = Self.network(of: address) }
        return Caller(account: "address \(address)", scopes: [], isAnonymous: true, plan: plan)
    }

    /// The first four groups of an IPv6 address.
    static func network(of address: String) -> String {
        let halves = address.split(separator: ":", omittingEmptySubsequences: false)
        guard let gap = address.firstRange(of: "::") else { return halves.prefix(4).joined(separator: ":") + "::" }
        let before = address[..<gap.lowerBound].split(separator: ":")
        let after = address[gap.upperBound...].split(separator: ":")
        let zeros = [Substring](repeating: "0", count: max(0, 8 - before.count - after.count))
        return (before + zeros + after).prefix(4).joined(separator: ":") + "::"
    }

    func holds(_ scope: String) -> Bool {
        guard let scopes else { return true }
        return scopes.contains(scope) || scopes.contains("admin")
    }

    func limit(_ settings: ApiSettings) -> RateLimit { plan?.rate ?? settings.rate }
}
