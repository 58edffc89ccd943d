import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

@Suite struct HubHookTests {
    private static let body = """
        {"event":{"action":"update","scope":"repo.content"},"repo":{"type":"model","name":"a/b","id":"621ffdc0"},
         "webhook":{"id":"3","version":3}}
        """

    private func post(
        _ rig: SiteRig, secret: String? = "agreed", body: String = HubHookTests.body
    ) async -> Response {
        let headers = secret.map { [HeaderField("X-Webhook-Secret", $0)] } ?? []
        return await rig.router.respond(
            to: Request(.post, "/api/v4/hub-webhook", headers: HeaderFields(headers), body: Array(body.utf8)))
    }

    private func hints(_ rig: SiteRig) throws -> [String] { try rig.place.open().run(.hints(limit: 10)) }

    @Test func aHintIsKeptForTheNextRefresh() async throws {
        let rig = try await SiteRig(settings: ["HELICARRIER_HUB_WEBHOOK_SECRET": "agreed"])
        for _ in 0..<2 { #expect(await post(rig).status == 202) }
        #expect(try hints(rig) == ["a/b"])
    }

    @Test(arguments: [(nil, 401), ("other", 403), ("", 403), ("agreed ", 403)] as [(String?, Int)])
    func theSecretMustBeTheOneThatWasAgreed(secret: String?, status: Int) async throws {
        let rig = try await SiteRig(settings: ["HELICARRIER_HUB_WEBHOOK_SECRET": "agreed"])
        #expect(await post(rig, secret: secret).status == status)
        #expect(try hints(rig).isEmpty)
    }

    @Test func withoutASecretNothingIsTaken() async throws {
        let rig = try await SiteRig()
        #expect(await post(rig, secret: "").status == 404)
    }

    @Test func whatIsNoModelIsTakenAndSaysNothing() async throws {
        let rig = try await SiteRig(settings: ["HELICARRIER_HUB_WEBHOOK_SECRET": "agreed"])
        #expect(await post(rig, body: #"{"repo":{"type":"dataset","name":"a/b"}}"#).status == 202)
        #expect(try hints(rig).isEmpty)
    }

    @Test(arguments: [
        ("", ""), ("{", ""), ("[]", "/repo"), (#"{"repo":{}}"#, "/repo/type"),
        (#"{"repo":{"type":"model"}}"#, "/repo/name"), (#"{"repo":{"type":"model","name":"a/b/c"}}"#, "/repo/name"),
        (#"{"repo":{"type":"model","name":"a b"}}"#, "/repo/name"),
    ])
    func aBodyThatSaysNothingIsRefused(body: String, pointer: String) async throws {
        let rig = try await SiteRig(settings: ["HELICARRIER_HUB_WEBHOOK_SECRET": "agreed"])
        let response = await post(rig, body: body)
        #expect(response.status == 400)
        let root = try JSONDocument(parsing: response.bytes).root
        #expect(root["code"]?.string == "invalid_body" && root["errors"]?[0]?["pointer"]?.string == pointer)
        #expect(try hints(rig).isEmpty)
    }
}
