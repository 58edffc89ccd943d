import Crypto

/// One key that signs a delivery, of either kind.
package enum WebhookKey: Sendable {
    case shared(WebhookSecret)
    case pair(WebhookPrivateKey)

    /// Reads `whsec_…` or `whsk_…`.
    package init?(_ text: String) {
        if let secret = WebhookSecret(text) {
            self = .shared(secret)
        } else if let key = WebhookPrivateKey(text) {
            self = .pair(key)
        } else {
            return nil
        }
    }
}

/// Signs a delivery as Standard Webhooks 1.0.0 says: `id.timestamp.body`, by each key.
///
/// The timestamp is that of the attempt, so each attempt is signed anew.
package struct WebhookSigner: Sendable {
    /// The current key first, then those that a rotation has not ended yet.
    package let keys: [WebhookKey]

    package init(keys: [WebhookKey]) {
        precondition(!keys.isEmpty, "a delivery without a key")
        self.keys = keys
    }

    /// The value of `webhook-signature`: one token `version,base64` for each key, in their order.
    ///
    /// `id` is ours and holds no dot: the standard separates with dots.
    package func signature(id: String, timestamp seconds: Int64, body: [UInt8]) -> String {
        precondition(!id.isEmpty && !id.utf8.contains(UInt8(ascii: ".")), "a webhook id is not empty and has no dot")
        let content = [UInt8]("\(id).\(seconds).".utf8) + body
        return keys.map { Self.token(for: content, by: $0) }.joined(separator: " ")
    }

    /// The three headers that the standard asks for.
    package func headers(id: String, timestamp seconds: Int64, body: [UInt8]) -> [(name: String, value: String)] {
        [
            ("webhook-id", id), ("webhook-timestamp", String(seconds)),
            ("webhook-signature", signature(id: id, timestamp: seconds, body: body)),
        ]
    }

    private static func token(for content: [UInt8], by key: WebhookKey) -> String {
        switch key {
        case .shared(let secret):
            "v1," + Base64.encode(HMACSHA256.authenticate(content, key: secret.bytes).bytes)
        case .pair(let pair):
            "v1a," + Base64.encode(pair.key.sign(content))
        }
    }
}
