import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces; ``digest(_:)`` is for bytes that are all there.
///
/// libcrypto fails here only without memory, which stops the process.
@safe package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("libcrypto: no digest context") }
        unsafe self.context = context
        let started = unsafe EVP_DigestInit_ex(context, Algorithm.sha256.handle, nil)
        precondition(started == 1, "libcrypto: SHA-256 does not start")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        let done = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        precondition(done == 1, "libcrypto: SHA-256 does not take bytes")
    }

    package mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    package consuming func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        let done = unsafe EVP_DigestFinal_ex(context, &bytes, nil)
        precondition(done == 1, "libcrypto: SHA-256 does not end")
        return Digest(trusted: bytes)
    }

    package static func digest(_ bytes: Span<UInt8>) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    package static func digest(_ bytes: [UInt8]) -> Digest {
        digest(bytes.span)
    }
}

/// An algorithm of libcrypto, looked up once: in libcrypto 3 each look-up takes a lock and costs more than a short
/// hash.
@safe private struct Algorithm: @unchecked Sendable {
    // Unchecked: libcrypto counts references to an algorithm atomically and never changes one.
    let handle: OpaquePointer

    static let sha256 = Algorithm(named: "SHA256")

    private init(named name: String) {
        guard let handle = unsafe EVP_MD_fetch(nil, name, nil) else { preconditionFailure("libcrypto lacks \(name)") }
        unsafe self.handle = handle
    }
}
