import Daemon
import Telemetry
import TestKit
import Testing

/// Settings are read with their types, and what is wrong is said without the value.
@Suite struct EnvironmentTests {
    private let environment = Environment([
        "TEXT": "words", "EMPTY": "", "COUNT": "42", "YES": "on", "WAIT": "5m", "TOKEN": "s3cret", "ODD": "maybe",
    ])

    @Test func readsWhatIsSet() throws {
        #expect(try environment.required("TEXT", as: String.self) == "words")
        #expect(try environment.required("COUNT", as: Int.self) == 42)
        #expect(try environment.value("YES", default: false))
        #expect(try environment.value("WAIT", default: Period(.seconds(1))).duration == .seconds(300))
    }

    @Test(arguments: ["EMPTY", "UNSET"])
    func emptyIsUnset(name: String) throws {
        #expect(try environment.optional(name, as: String.self) == nil)
        #expect(try environment.value(name, default: 7) == 7)
        #expect(throws: SettingError.missing(name, expected: "a whole number")) {
            _ = try environment.required(name, as: Int.self)
        }
    }

    @Test func anErrorNamesTheVariableAndNotItsValue() throws {
        let error = #expect(throws: SettingError.self) { _ = try environment.value("ODD", default: true) }
        #expect(error?.description == "ODD is not valid; it expects true or false, or on or off")
        let missing = SettingError.missing("X", expected: "text").description
        #expect(missing == "X is not set; it expects text")
    }

    @Test(arguments: [
        ("true", true), ("1", true), ("yes", true), ("on", true), ("false", false), ("0", false), ("no", false),
        ("off", false), ("TRUE", nil), ("2", nil), (" on", nil),
    ])
    func flags(text: String, expected: Bool?) {
        #expect(Bool(setting: text) == expected)
    }

    @Test(
        arguments: [
            ("90s", 90), ("5m", 300), ("1h", 3_600), ("2d", 172_800), ("1s", 1), ("0s", nil), ("-1s", nil),
            ("+1s", nil),
            ("5", nil), ("s", nil), ("1.5h", nil), ("5 m", nil), ("5M", nil), ("10000001s", nil), ("٣s", nil),
            ("", nil),
            ("99999999999999999999s", nil),
        ] as [(String, Int64?)])
    func periods(text: String, seconds: Int64?) {
        #expect(Period(setting: text)?.duration == seconds.map { .seconds($0) })
    }

    @Test func aSecretIsNotPrinted() throws {
        let secret = try environment.required("TOKEN", as: Secret.self)
        #expect(secret.reveal() == "s3cret")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", "\([secret])", "\(Optional(secret) as Any)", String(reflecting: secret), dumped] {
            #expect(!text.contains("s3cret"))
        }
    }

    @Test(arguments: [("debug", Level?.some(.debug)), ("error", .error), ("loud", nil)])
    func levels(text: String, expected: Level?) {
        #expect(Level(setting: text) == expected)
    }

    @Test func knowsWhatTheProcessInherited() {
        #expect(Environment.ofProcess.all["PATH"]?.isEmpty == false)
    }

    /// The variable wins over the file, and the file over the service manager's credential.
    @Test func aSecretMayBeGivenInThreeWays() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array(" from systemd\n".utf8), to: "secret")
        let path = try folder.write(Array("from a file\n".utf8), to: "other")
        var values = ["CREDENTIALS_DIRECTORY": folder.path]
        func secret() throws -> String? {
            try Environment(values).secret("HELICARRIER_SECRET", credential: "secret")?.reveal()
        }
        #expect(try secret() == "from systemd")
        values["HELICARRIER_SECRET_FILE"] = path
        #expect(try secret() == "from a file")
        values["HELICARRIER_SECRET"] = "from the environment"
        #expect(try secret() == "from the environment")
        values = ["HELICARRIER_SECRET_FILE": folder.file("none")]
        let error = #expect(throws: SettingError.self) { _ = try secret() }
        #expect(error?.description == "HELICARRIER_SECRET_FILE is not valid; it expects a readable file")
        try folder.write(Array(" \n".utf8), to: "secret")
        values = ["CREDENTIALS_DIRECTORY": folder.path]
        #expect(try secret() == nil, "an empty secret would be none")
        values = ["CREDENTIALS_DIRECTORY": folder.file("none")]
        #expect(try secret() == nil)
    }
}
