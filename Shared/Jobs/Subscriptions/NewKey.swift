import Crypto
package import Store
import Webhooks

/// A signing key that was just made, and what of it is shown this once.
package struct NewKey: Sendable {
    package let stored: SubscriptionKey
    /// The secret that both sides know; `nil` for a pair, whose private half stays here.
    package let shownOnce: String?

    package init(_ signature: Subscription.Signature, random: (Int) -> [UInt8]) {
        let id = RandomName.make("key_")
        switch signature {
        case .v1:
            let text = WebhookSecret(generatedBy: random).reveal()
            stored = SubscriptionKey(id: id, secret: text)
            shownOnce = text
        case .v1a:
            let pair = WebhookPrivateKey(generatedBy: random)
            stored = SubscriptionKey(id: id, secret: pair.reveal(), publicKey: "\(pair.publicKey)")
            shownOnce = nil
        }
    }
}

/// What a receiver must echo.
package struct Challenge: Sendable {
    package let text: String

    package init(random: (Int) -> [UInt8]) {
        text = Base64.encode(random(24), .urlSafe)
    }
}
