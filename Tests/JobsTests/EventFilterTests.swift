import JSON
import Jobs
import Testing

@Suite struct EventFilterTests {
    static let data = """
        {"model":"a/b","rank":3,"score":0.5,"isNew":true,"license":null,"type":"inner","ünï":"é",
         "nested":{"deep":{"id":7}},"tags":["x","y"],"rows":[{"id":1},{"id":2,"names":["p"]}],"empty":[]}
        """

    private func matches(_ filter: String, type: String = "model.added") throws -> Bool {
        let filter = try EventFilter(try JSONDocument(parsing: filter).root)
        return filter.matches(type: type, data: try JSONDocument(parsing: Self.data).root)
    }

    @Test(
        arguments: [
            "{}", #"{"model":["a/b"]}"#, #"{"model":["c/d","a/b"]}"#, #"{"rank":[3]}"#, #"{"rank":[3.0]}"#,
            #"{"rank":[2,3e0]}"#, #"{"score":[0.5]}"#, #"{"isNew":[true]}"#, #"{"license":[null]}"#,
            #"{"missing":[null]}"#, #"{"nested.missing":[null]}"#, #"{"nested.deep.id":[7]}"#, #"{"tags":["y"]}"#,
            #"{"rows.id":[2]}"#, #"{"rows.names":["p"]}"#, #"{"type":["model.added"]}"#, #"{"type":["model.*"]}"#,
            #"{"type":["*"]}"#, #"{"data.type":["inner"]}"#, #"{"data.model":["a/b"]}"#, #"{"ünï":["é"]}"#,
            #"{"model":["a/b"],"rank":[1,2,3],"tags":["x"]}"#,
        ])
    func lets(filter: String) throws {
        #expect(try matches(filter))
    }

    @Test(
        arguments: [
            #"{"model":["A/B"]}"#, #"{"model":["a"]}"#, #"{"rank":["3"]}"#, #"{"rank":[4]}"#, #"{"isNew":[1]}"#,
            #"{"isNew":["true"]}"#, #"{"license":["null"]}"#, #"{"license":[false,0,""]}"#, #"{"missing":["x"]}"#,
            #"{"nested":[null]}"#, #"{"nested.deep":[7]}"#, #"{"tags":["z"]}"#, #"{"tags.x":["x"]}"#,
            #"{"rows.id":[3]}"#, #"{"empty":[null]}"#, #"{"type":["inner"]}"#, #"{"type":["model.removed","score.*"]}"#,
            #"{"model":["a/b"],"rank":[4]}"#, #"{"data":["a/b"]}"#,
        ])
    func stops(filter: String) throws {
        #expect(try !matches(filter))
    }

    @Test(
        arguments: [
            ("[]", [], "wrong_type"), ("\"x\"", [], "wrong_type"), (#"{"a":"x"}"#, ["a"], "wrong_type"),
            (#"{"a":[]}"#, ["a"], "wrong_type"), (#"{"a":[{}]}"#, ["a", "0"], "wrong_type"),
            (#"{"a":[1,[2]]}"#, ["a", "1"], "wrong_type"), (#"{"":[1]}"#, [""], "invalid"),
            (#"{"a..b":[1]}"#, ["a..b"], "invalid"), (#"{".a":[1]}"#, [".a"], "invalid"),
        ] as [(String, [String], String)])
    func refuses(filter: String, place: [String], code: String) throws {
        let root = try JSONDocument(parsing: filter).root
        let fault = #expect(throws: EventFilter.Fault.self) { try EventFilter(root) }
        #expect(fault?.place == place && fault?.code == code)
    }

    @Test func hasLimits() throws {
        let fields = { (count: Int) in "{" + (0..<count).map { "\"f\($0)\":[1]" }.joined(separator: ",") + "}" }
        #expect(EventFilter(stored: fields(EventFilter.mostFields)) != nil)
        #expect(EventFilter(stored: fields(EventFilter.mostFields + 1)) == nil)
        let values = { (count: Int) in
            "{\"a\":[" + [String](repeating: "1", count: count).joined(separator: ",") + "]}"
        }
        #expect(EventFilter(stored: values(EventFilter.mostValues)) != nil)
        #expect(EventFilter(stored: values(EventFilter.mostValues + 1)) == nil)
    }

    @Test func anEventWithoutDataHasOnlyMissingFields() throws {
        let filter = try #require(EventFilter(stored: #"{"a":[null]}"#))
        #expect(filter.matches(type: "x", data: nil))
        #expect(try #require(EventFilter(stored: #"{"a":[1]}"#)).matches(type: "x", data: nil) == false)
    }
}
