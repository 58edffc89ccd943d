package import Model

/// Every kind of work there is, in the order of the flow.
package enum Catalog {
    package static let kinds: [any JobKind.Type] = [
        PlanRefresh.self, FetchPage.self, NormalizeRefresh.self, ScoreSnapshot.self, PublishFeed.self, PackFeed.self,
        PruneFeed.self, EvaluateAlerts.self, DeliverWebhook.self, RetryWebhook.self, SumUsage.self,
        RepriceSessions.self,
    ]

    /// The stage that a name of a stage or kind belongs to.
    package static func stage(of target: String) -> StageName? {
        StageName(rawValue: target) ?? kinds.first { $0.name == target }?.stage
    }
}
