import Crypto
import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit

@testable import api

/// The ledger's routes over a real database, asked as a holder of the secret.
struct LedgerRig {
    static let secret = "agreed"
    static let ok = #"{"ok":true}"#

    let rig: SiteRig

    init(_ settings: [String: String] = [:]) async throws {
        rig = try await SiteRig(settings: ["HELICARRIER_SECRET": Self.secret].merging(settings) { $1 })
    }

    func ask(
        _ method: HTTPServer.Method, _ target: String, _ body: String = "",
        headers: HeaderFields = HeaderFields([HeaderField("x-secret-key", LedgerRig.secret)])
    ) async -> Response {
        await rig.router.respond(to: Request(method, target, headers: headers, body: [UInt8](body.utf8)))
    }

    /// Status and body of an answer, as one text.
    func said(_ method: HTTPServer.Method, _ target: String, _ body: String = "") async -> String {
        let response = await ask(method, target, body)
        return "\(response.status) \(response.text)"
    }

    @discardableResult
    func ingest(_ body: String) async -> String { await said(.post, "/api/v3/ingest/session", body) }

    /// Tells of a session; further fields as JSON members.
    @discardableResult
    func tell(
        _ id: String, state: String = "done", agent: String = "planner", model: String = "m-1",
        at start: String = "2026-05-04T08:00:00Z", key: String? = nil, _ more: String = ""
    ) async -> String {
        let name = key.map { #","idempotency_key":"\#($0)""# } ?? ""
        let rest = more.isEmpty ? "" : ",\(more)"
        return await ingest(
            #"{"envelope_version":"v1"\#(name),"payload":{"session":{"sessionId":"\#(id)","state":"\#(state)","#
                + #""agentId":"\#(agent)","modelId":"\#(model)","startedAt":"\#(start)"\#(rest)}}}"#)
    }

    /// The ids of a list, and how many there are in all.
    func list(_ query: String) async throws -> (ids: [String], total: Int64?) {
        let root = try JSONDocument(parsing: await ask(.get, "/api/v3/ledger?\(query)").bytes).root
        return (root["rows"]?.elements.compactMap { $0["sessionId"]?.string } ?? [], root["total"]?.int64)
    }

    /// The text of a token that is good until somebody says otherwise.
    func token(_ scopes: [String], expiresAt: Timestamp? = nil, revoked: Bool = false) throws -> String {
        let text = "hc_" + scopes.joined() + (revoked ? "revoked" : "") + (expiresAt == nil ? "" : "short")
        let now = Timestamp(milliseconds: 0)
        let connection = try rig.place.open()
        let token = TokenRecord(id: text, scopes: scopes, plan: nil, label: nil, createdAt: now, expiresAt: expiresAt)
        try connection.run(Query<Void>.addToken(token, sha256: SHA256.digest([UInt8](text.utf8)).bytes))
        if revoked { try connection.run(Query<String>.revokeToken(text, now: now)) }
        return text
    }
}
