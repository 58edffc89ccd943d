import CCrypto

/// A private key of Ed25519 (RFC 8032). It never shows itself in text.
package struct Ed25519PrivateKey: Sendable, CustomStringConvertible, CustomReflectable {
    package static let seedByteCount = 32
    /// libsodium keeps the public key behind the seed.
    package static let libsodiumByteCount = 64

    package let publicKey: Ed25519PublicKey
    private let key: KeyHandle

    /// `nil` unless there are 32 bytes.
    package init?(seed: [UInt8]) {
        guard seed.count == Self.seedByteCount else { return nil }
        guard let key = unsafe KeyHandle(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)),
            let publicKey = Ed25519PublicKey(bytes: key.publicBytes())
        else { return nil }
        self.key = key
        self.publicKey = publicKey
    }

    /// Reads the 64 bytes of libsodium: seed, then public key. `nil` where the two do not belong together, because
    /// signing with a foreign public key would give the private one away.
    package init?(libsodium bytes: [UInt8]) {
        guard bytes.count == Self.libsodiumByteCount else { return nil }
        self.init(seed: [UInt8](bytes.prefix(Self.seedByteCount)))
        guard publicKey.bytes == [UInt8](bytes.suffix(Ed25519PublicKey.byteCount)) else { return nil }
    }

    /// The 64 bytes of the signature; the same for the same message.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        let context = DigestContext()
        var signature = [UInt8](repeating: 0, count: Ed25519PublicKey.signatureByteCount)
        var length = signature.count
        let started = unsafe EVP_DigestSignInit(context.handle, nil, nil, nil, key.handle)
        precondition(started == 1, "libcrypto: Ed25519 does not start")
        let done = unsafe EVP_DigestSign(context.handle, &signature, &length, message, message.count)
        precondition(done == 1 && length == signature.count, "libcrypto: Ed25519 does not sign")
        return signature
    }

    package var description: String { "‹secret›" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public key of Ed25519 (RFC 8032).
package struct Ed25519PublicKey: Hashable, Sendable {
    package static let byteCount = 32
    package static let signatureByteCount = 64

    package let bytes: [UInt8]

    /// `nil` unless there are 32 bytes. That they are a point of the curve shows when verifying.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    package func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureByteCount,
            let key = unsafe KeyHandle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
        else { return false }
        let context = DigestContext()
        guard unsafe EVP_DigestVerifyInit(context.handle, nil, nil, nil, key.handle) == 1 else { return false }
        return unsafe EVP_DigestVerify(context.handle, signature, signature.count, message, message.count) == 1
    }
}

/// The one owner of a key of libcrypto.
@safe private final class KeyHandle: @unchecked Sendable {
    // Unchecked: libcrypto allows concurrent use of a key that nobody changes, and nothing here changes one.
    let handle: OpaquePointer

    init?(_ handle: OpaquePointer?) {
        guard let handle = unsafe handle else { return nil }
        unsafe self.handle = handle
    }

    deinit {
        unsafe EVP_PKEY_free(handle)
    }

    func publicBytes() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Ed25519PublicKey.byteCount)
        var length = bytes.count
        let done = unsafe EVP_PKEY_get_raw_public_key(handle, &bytes, &length)
        precondition(done == 1 && length == bytes.count, "libcrypto: no public key")
        return bytes
    }
}

/// The one owner of a context for a single signature or verification.
@safe private struct DigestContext: ~Copyable {
    let handle: OpaquePointer

    init() {
        guard let handle = unsafe EVP_MD_CTX_new() else { preconditionFailure("libcrypto: no digest context") }
        unsafe self.handle = handle
    }

    deinit {
        unsafe EVP_MD_CTX_free(handle)
    }
}
