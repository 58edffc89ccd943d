import HTTPServer
import JSON
import Testing

@testable import api

@Suite struct DocumentTests {
    private struct Line: Hashable, CustomStringConvertible {
        let method: String
        let path: String
        var description: String { "\(method) \(path)" }
    }

    private func document(_ rig: SiteRig) async throws -> JSONNode {
        let response = await rig.get("/api/v4/openapi.json")
        #expect(response.status == 200 && response.header("ETag") != nil)
        return try JSONDocument(parsing: response.bytes).root
    }

    /// `:name.svg` of the router as `{name}.svg`.
    private func template(_ pattern: String) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false).map { part in
            guard part.hasPrefix(":") || part.hasPrefix("*") else { return String(part) }
            let name = part.dropFirst().prefix { $0.isLetter }
            return "{\(name)}\(part.dropFirst(name.count + 1))"
        }.joined(separator: "/")
    }

    /// Pages are for people: nobody describes them.
    private static let pages = [
        "/", "/models", "/compare", "/families", "/anomalies", "/assets", "/docs", "/usage", "/usage.csv", "/sessions",
        "/sessions.csv", "/ops",
    ]

    @Test func everyRouteForProgramsIsDescribedAndNothingElse() async throws {
        let rig = try await SiteRig()
        let served = rig.router.routes.filter { route in
            let first = "/" + (route.pattern.split(separator: "/").first.map(String.init) ?? "")
            return !Self.pages.contains(first) && route.method != .options
        }
        .map { Line(method: $0.method.rawValue, path: template($0.pattern)) }
        let paths = try #require(try await document(rig)["paths"])
        let described = paths.members.flatMap { path, item in
            item.members.map { Line(method: $0.key.uppercased(), path: path) }
        }
        #expect(served.count > 20 && Set(served) == Set(described))
        #expect(Set(described).count == described.count)
    }

    @Test func everyReferenceLeadsSomewhereAndEveryNameIsThereOnce() async throws {
        let root = try await document(try await SiteRig())
        #expect(root["openapi"]?.string == "3.1.0")
        let schemas = Set(try #require(root["components"]?["schemas"]).members.map(\.key))
        var (references, names) = (Set<String>(), [String]())
        func walk(_ node: JSONNode) {
            for (key, value) in node.members {
                if key == "$ref", let text = value.string { references.insert(text) }
                if key == "operationId", let text = value.string { names.append(text) }
                walk(value)
            }
            for element in node.elements { walk(element) }
        }
        walk(root)
        #expect(
            references == Set(schemas.map { "#/components/schemas/\($0)" }), "a schema is missing, or nobody uses it")
        #expect(Set(names).count == names.count && names.count > 20)
    }

    @Test func aListsParametersAreThoseThatItReads() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try await rig.refresh()
        let paths = try #require(try await document(rig)["paths"])
        for (path, item) in paths.members where !path.contains("webhook") && path != "/api/v4/stream" {
            guard let parameters = item["get"]?["parameters"]?.elements else { continue }
            let target = path.split(separator: "{").count == 1 ? path : nil
            guard let target else { continue }
            for parameter in parameters where parameter["in"]?.string == "query" {
                let name = try #require(parameter["name"]?.string)
                let text = await rig.get("\(target)?\(name)=%01").text
                #expect(!text.contains("unknown_parameter"), "\(path) does not read \(name)")
            }
        }
    }

    /// Places of another day are kept for the default profile alone.
    @Test func anotherProfilesChangeOfRankIsUnknown() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b", "c/d"])
        try await rig.refresh()
        for sort in ["rankChange", "-rankChange", "-score"] {
            let response = await rig.get("/api/v4/models?profile=research&sort=\(sort)")
            let models = try #require(try JSONDocument(parsing: response.bytes).root["models"]).elements
            #expect(Array(models).count == 2)
            for model in models {
                #expect(model["delta"]?["rankChange"]?.isNull == true)
                #expect(model["delta"]?["missing"]?["rankChange"]?.string == "no_baseline")
            }
        }
    }

    @Test func feedsAndProfilesAreTheDeploymentsOwn() async throws {
        let rig = try await SiteRig()
        try rig.publish("other", models: ["a/b"])
        try await rig.refresh()
        let text = await rig.get("/api/v4/openapi.json").text
        #expect(text.contains(#""enum":["hub","other"]"#) && text.contains(#""enum":["default","research""#))
    }
}
