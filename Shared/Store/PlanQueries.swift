package import SQLite

extension Query {
    /// How many subscriptions the holder of a token has made.
    package static func subscriptionCount(of token: String) -> Query<Int> {
        Query<Int>("SELECT count(*) FROM subscription WHERE created_by = ?1", [.text(token)]) { $0.count(0) }
    }

    /// Of the jobs of a subscription's deliveries; lower goes first.
    package static func deliveryPriority(of subscription: String) -> Query<Int> {
        Query<Int>("SELECT priority FROM subscription WHERE id = ?1", [.text(subscription)]) { $0.count(0) }
    }

    package static func setDeliveryPriority(of subscription: String, _ priority: Int) -> Query<Void> {
        Query<Void>(
            "UPDATE subscription SET priority = ?2 WHERE id = ?1", [.text(subscription), .integer(priority)])
    }
}
