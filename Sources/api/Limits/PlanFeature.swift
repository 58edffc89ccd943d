import Deployment
import HTTPServer

/// A part of the service that a plan may not have, or not as much of as was asked for.
enum PlanFeature: Equatable, Sendable {
    case export
    case webhooks
    /// So many webhook subscriptions of one token.
    case subscriptions(Int)
    /// So many deliveries to one receiver at once.
    case concurrency(Int)
    case customProfiles
    case pageSize(Int)
    case filterDepth(Int)

    /// As a problem names it.
    var words: String {
        switch self {
        case .export: "exports"
        case .webhooks: "webhook subscriptions"
        case .subscriptions(let count): "\(count) webhook subscriptions of one token"
        case .concurrency(let count): "\(count) deliveries to one receiver at once"
        case .customProfiles: "custom profiles"
        case .pageSize(let size): "pages of \(size)"
        case .filterDepth(let count): "\(count) filters at once"
        }
    }
}

extension PlanBook {
    /// Says what a plan does not have, and which has it.
    func refusal(_ plan: Plan, _ missing: PlanFeature) -> String {
        let others = plans.filter { $0.has(missing) }.map(\.name).joined(separator: ", ")
        let place = others.isEmpty ? "No plan has that." : "It is part of: \(others)."
        return "The plan \(plan.name) does not have \(missing.words). \(place)"
    }
}

extension Plan {
    /// The profiles that every plan has.
    private static let usualProfiles: Set = ["default", "research", "production", "community"]

    func has(_ feature: PlanFeature) -> Bool {
        switch feature {
        case .export: hasExport
        case .webhooks: subscriptions > 0
        case .subscriptions(let count): count <= subscriptions
        case .concurrency(let count): count <= concurrency
        case .customProfiles: hasCustomProfiles
        case .pageSize(let size): size <= pageSize
        case .filterDepth(let count): count <= filterDepth
        }
    }

    /// What a request needs that the plan does not have; `nil` where it has all.
    func missing(for operation: Operation, _ request: Request, profiles: ScoreProfiles) -> PlanFeature? {
        var needed: [PlanFeature] = operation.feature.map { [$0] } ?? []
        func value(_ name: String) -> String? { request.query.first { $0.name == name }?.value }
        if let profile = value("profile"), profiles[profile] != nil, !Self.usualProfiles.contains(profile) {
            needed.append(.customProfiles)
        }
        if let limit = value("limit").flatMap({ Int($0) }), limit <= ModelQuery.largestLimit {
            needed.append(.pageSize(limit))
        }
        let filters = ModelQuery.filters.union(ModelQuery.scalarFilters).subtracting(["sort"])
        needed.append(.filterDepth(request.query.count { filters.contains($0.name) }))
        return needed.first { !has($0) }
    }
}
