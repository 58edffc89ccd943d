import Deployment
import Model
import Testing

@Suite struct SourcesFileTests {
    private func list(_ text: String) throws -> [CuratedSource] {
        try CuratedSource.list(parsing: [UInt8](text.utf8))
    }

    @Test func theListKeepsItsOrderAndItsOptionalFocus() throws {
        let sources = try list(
            #"""
            [{"id":"b/y","displayName":"Y","provider":"P","focus":"chat"},
             {"id":"gpt2","provider":"Q","displayName":"Z"}]
            """#)
        #expect(
            sources == [
                CuratedSource(id: ModelID("b/y"), displayName: "Y", provider: "P", focus: "chat"),
                CuratedSource(id: ModelID("gpt2"), displayName: "Z", provider: "Q"),
            ])
        #expect(try list("[]").isEmpty)
    }

    @Test(arguments: [
        ("", ""), ("{", ""), ("{}", ""), ("[1]", "/0"), (#"[{}]"#, "/0/id"),
        (#"[{"id":"a/b","displayName":"X"}]"#, "/0/provider"),
        (#"[{"id":"a/b","displayName":"","provider":"P"}]"#, "/0/displayName"),
        (#"[{"id":"a/b","displayName":7,"provider":"P"}]"#, "/0/displayName"),
        (#"[{"id":"a/b","displayName":"X","provider":"P","focus":null}]"#, "/0/focus"),
        (#"[{"id":"a/b","displayName":"X","provider":"P","colour":"red"}]"#, "/0/colour"),
        (#"[{"id":"a/b","displayName":"X","provider":"P","a/b~":1}]"#, "/0/a~1b~0"),
        (#"[{"id":"a/b/c","displayName":"X","provider":"P"}]"#, "/0/id"),
        (#"[{"id":"a/","displayName":"X","provider":"P"}]"#, "/0/id"),
        (#"[{"id":"../b","displayName":"X","provider":"P"}]"#, "/0/id"),
        (#"[{"id":"a b","displayName":"X","provider":"P"}]"#, "/0/id"),
        (#"[{"id":"a/b?c","displayName":"X","provider":"P"}]"#, "/0/id"),
        (#"[{"id":"a/b","id":"a/c","displayName":"X","provider":"P"}]"#, "/0/id"),
        (#"[{"id":"a/b","displayName":"X\n","provider":"P"}]"#, "/0/displayName"),
        (
            #"[{"id":"a/b","displayName":"X","provider":"P"},{"id":"a/b","displayName":"Y","provider":"P"}]"#,
            "/1/id"
        ),
    ])
    func aMistakeIsNamedByItsPlace(text: String, pointer: String) throws {
        let error = try #require(throws: DeploymentError.self) { try list(text) }
        #expect(error.file == "sources.json")
        #expect(error.pointer == pointer)
        #expect(!error.expected.isEmpty)
    }

    @Test func theMessageSaysFilePlaceAndExpectation() {
        let error = DeploymentError(file: "sources.json", pointer: "/3/id", expected: "each id once")
        #expect("\(error)" == "sources.json: at /3/id expected each id once")
        #expect("\(DeploymentError(file: "f", expected: "JSON"))" == "f: expected JSON")
    }
}
