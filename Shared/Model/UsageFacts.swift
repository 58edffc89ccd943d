/// Where a count of tokens comes from.
package enum FigureSource: String, CaseIterable, Sendable {
    case providerReported = "provider_reported"
    case derived
    case missing
}

/// Where the cost of a session comes from.
package enum CostSource: String, CaseIterable, Sendable {
    case providerReported = "provider_reported"
    case estimatedFromPricing = "estimated_from_pricing"
    case unknown
}

/// Whether a cost is what was charged.
package enum CostConfidence: String, CaseIterable, Sendable {
    case exact, estimated, unknown
}

/// How far a figure can be trusted.
package enum Confidence: String, CaseIterable, Sendable {
    case high, medium, low, unknown
}
