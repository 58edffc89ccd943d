import HTTPServer
import Model
import TestKit
import Testing

@testable import api

/// Who may use the ledger's routes, and the bodies of those who may not.
@Suite struct LedgerGateTests {
    private static let unauthorized = #"401 {"error":"Unauthorized"}"#
    /// A route and the scope that it needs.
    static let routes: [(HTTPServer.Method, String, String)] = [
        (.post, "/api/v3/ingest/session", "ingest"), (.get, "/api/v3/ledger", "read"),
        (.get, "/api/v3/ledger/x", "read"),
        (.get, "/api/v3/alerts/rules", "read"), (.post, "/api/v3/alerts/rules", "control"),
        (.patch, "/api/v3/alerts/rules/x", "control"), (.get, "/api/v3/alerts/active", "read"),
    ]

    private func said(
        _ rig: LedgerRig, _ route: (HTTPServer.Method, String, String), _ headers: [HeaderField]
    ) async -> String {
        let response = await rig.ask(route.0, route.1, "{}", headers: HeaderFields(headers))
        return "\(response.status) \(response.text)"
    }

    private func mayEnter(_ said: String) -> Bool {
        ["200", "400", "404"].contains { said.hasPrefix($0) }
    }

    @Test(arguments: LedgerGateTests.routes)
    func theSecretOpensEveryRoute(route: (HTTPServer.Method, String, String)) async throws {
        let rig = try await LedgerRig()
        for wrong in ["", "other", "agreed ", "Agreed", "agree"] {
            #expect(await said(rig, route, [HeaderField("x-secret-key", wrong)]) == Self.unauthorized)
        }
        #expect(await said(rig, route, []) == Self.unauthorized)
        #expect(mayEnter(await said(rig, route, [HeaderField("X-Secret-Key", LedgerRig.secret)])))
    }

    @Test(arguments: LedgerGateTests.routes)
    func aTokenNeedsTheScopeOfTheRoute(route: (HTTPServer.Method, String, String)) async throws {
        let rig = try await LedgerRig()
        let others = ["read", "ingest", "control", "webhooks", "features", "inference"].filter { $0 != route.2 }
        let (good, other, admin) = (try rig.token([route.2]), try rig.token(others), try rig.token(["admin"]))
        let late = try rig.token([route.2], expiresAt: Timestamp(milliseconds: 1))
        let revoked = try rig.token([route.2], revoked: true)
        let field = { (token: String) in HeaderField("Authorization", "Bearer \(token)") }
        #expect(mayEnter(await said(rig, route, [field(good)])))
        #expect(mayEnter(await said(rig, route, [field(admin)])))
        #expect(await said(rig, route, [field(other)]) == #"403 {"error":"Forbidden"}"#)
        for bad in [late, revoked, "hc_nobody", "nobody"] {
            #expect(await said(rig, route, [field(bad)]) == Self.unauthorized)
        }
    }

    @Test func withoutASecretOnlyTokensOpen() async throws {
        let rig = try await LedgerRig()
        let bare = try await SiteRig(database: rig.rig.place)
        let token = try rig.token(["read"])
        for headers in [[], [HeaderField("x-secret-key", "")], [HeaderField("x-secret-key", "agreed")]] {
            let response = await bare.get("/api/v3/ledger", HeaderFields(headers))
            #expect(response.status == 500 && response.text == #"{"error":"Server auth is not configured."}"#)
        }
        let good = await bare.get("/api/v3/ledger", HeaderFields([HeaderField("Authorization", "Bearer \(token)")]))
        #expect(good.status == 200)
    }

    /// Fault 22: no answer of these routes names the secret, whatever goes wrong.
    @Test func fault22TheSecretReachesNobody() async throws {
        let rig = try await LedgerRig()
        for (method, path, _) in Self.routes {
            for body in ["", "{}", "nonsense"] {
                let response = await rig.ask(method, path, body)
                let headers = response.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
                #expect(!response.text.contains(LedgerRig.secret) && !headers.contains(LedgerRig.secret))
            }
        }
    }

    @Test func theLedgerCanBeOff() async throws {
        let rig = try await LedgerRig(["HELICARRIER_ENABLE_SQLITE": "false"])
        #expect(await rig.tell("s") == #"503 {"error":"The ledger is off: HELICARRIER_ENABLE_SQLITE is false"}"#)
        #expect(await rig.said(.get, "/api/v3/ledger").hasPrefix("503 "))
    }

    /// Once there are sessions, nobody switches them off by a setting.
    @Test func theLedgerCannotBeSwitchedOffOverSessions() async throws {
        let rig = try await LedgerRig()
        #expect(await rig.tell("s") == "200 \(LedgerRig.ok)")
        let site = try SiteRig.site(at: rig.rig.place.path, ["HELICARRIER_ENABLE_SQLITE": "false"])
        await #expect(throws: SessionsExist.self) { try await site.openNow() }
        #expect(SessionsExist().description.contains("HELICARRIER_ENABLE_SQLITE"))
    }
}
