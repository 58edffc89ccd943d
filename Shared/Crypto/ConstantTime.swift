import CCrypto

/// Comparison whose time depends on the lengths only.
package enum ConstantTime {
    /// Whether both are the same bytes. Different lengths are told apart at once: lengths are no secret.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }

    package static func equal(_ left: String, _ right: String) -> Bool {
        equal([UInt8](left.utf8), [UInt8](right.utf8))
    }
}
