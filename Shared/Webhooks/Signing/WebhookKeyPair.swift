package import Crypto

/// The Ed25519 key with which we sign (Standard Webhooks 1.0.0, `v1a`), shown as `whsk_` and base 64 of libsodium's
/// 64 bytes. It does not show itself in text.
package struct WebhookPrivateKey: Sendable, CustomStringConvertible, CustomReflectable {
    package static let prefix = "whsk_"

    package let key: Ed25519PrivateKey
    private let seed: [UInt8]

    /// `nil` for any other prefix, length or base 64 than the standard's, and where the two halves do not belong
    /// together.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            let key = Ed25519PrivateKey(libsodium: bytes)
        else { return nil }
        self.key = key
        seed = [UInt8](bytes.prefix(Ed25519PrivateKey.seedByteCount))
    }

    /// A new key.
    package init(generatedBy random: (_ count: Int) -> [UInt8]) {
        let seed = random(Ed25519PrivateKey.seedByteCount)
        guard let key = Ed25519PrivateKey(seed: seed) else { preconditionFailure("a seed of \(seed.count) bytes") }
        self.key = key
        self.seed = seed
    }

    /// What receivers verify with.
    package var publicKey: WebhookPublicKey { WebhookPublicKey(key: key.publicKey) }

    package func reveal() -> String { Self.prefix + Base64.encode(seed + key.publicKey.bytes) }

    package var description: String { "‹secret›" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The public half of a ``WebhookPrivateKey``, shown as `whpk_` and base 64 of 32 bytes.
package struct WebhookPublicKey: Hashable, Sendable, CustomStringConvertible {
    package static let prefix = "whpk_"

    package let key: Ed25519PublicKey

    package init(key: Ed25519PublicKey) {
        self.key = key
    }

    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            let key = Ed25519PublicKey(bytes: bytes)
        else { return nil }
        self.key = key
    }

    package var description: String { Self.prefix + Base64.encode(key.bytes) }
}
