import CCrypto

/// HMAC (RFC 2104) over SHA-256.
package enum HMACSHA256 {
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> Digest {
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        var written = 0
        // libcrypto takes a null key to mean "keep the former one", and an empty array may lend a null pointer.
        let storedKey = key.isEmpty ? [0] : key
        let done = unsafe EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, storedKey, key.count, message, message.count, &bytes, bytes.count, &written
        )
        precondition(unsafe done != nil && written == Digest.byteCount, "libcrypto: HMAC failed")
        return Digest(trusted: bytes)
    }

    /// Whether `tag` is the message's, in a time that does not tell how much of it was right.
    package static func isValid(_ tag: [UInt8], of message: [UInt8], key: [UInt8]) -> Bool {
        ConstantTime.equal(tag, authenticate(message, key: key).bytes)
    }
}
