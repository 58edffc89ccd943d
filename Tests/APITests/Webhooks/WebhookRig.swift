import Crypto
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import api

/// The routes of subscriptions over a real database, without a socket: a token that may subscribe, and an operator's.
struct WebhookRig {
    static let member = "hc_member"
    static let admin = "hc_operator"

    let rig: SiteRig

    init(_ settings: [String: String] = [:], log: Logger = .silent) async throws {
        rig = try await SiteRig(settings: settings, log: log)
        try add(Self.member, scopes: ["webhooks"])
        try add(Self.admin, scopes: ["webhooks", "admin"])
        try add("hc_reader", scopes: ["read"])
    }

    private func add(_ text: String, scopes: [String]) throws {
        let token = TokenRecord(
            id: "tok_" + text, scopes: scopes, plan: nil, label: nil, createdAt: SiteRig.start, expiresAt: nil)
        try run(Query<Void>.addToken(token, sha256: SHA256.digest([UInt8](text.utf8)).bytes))
    }

    @discardableResult
    func run<Output>(_ query: Query<Output>) throws -> [Output] { try rig.place.open().run(query) }

    func send(
        _ method: HTTPServer.Method, _ path: String, _ body: String? = nil, token: String? = WebhookRig.member,
        headers: [HeaderField] = [], type: String = "application/json"
    ) async -> Response {
        var fields = headers
        if let token { fields.append(HeaderField("Authorization", "Bearer \(token)")) }
        if body != nil { fields.append(HeaderField("Content-Type", type)) }
        let target = path.hasPrefix("/.well-known") || path.hasPrefix("/ops") ? path : "/api/v4/webhooks" + path
        return await rig.router.respond(
            to: Request(method, target, headers: HeaderFields(fields), body: [UInt8]((body ?? "").utf8)))
    }

    /// Sends with the tag that reading gives now.
    func sendMatching(
        _ method: HTTPServer.Method, _ id: String, _ body: String? = nil, token: String = WebhookRig.member,
        type: String = "application/merge-patch+json"
    ) async throws -> Response {
        let tag = try #require(await send(.get, "/\(id)").header("ETag"))
        return await send(method, "/\(id)", body, token: token, headers: [HeaderField("If-Match", tag)], type: type)
    }

    /// A subscription that exists: its id and the answer to its creation.
    func make(
        _ body: String = #"{"url":"https://example.org/hook"}"#, token: String = WebhookRig.member
    ) async throws -> (id: String, made: JSONNode) {
        let response = await send(.post, "", body, token: token)
        try #require(response.status == 201, "\(response.text)")
        let root = try JSONDocument(parsing: response.bytes).root
        return (try #require(root["id"]?.string), root)
    }

    func makeActive(_ more: String = "") async throws -> String {
        try await make(
            #"{"url":"https://example.org/hook","skipVerification":true\#(more)}"#, token: Self.admin
        ).id
    }

    func subscription(_ id: String) throws -> Subscription { try #require(try run(.subscription(id: id)).first) }

    func deliveries(_ id: String) throws -> [Delivery] { try run(.deliveries(of: id, limit: 5_000)) }

    /// Something happened, and is written for whoever wants it.
    func emit(
        _ type: String = "model.added", at moment: Timestamp = SiteRig.start, name: String = RandomName.make("msg_"),
        model: String = "a/b"
    ) throws {
        let event = try #require(
            OutgoingEvent(id: name, type: type, originKey: name, occurredAt: moment, traceParent: nil) { json in
                json.beginObject()
                json.key("model")
                json.string(model)
                json.endObject()
            })
        try rig.place.open().transaction { db throws(SQLiteError) in
            try EmitEvent(event, now: moment).apply(to: db)
        }
    }
}

extension Response {
    var json: JSONNode? { try? JSONDocument(parsing: bytes).root }

    /// Whether it is a problem with these status and code.
    func isProblem(_ status: Int, _ code: String) -> Bool {
        self.status == status && header("Content-Type") == "application/problem+json" && json?["code"]?.string == code
    }

    /// The faults that a problem names: place and code.
    var faults: [String: String] {
        var faults: [String: String] = [:]
        for fault in json?["errors"]?.elements.map({ $0 }) ?? [] {
            let place = fault["pointer"] ?? fault["parameter"] ?? fault["header"]
            faults[place?.string ?? ""] = fault["code"]?.string
        }
        return faults
    }
}
