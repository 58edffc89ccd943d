/// Every kind of work there is, in the order of the flow.
package enum Catalog {
    package static let kinds: [any JobKind.Type] = [
        PlanRefresh.self, FetchPage.self, NormalizeRefresh.self, ScoreSnapshot.self, PublishFeed.self,
        DeliverWebhook.self,
    ]
}
