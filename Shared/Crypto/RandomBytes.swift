import CCrypto

/// Bytes that nobody can foresee, from libcrypto's generator.
package enum RandomBytes {
    /// A generator that cannot be seeded stops the process: nothing secret may be made without it.
    package static func generate(_ count: Int) -> [UInt8] {
        precondition((0...1 << 20).contains(count))
        var bytes = [UInt8](repeating: 0, count: count)
        let done = unsafe RAND_bytes(&bytes, Int32(count))
        precondition(done == 1, "libcrypto: no randomness")
        return bytes
    }
}
