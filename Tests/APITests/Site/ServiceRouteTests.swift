import HTTPServer
import JSON
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

@testable import api

@Suite struct ServiceRouteTests {
    private static let body = #"{"updatedAt":"2026-05-04T08:43:19.965Z","models":[{"name":"A"}] ,"odd":  1}"#

    private func document(_ rig: SiteRig, _ body: String = body) throws {
        try rig.place.open().run(
            Query<Void>.saveDocument(
                "v3/snapshot", body: [UInt8](body.utf8), snapshot: "hub-1", updatedAt: SiteRig.start))
    }

    @Test(arguments: ["/api/snapshot", "/api/snapshot/refresh"])
    func v3sSnapshotIsServedByteForByte(target: String) async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try document(rig)
        try await rig.refresh()
        let response = await rig.get(target, [HeaderField("Accept-Encoding", "gzip")])
        #expect(response.status == 200 && response.text == Self.body)
        #expect(response.header("Content-Type") == "application/json")
        #expect(response.header("X-Robots-Tag") == "noindex, nofollow")
    }

    @Test(arguments: ["/api/snapshot", "/api/snapshot/refresh"])
    func withoutASnapshotV3SaysSoInItsOwnShape(target: String) async throws {
        let rig = try await SiteRig()
        try await rig.refresh()
        let response = await rig.get(target)
        #expect(response.status == 500)
        #expect(response.text == #"{"error":"No snapshot has been published yet"}"#)
        #expect(response.header("X-Robots-Tag") == "noindex, nofollow")
    }

    private func status(_ rig: SiteRig) async throws -> String? {
        let response = await rig.get("/api/health")
        #expect(response.status == 200, "always")
        return try JSONDocument(parsing: response.bytes).root["status"]?.string
    }

    private func report(_ rig: SiteRig, _ name: String, _ status: String, _ error: String? = nil) throws {
        try rig.place.open().run(
            Query<Void>.reportComponent(name, status: status, lastError: error, now: SiteRig.start))
    }

    @Test func v3sHealthHasThreeStates() async throws {
        let rig = try await SiteRig()
        try await rig.refresh()
        #expect(try await status(rig) == "failed", "there is no snapshot")
        try rig.publish(models: ["a/b"])
        try document(rig)
        try await rig.refresh()
        #expect(try await status(rig) == "ok")
        try report(rig, "huggingFaceFetch", "failed", "no page could be had")
        #expect(try await status(rig) == "degraded")
        try report(rig, "huggingFaceFetch", "ok")
        try report(rig, "scoreCompute", "failed", "no figures")
        #expect(try await status(rig) == "failed")
    }

    @Test func v3sHealthNamesTheModelThatFailed() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try document(rig, #"{"models":[{"name":"A"},{"name":"B","error":"Request failed with status 404"}]}"#)
        try await rig.refresh()
        let root = try JSONDocument(parsing: await rig.get("/api/health").bytes).root
        #expect(root["status"]?.string == "degraded")
        let fetch = try #require(root["components"]?["huggingFaceFetch"])
        #expect(fetch["lastError"]?.string == "B: Request failed with status 404")
    }

    @Test func aProcessThatIsNotReadyIsAlive() async throws {
        let folder = try TemporaryDirectory()
        let site = try SiteRig.site(at: folder.file("missing/test.sqlite"))
        let router = SiteRig.router(site)
        #expect(await router.respond(to: Request(.get, "/livez")).status == 200)
        #expect(await router.respond(to: Request(.get, "/readyz")).text == "schema: starting\n")
        let verbose = await router.respond(to: Request(.get, "/readyz?verbose"))
        #expect(verbose.status == 503 && verbose.text == "[+] accepting: ok\n[-] schema: starting\n")
        let models = await router.respond(to: Request(.get, "/api/v4/models"))
        #expect(models.status == 503 && models.header("Retry-After") == "2")
        let snapshot = await router.respond(to: Request(.get, "/api/snapshot"))
        #expect(snapshot.status == 500 && snapshot.text == #"{"error":"starting"}"#)
        #expect(await router.respond(to: Request(.get, "/api/health")).status == 200)
        #expect(await router.respond(to: Request(.get, "/metrics")).text.hasSuffix("# EOF\n"))
    }

    @Test func readinessListsItsChecks() async throws {
        let rig = try await SiteRig()
        #expect(await rig.get("/livez").text == "ok\n")
        #expect(await rig.get("/readyz").text == "ok\n")
        let verbose = await rig.get("/readyz?verbose")
        #expect(verbose.status == 200)
        #expect(verbose.text == "[+] accepting: ok\n[+] schema: ok\n[+] database-write: ok\n")
        rig.site.drain()
        #expect(await rig.get("/readyz").status == 503)
        #expect(await rig.get("/readyz?verbose").text.contains("[-] accepting: draining"))
        // Nobody should send more; whoever has sent is answered as before.
        #expect(await rig.get("/api/v4/feeds").status == 200)
        #expect(await rig.get("/livez").status == 200)
    }

    @Test func aSchemaOfAnotherReleaseIsNotReady() async throws {
        let rig = try await SiteRig()
        #expect(await rig.get("/readyz").status == 200)
        try rig.place.open().runScript(
            "INSERT INTO schema_migration (version, name, applied_at_ms) VALUES (\(Migration.newest + 1), 'later', 0)")
        let response = await rig.get("/readyz")
        #expect(response.status == 503 && response.text.hasPrefix("schema: the schema is \(Migration.newest + 1)"))
        #expect(await rig.get("/livez").status == 200)
    }

    /// Whoever holds the database's lock does not hold up who asks.
    @Test func aDatabaseThatTakesNoWritesIsNotReadyInTime() async throws {
        let probe = WriteProbe(patience: .milliseconds(50))
        let (gate, open) = AsyncStream<Void>.makeStream()
        let asked = Mutex(0)
        let write: @Sendable () async -> WriteProbe.Fault? = {
            asked.withLock { $0 += 1 }
            for await _ in gate { break }
            return nil
        }
        for _ in 0..<3 { #expect(await probe.fault(write)?.reason.hasPrefix("no write within") == true) }
        #expect(asked.withLock { $0 } == 1, "one write waits for the lock, not one for each that asks")
        open.finish()
        // What the held write has found meanwhile is not what is told later.
        try await eventually("the held write is forgotten") {
            await probe.fault { WriteProbe.Fault(reason: "disk full") }?.reason == "disk full"
        }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func metricsAreWholeAndEnd() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        let response = await rig.get("/metrics")
        #expect(response.header("Content-Type") == OpenMetrics.contentType)
        let lines = response.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.suffix(2) == ["# EOF", ""])
        #expect(lines.contains("helicarrier_ready 1"))
        var family = ""
        for line in lines.dropLast(2) {
            if line.hasPrefix("# TYPE ") {
                family = String(line.split(separator: " ")[2])
            } else {
                #expect(line.hasPrefix("# HELP \(family) ") || line.hasPrefix(family), "\(line)")
            }
        }
    }

    @Test(arguments: ["/api/nothing", "/api/v4/nothing", "/api/v4/models/", "/api"])
    func anUnknownRouteIsAProblem(target: String) async throws {
        let response = try await SiteRig().get(target)
        #expect(response.status == 404 && response.header("Content-Type") == "application/problem+json")
        #expect(response.text.contains(#""code":"not_found""#))
    }

    @Test(arguments: [Method.post, .put, .patch, .delete, .options])
    func aWrongMethodIsAProblemThatNamesTheRightOnes(method: Method) async throws {
        let response = try await SiteRig().router.respond(to: Request(method, "/api/v4/snapshot"))
        #expect(response.status == 405 && response.header("Allow") == "GET, HEAD")
        #expect(response.header("Content-Type") == "application/problem+json")
    }

    @Test(arguments: ["/api/snapshot", "/api/health", "/livez", "/readyz", "/metrics", "/api/v4/snapshot", "/"])
    func aHeadIsAGetWithoutItsBody(target: String) async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try document(rig)
        try await rig.refresh()
        let get = await rig.get(target)
        let head = await rig.router.respond(to: Request(.head, target))
        #expect(head.status == get.status && head.bytes.isEmpty && !get.bytes.isEmpty)
        #expect(head.header("Content-Type") == get.header("Content-Type"))
        #expect(head.header("ETag") == get.header("ETag"))
    }
}
