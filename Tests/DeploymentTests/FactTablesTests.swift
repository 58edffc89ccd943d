import Deployment
import Model
import TestKit
import Testing

@Suite struct FactTablesTests {
    private static let head = #""version":1,"provenance":["a test"]"#

    private static func bytes(_ fields: String) -> [UInt8] { [UInt8]("{\(head),\(fields)}".utf8) }

    @Test(arguments: ["config", "samples/config"])
    func theShippedTablesAreRead(folder: String) throws {
        let tables = DeploymentFolder(path: Repository.root + "/" + folder)
        let sizes = try tables.sizes()
        #expect(
            sizes.contains(
                CuratedSize(
                    id: ModelID("zai-org/GLM-4.5"), total: 355_000_000_000, active: 32_000_000_000)))
        #expect(try tables.licenses().byID["mit"] == License(id: "mit", name: "MIT", kind: .permissive))
        #expect(try tables.licenses().byName["mrl"]?.kind == .noncommercial)
        #expect(try tables.capabilities().models[ModelID("Qwen/Qwen3-32B")]?.contains(.tools) == true)
        #expect(try tables.capabilities().mixtures.contains("mixtral"))
        #expect(try tables.parents().modelTypes["dbrx"]?.source == .modelType)
        let distilled = try tables.parents().models[ModelID("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B")]
        #expect(
            distilled == Parentage(parent: ModelID("Qwen/Qwen2.5-32B"), relation: .finetune, source: .curated))
    }

    @Test(arguments: [
        (#""models":[{"id":"a/b"}]"#, "/models/0/total"), (#""models":[{"total":5}]"#, "/models/0/id"),
        (#""models":[{"id":"a/b","total":0}]"#, "/models/0/total"),
        (#""models":[{"id":"a/b","total":5,"active":6}]"#, "/models/0/active"),
        (#""models":[{"id":"a/b","total":5},{"id":"a/b","total":5}]"#, "/models/1/id"),
        (#""models":[{"id":"a b","total":5}]"#, "/models/0/id"), (#""models":{}"#, "/models"),
        (#""models":[],"more":1"#, "/more"), (#""rows":[]"#, "/rows"),
        (#""models":[{"id":"a/b","total":5,"source":"me"}]"#, "/models/0/source"),
    ])
    func aWrongSizeIsRefusedWithItsPlace(fields: String, pointer: String) throws {
        let error = try #require(throws: DeploymentError.self) { try CuratedSize.list(parsing: Self.bytes(fields)) }
        #expect(error.file == "parameters.json" && error.pointer == pointer)
    }

    @Test(arguments: [
        (#"{}"#, "/version"), (#"{"version":1}"#, "/provenance"), (#"{"version":0,"provenance":[]}"#, "/version"),
        (#"{"version":1,"provenance":[7]}"#, "/provenance/0"), (#"[]"#, ""), (#"{"#, ""),
    ])
    func everyTableHasAVersionAndItsProvenance(text: String, pointer: String) throws {
        let bytes = [UInt8](text.utf8)
        let errors = [
            #expect(throws: DeploymentError.self) { try CuratedSize.list(parsing: bytes) },
            #expect(throws: DeploymentError.self) { try LicenseTable(parsing: bytes) },
            #expect(throws: DeploymentError.self) { try CapabilityTable(parsing: bytes) },
            #expect(throws: DeploymentError.self) { try ParentTable(parsing: bytes) },
        ]
        #expect(errors.map { $0?.pointer } == Array(repeating: pointer, count: 4))
        #expect(
            errors.map { $0?.file } == ["parameters.json", "licenses.json", "capabilities.json", "families.json"])
    }

    @Test(arguments: [
        (#""licenses":[],"names":[{"license":"x","name":"X","class":"free"}]"#, "/names/0/class"),
        (#""licenses":[{"id":"MIT","name":"MIT"}],"names":[]"#, "/licenses/0/id"),
        (#""licenses":[{"id":"mit","name":"MIT"},{"id":"mit","name":"M"}],"names":[]"#, "/licenses/1/id"),
        (#""licenses":[{"id":"mit"}],"names":[]"#, "/licenses/0/name"), (#""licenses":[]"#, "/names"),
    ])
    func aWrongLicenceIsRefusedWithItsPlace(fields: String, pointer: String) throws {
        let error = try #require(throws: DeploymentError.self) { try LicenseTable(parsing: Self.bytes(fields)) }
        #expect(error.pointer == pointer)
    }

    @Test(arguments: [
        (
            #""models":[{"id":"a/b","capabilities":["fly"]}],"pipelines":[],"tags":[],"mixtures":[]"#,
            "/models/0/capabilities/0"
        ),
        (
            #""models":[{"id":"a/b","capabilities":["chat","chat"]}],"pipelines":[],"tags":[],"mixtures":[]"#,
            "/models/0/capabilities/1"
        ),
        (#""models":[],"pipelines":[],"tags":[{"tag":"MoE","capabilities":[]}],"mixtures":[]"#, "/tags/0/tag"),
        (#""models":[],"pipelines":[{"pipeline":"x"}],"tags":[],"mixtures":[]"#, "/pipelines/0/capabilities"),
        (#""models":[],"pipelines":[],"tags":[],"mixtures":[7]"#, "/mixtures/0"),
        (#""models":[],"pipelines":[],"tags":[]"#, "/mixtures"),
    ])
    func aWrongCapabilityIsRefusedWithItsPlace(fields: String, pointer: String) throws {
        let error = try #require(throws: DeploymentError.self) { try CapabilityTable(parsing: Self.bytes(fields)) }
        #expect(error.pointer == pointer)
    }

    @Test(arguments: [
        (#""models":[{"id":"a/b","parent":"a/b","relation":"finetune"}],"modelTypes":[]"#, "/models/0/parent"),
        (#""models":[{"id":"a/b","parent":"c/d","relation":"child"}],"modelTypes":[]"#, "/models/0/relation"),
        (#""models":[{"id":"a/b","relation":"merge"}],"modelTypes":[]"#, "/models/0/parent"),
        (
            #""models":[],"modelTypes":[{"modelType":"","parent":"a/b","relation":"merge"}]"#,
            "/modelTypes/0/modelType"
        ),
    ])
    func aWrongParentIsRefusedWithItsPlace(fields: String, pointer: String) throws {
        let error = try #require(throws: DeploymentError.self) { try ParentTable(parsing: Self.bytes(fields)) }
        #expect(error.pointer == pointer)
    }
}
