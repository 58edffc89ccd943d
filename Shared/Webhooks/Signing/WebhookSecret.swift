import Crypto

/// The shared secret of one subscription (Standard Webhooks 1.0.0, `v1`): 24 to 64 bytes, shown as `whsec_` and base
/// 64.
///
/// It does not show itself in text; ``reveal()`` marks each place that means to show it.
package struct WebhookSecret: Sendable, CustomStringConvertible, CustomReflectable {
    package static let prefix = "whsec_"
    package static let byteCounts = 24...64

    package let bytes: [UInt8]

    /// `nil` for any other prefix, length or base 64 than the standard's.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            Self.byteCounts.contains(bytes.count)
        else { return nil }
        self.bytes = bytes
    }

    /// A secret of any length but 0, for bytes that somebody else has judged.
    package init(bytes: [UInt8]) {
        precondition(!bytes.isEmpty, "a secret of no bytes")
        self.bytes = bytes
    }

    /// A new secret of 32 bytes.
    package init(generatedBy random: (_ count: Int) -> [UInt8]) {
        bytes = random(32)
        precondition(bytes.count == 32, "a secret of \(bytes.count) bytes")
    }

    package func reveal() -> String { Self.prefix + Base64.encode(bytes) }

    package var description: String { "‹secret›" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
