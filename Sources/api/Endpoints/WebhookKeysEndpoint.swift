import Crypto
import HTTPServer
import JSON
import Model
import SQLite
import Store
import Webhooks

/// `GET /.well-known/webhook-keys`: the public keys that deliveries with `v1a` signatures verify with, as a JSON Web
/// Key Set (RFC 7517, RFC 8037). Open to everybody: receivers read it, and nothing in it is secret.
struct WebhookKeysEndpoint: Sendable {
    let site: Site
    let answers: Answers
    let now: @Sendable () -> Timestamp

    func keys(_ request: Request, _ parameters: Parameters) async -> Response {
        let faults = Set(request.query.map(\.name)).map { name in
            Problem.Fault(
                place: .parameter(name), code: "unknown_parameter", message: "is not a parameter of this route")
        }
        guard faults.isEmpty else { return answers.invalid(faults, request) }
        guard let open = site.open else { return answers.unavailable(request) }
        do throws(SQLiteError) {
            let body = Self.encode(try await open.reader.run(.publicKeys(now: now())))
            let representation = Representation(
                contentType: "application/jwk-set+json", body: body,
                tag: Hex.encode(Array(SHA256.digest(body).bytes.prefix(12))), cacheControl: "public, max-age=60")
            return answers.marked(representation.response(to: request))
        } catch {
            return answers.unavailable(request)
        }
    }

    /// `kid` is the key's id, as it stands in a subscription and in the log of attempts; `whpk` the same key in the
    /// text form of Standard Webhooks.
    static func encode(_ keys: [ShownKey]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("keys")
        json.beginArray()
        for key in keys {
            guard let text = key.publicKey, let read = WebhookPublicKey(text) else { continue }
            json.beginObject()
            json.key("kty")
            json.string("OKP")
            json.key("crv")
            json.string("Ed25519")
            json.key("use")
            json.string("sig")
            json.key("alg")
            json.string("EdDSA")
            json.key("kid")
            json.string(key.id)
            json.key("x")
            json.string(Base64.encode(read.key.bytes, .urlSafe))
            json.key("whpk")
            json.string(text)
            json.key("createdAt")
            json.string(key.createdAt.rfc3339)
            json.key("expiresAt")
            json.string(key.expiresAt?.rfc3339)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.finished()
    }
}
