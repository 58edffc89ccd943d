import Crypto
import Testing

@testable import Webhooks

@Suite struct WebhookSignerTests {
    struct Vector: Sendable {
        let key: String
        let id: String
        let timestamp: Int64
        let body: String
        let signature: String

        /// The second vector's key has 18 bytes: fine for signing, too short for a subscription.
        func readKey() throws -> WebhookKey {
            if let key = WebhookKey(key) { return key }
            let bytes = try #require(Base64.decode(String(key.dropFirst(WebhookSecret.prefix.count))))
            return .shared(WebhookSecret(bytes: bytes))
        }
    }

    /// Published with other implementations of the standard.
    static let vectors = [
        Vector(
            key: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
            body: #"{"test": 2432232314}"#, signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        Vector(
            key: "whsec_plJ3nmyCDGBKInavdOK15jsl", id: "msg_loFOjxBNrRLzqYUf", timestamp: 1_731_705_121,
            body: #"{"event_type":"ping","data":{"success":true}}"#,
            signature: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="),
        Vector(
            key: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: #"{"test": 2432232314}"#,
            signature: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="),
    ]

    @Test(arguments: vectors)
    func aKnownDeliveryHasItsSignature(vector: Vector) throws {
        let signer = WebhookSigner(keys: [try vector.readKey()])
        let body = [UInt8](vector.body.utf8)
        #expect(signer.signature(id: vector.id, timestamp: vector.timestamp, body: body) == vector.signature)
        let headers = signer.headers(id: vector.id, timestamp: vector.timestamp, body: body)
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers.map(\.value) == [vector.id, String(vector.timestamp), vector.signature])
    }

    @Test(arguments: vectors)
    func anyChangeChangesTheSignature(vector: Vector) throws {
        let signer = WebhookSigner(keys: [try vector.readKey()])
        let body = [UInt8](vector.body.utf8)
        #expect(signer.signature(id: vector.id + "x", timestamp: vector.timestamp, body: body) != vector.signature)
        #expect(signer.signature(id: vector.id, timestamp: vector.timestamp + 1, body: body) != vector.signature)
        for place in body.indices {
            var damaged = body
            damaged[place] ^= 1
            #expect(signer.signature(id: vector.id, timestamp: vector.timestamp, body: damaged) != vector.signature)
        }
        #expect(signer.signature(id: vector.id, timestamp: vector.timestamp, body: body + [0x20]) != vector.signature)
        let other = WebhookSigner(keys: [.shared(WebhookSecret(generatedBy: { [UInt8](repeating: 1, count: $0) }))])
        #expect(other.signature(id: vector.id, timestamp: vector.timestamp, body: body) != vector.signature)
    }

    @Test func duringARotationEveryKeySignsTheCurrentOneFirst() throws {
        let keys = try Self.vectors.map { try $0.readKey() }
        let vector = Self.vectors[0]
        let both = WebhookSigner(keys: keys)
            .signature(id: vector.id, timestamp: vector.timestamp, body: [UInt8](vector.body.utf8))
        let tokens = both.split(separator: " ")
        #expect(tokens.count == 3)
        #expect(tokens[0] == vector.signature && tokens[2] == Self.vectors[2].signature)
        #expect(tokens.allSatisfy { $0.hasPrefix("v1,") || $0.hasPrefix("v1a,") })
    }

    @Test func aPairsSignatureVerifiesWithItsPublicKeyOnly() throws {
        let vector = Self.vectors[2]
        let pair = try #require(WebhookPrivateKey(vector.key))
        let content = [UInt8]("\(vector.id).\(vector.timestamp).\(vector.body)".utf8)
        let signature = try #require(Base64.decode(String(vector.signature.dropFirst(4))))
        #expect(pair.publicKey.key.isValid(signature, of: content))
        #expect(!pair.publicKey.key.isValid(signature, of: content + [0]))
        let other = WebhookPrivateKey(generatedBy: { [UInt8](repeating: 1, count: $0) })
        #expect(!other.publicKey.key.isValid(signature, of: content))
    }
}

@Suite struct WebhookSecretTests {
    private func text(_ count: Int, prefix: String = "whsec_") -> String {
        prefix + Base64.encode([UInt8](repeating: 0xA5, count: count))
    }

    @Test(arguments: [24, 25, 32, 63, 64])
    func aSecretOfTheStandardsLengthIsRead(count: Int) {
        #expect(WebhookSecret(text(count))?.reveal() == text(count))
    }

    @Test(arguments: [0, 1, 23, 65, 128])
    func aSecretOfAnotherLengthIsRefused(count: Int) {
        #expect(WebhookSecret(text(count)) == nil)
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ])
    func anOddSecretIsRefused(text: String) {
        #expect(WebhookSecret(text) == nil)
        #expect(WebhookKey(text) == nil)
    }

    @Test func aNewSecretIsMadeOfTheGivenChance() {
        var asked: [Int] = []
        let secret = WebhookSecret(generatedBy: { count in
            asked.append(count)
            return [UInt8](0..<UInt8(count))
        })
        #expect(asked == [32])
        #expect(secret.reveal() == "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        #expect(WebhookSecret(secret.reveal())?.bytes == secret.bytes)
    }

    @Test func aNewPairIsReadBack() throws {
        let pair = WebhookPrivateKey(generatedBy: { [UInt8](repeating: 9, count: $0) })
        #expect(WebhookPrivateKey(pair.reveal())?.publicKey == pair.publicKey)
        let shown = pair.publicKey.description
        #expect(shown.hasPrefix("whpk_") && WebhookPublicKey(shown) == pair.publicKey)
        #expect(WebhookPublicKey(String(shown.dropLast())) == nil && WebhookPublicKey(pair.reveal()) == nil)
        #expect(WebhookPrivateKey("whsk_" + Base64.encode([UInt8](repeating: 9, count: 64))) == nil)
    }

    @Test func secretsDoNotShowThemselves() {
        let secret = WebhookSecret(generatedBy: { [UInt8](repeating: 9, count: $0) })
        let pair = WebhookPrivateKey(generatedBy: { [UInt8](repeating: 9, count: $0) })
        var dumped = ""
        dump([WebhookKey.shared(secret), .pair(pair)], to: &dumped)
        for text in ["\(secret)", "\(pair)", String(reflecting: secret), "\([WebhookKey.shared(secret)])", dumped] {
            #expect(text.contains("‹secret›"))
            #expect(!text.contains("whs") && !text.contains("CQkJ") && !text.contains("9, 9"))
        }
    }
}
