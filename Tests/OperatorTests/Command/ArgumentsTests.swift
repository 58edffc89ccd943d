import Testing

@testable import helicarrier

@Suite struct ArgumentsTests {
    static let options = [
        Option("--json", "as JSON"), Option("--feed", "NAME", "the feed"),
        Option("--scope", "S", repeats: true, "a scope"), Option("--limit", "N", "how many"),
    ]

    @Test(arguments: [
        (["a", "b"], ["a", "b"], false, String?.none),
        (["--json", "a"], ["a"], true, nil),
        (["a", "--json", "b"], ["a", "b"], true, nil),
        (["--feed", "x", "a"], ["a"], false, "x"),
        (["--feed=x", "a"], ["a"], false, "x"),
        (["--feed=a=b"], [], false, "a=b"),
        (["--feed", "--json"], [], false, "--json"),
        (["--", "--json", "-1"], ["--json", "-1"], false, nil),
        (["a", "--", "--", "b"], ["a", "--", "b"], false, nil),
        (["-"], ["-"], false, nil),
        ([], [], false, nil),
    ])
    func sorted(words: [String], positionals: [String], json: Bool, feed: String?) throws {
        let arguments = try Arguments(words, accepting: Self.options)
        #expect(arguments.positionals == positionals)
        #expect(arguments.has("--json") == json)
        #expect(arguments.value("--feed") == feed)
    }

    @Test(arguments: [
        (["--nope"], "there is no flag --nope"),
        (["-x"], "there is no flag -x"),
        (["--nope=1"], "there is no flag --nope"),
        (["--json=1"], "--json takes no value"),
        (["--feed"], "--feed needs a value"),
        (["--feed="], "--feed needs a value"),
        (["--feed", "a", "--feed", "b"], "--feed is given twice"),
        (["--jso"], "there is no flag --jso"),
    ])
    func refused(words: [String], reason: String) {
        #expect(throws: UsageError(reason)) { try Arguments(words, accepting: Self.options) }
    }

    @Test func aFlagThatRepeatsKeepsEveryValueInOrder() throws {
        let arguments = try Arguments(["--scope", "a", "--scope=b", "--scope", "a"], accepting: Self.options)
        #expect(arguments.values("--scope") == ["a", "b", "a"])
    }

    @Test(arguments: [("1", 1), ("50", 50), ("100", 100)])
    func numberInRange(text: String, number: Int) throws {
        let arguments = try Arguments(["--limit", text], accepting: Self.options)
        #expect(try arguments.number("--limit", within: 1...100) == number)
    }

    @Test(arguments: ["0", "101", "-1", "ten", "1.5", "1e2", "99999999999999999999"])
    func numberOutOfRange(text: String) throws {
        let arguments = try Arguments(["--limit=\(text)"], accepting: Self.options)
        #expect(throws: UsageError.self) { try arguments.number("--limit", within: 1...100) }
    }
}
