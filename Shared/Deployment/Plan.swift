/// What holders of a token may do: `plans.json` says it, and every answer of v4 names the plan.
package struct Plan: Equatable, Sendable {
    package let name: String
    package let rate: RateLimit
    /// The longest page.
    package let pageSize: Int
    /// How many filters one request may have.
    package let filterDepth: Int
    package let hasExport: Bool
    /// Profiles beside the four that every deployment has.
    package let hasCustomProfiles: Bool
    /// How many subscriptions there may be; 0 is none.
    package let subscriptions: Int
    /// How many deliveries may be under way at once.
    package let concurrency: Int
    /// Of jobs that a request starts: 0 is the usual one, and lower goes first.
    package let priority: Int
    /// What the header `X-SLA` says, if anything.
    package let sla: String?
}

/// The plans of a deployment.
package struct PlanBook: Equatable, Sendable {
    /// What `X-Plan` says where a deployment has no plans.
    package static let openName = "open"

    package let plans: [Plan]
    /// The plan of requests without a token; `nil` where a token is needed.
    package let anonymous: Plan?
    /// The plan of a token that names none.
    package let standard: Plan

    package subscript(name: String) -> Plan? { plans.first { $0.name == name } }

    /// The plan of a token. One that is no longer in the file gets the standard one.
    package func plan(of name: String?) -> Plan { name.flatMap { self[$0] } ?? standard }

    /// Reads `plans.json`.
    package init(parsing bytes: [UInt8], file: String = "plans.json") throws(DeploymentError) {
        let root = try ConfigurationNode(file: file, parsing: bytes)
        try root.checkObject(keys: ["$schema", "version", "anonymous", "standard", "plans"])
        _ = try root.required("version").whole(in: 1...1_000_000)
        let list = try root.required("plans")
        var plans: [Plan] = []
        for entry in try list.elements(atMost: 64) {
            let plan = try Plan(entry)
            guard !plans.contains(where: { $0.name == plan.name }) else {
                throw try entry.required("name").expected("each name once")
            }
            plans.append(plan)
        }
        func named(_ node: ConfigurationNode) throws(DeploymentError) -> Plan {
            let name = try node.text(atMost: 40)
            guard let plan = plans.first(where: { $0.name == name }) else { throw node.expected("the name of a plan") }
            return plan
        }
        standard = try named(root.required("standard"))
        anonymous = try root.optional("anonymous").map { node throws(DeploymentError) in try named(node) }
        self.plans = plans
    }
}

extension Plan {
    fileprivate init(_ entry: ConfigurationNode) throws(DeploymentError) {
        try entry.checkObject(keys: [
            "name", "rate", "pageSize", "filterDepth", "exports", "customProfiles", "webhooks", "priority", "sla",
        ])
        let name = try entry.required("name")
        let text = try name.text(atMost: 40)
        guard text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw name.expected("a name of a-z, 0-9 and -")
        }
        let rate = try entry.required("rate")
        guard let limit = RateLimit(setting: try rate.text(atMost: 40)) else {
            throw rate.expected(RateLimit.expectation)
        }
        let webhooks = try entry.required("webhooks")
        try webhooks.checkObject(keys: ["subscriptions", "concurrency"])
        self.init(
            name: text, rate: limit, pageSize: try entry.required("pageSize").whole(in: 1...100),
            filterDepth: try entry.required("filterDepth").whole(in: 0...100),
            hasExport: try entry.required("exports").flag(),
            hasCustomProfiles: try entry.required("customProfiles").flag(),
            subscriptions: try webhooks.required("subscriptions").whole(in: 0...1_000),
            concurrency: try webhooks.required("concurrency").whole(in: 1...1_000),
            priority: try entry.optional("priority")?.whole(in: -10...10) ?? 0,
            sla: try entry.optional("sla")?.text(atMost: 100))
    }
}
