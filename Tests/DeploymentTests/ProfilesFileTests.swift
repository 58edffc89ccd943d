import Deployment
import Testing

@Suite struct ProfilesFileTests {
    private func profiles(_ text: String) throws -> ScoreProfiles {
        try ScoreProfiles(parsing: [UInt8](text.utf8))
    }

    private func file(version: String = "3", caps: String = "", profiles: String) -> String {
        let given = caps.isEmpty ? #"{"downloads":10,"likes":20,"trendingScore":30.5}"# : caps
        return #"{"version":\#(version),"caps":\#(given),"profiles":\#(profiles)}"#
    }

    private let plain = #"[{"name":"default","weights":{"adoption":500,"ecosystem":500,"velocity":0}}]"#

    @Test func everyProfileCarriesTheVersionOfTheFile() throws {
        let read = try profiles(file(profiles: plain))
        #expect(read.version == 3)
        #expect(read.caps == ScoreCaps(downloads: 10, likes: 20, trendingScore: 30.5))
        #expect(read["default"]?.version == 3)
        #expect(read["default"]?.weights == ScoreWeights(adoption: 500, ecosystem: 500, velocity: 0))
        #expect(read["other"] == nil)
    }

    @Test(
        arguments: [
            ("0", "", nil, "/version"), ("1.5", "", nil, "/version"), (#""1""#, "", nil, "/version"),
            ("1", "{}", nil, "/caps/downloads"),
            ("1", #"{"downloads":0,"likes":1,"trendingScore":1}"#, nil, "/caps/downloads"),
            ("1", #"{"downloads":1e300,"likes":1,"trendingScore":1}"#, nil, "/caps/downloads"),
            ("1", "", "[]", "/profiles"), ("1", "", "{}", "/profiles"), ("1", "", "null", "/profiles"),
            ("1", "", #"[{"name":"x","weights":{"adoption":1000,"ecosystem":0,"velocity":0}}]"#, "/profiles"),
            ("1", "", #"[{"name":"Default","weights":{}}]"#, "/profiles/0/name"),
            (
                "1", "", #"[{"name":"default","weights":{"adoption":500,"ecosystem":499,"velocity":0}}]"#,
                "/profiles/0/weights"
            ),
            (
                "1", "", #"[{"name":"default","weights":{"adoption":0.4,"ecosystem":0.5,"velocity":0}}]"#,
                "/profiles/0/weights"
            ),
            (
                "1", "", #"[{"name":"default","weights":{"adoption":0.4995,"ecosystem":0.5005,"velocity":0}}]"#,
                "/profiles/0/weights/adoption"
            ),
            (
                "1", "", #"[{"name":"default","weights":{"adoption":500.5,"ecosystem":499.5,"velocity":0}}]"#,
                "/profiles/0/weights/adoption"
            ),
            (
                "1", "", #"[{"name":"default","weights":{"adoption":-1,"ecosystem":1001,"velocity":0}}]"#,
                "/profiles/0/weights/adoption"
            ),
            (
                "1", "", #"[{"name":"default","weights":{"adoption":9223372036854775807,"ecosystem":1,"velocity":0}}]"#,
                "/profiles/0/weights/adoption"
            ),
        ] as [(String, String, String?, String)])
    func aMistakeIsNamedByItsPlace(version: String, caps: String, list: String?, pointer: String) throws {
        let text = file(version: version, caps: caps, profiles: list ?? plain)
        let error = try #require(throws: DeploymentError.self) { try profiles(text) }
        #expect(error.pointer == pointer)
        #expect(error.file == "profiles.json")
    }

    @Test(arguments: [("0.45", "0.35", "0.2"), ("4.5e-1", "0.350", "0.200"), ("450", "350.0", "200")])
    func weightsSumToOne(adoption: String, ecosystem: String, velocity: String) throws {
        let weights = #"{"adoption":\#(adoption),"ecosystem":\#(ecosystem),"velocity":\#(velocity)}"#
        let read = try profiles(file(profiles: #"[{"name":"default","weights":\#(weights)}]"#))
        #expect(read["default"]?.weights == ScoreWeights(adoption: 450, ecosystem: 350, velocity: 200))
    }

    @Test func aNameAppearsOnce() throws {
        let twice = plain.dropLast() + "," + plain.dropFirst()
        let error = try #require(throws: DeploymentError.self) { try profiles(file(profiles: String(twice))) }
        #expect(error.pointer == "/profiles/1/name")
    }
}
