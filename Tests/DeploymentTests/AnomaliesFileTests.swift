import Deployment
import FoundationEssentials
import Testing

@Suite struct AnomaliesFileTests {
    private static let downloads =
        #""downloads":{"cohortZ":3,"ownZ":4.5,"minChange":500,"minReturns":8,"deviationFloor":0.01}"#
    private static let velocity = #""velocity":{"z":5,"minLikes":30,"minDays":9,"deviationFloor":2}"#

    private func read(_ text: String) throws -> AnomalyThresholds {
        try AnomalyThresholds(parsing: [UInt8](text.utf8))
    }

    @Test func everyValueIsRead() throws {
        let read = try read(#"{"$schema":"x","version":4,\#(Self.downloads),\#(Self.velocity)}"#)
        #expect(read.version == 4)
        #expect(read.downloads.cohortZ == 3 && read.downloads.ownZ == 4.5 && read.downloads.minChange == 500)
        #expect(read.downloads.minReturns == 8 && read.downloads.deviationFloor == 0.01)
        #expect(read.velocity.likesZ == 5 && read.velocity.minLikes == 30 && read.velocity.minDays == 9)
        #expect(read.velocity.deviationFloor == 2)
    }

    @Test(arguments: [
        ("cohortZ\":3", "cohortZ\":\"3\"", "/downloads/cohortZ"), ("ownZ\":4.5", "ownZ\":0", "/downloads/ownZ"),
        ("minChange\":500", "minChange\":-1", "/downloads/minChange"),
        ("minReturns\":8", "minReturns\":1", "/downloads/minReturns"),
        ("minReturns\":8", "minReturns\":28", "/downloads/minReturns"),
        ("deviationFloor\":0.01", "deviationFloor\":0", "/downloads/deviationFloor"),
        ("\"z\":5", "\"zz\":5", "/velocity/zz"), ("\"z\":5,", "", "/velocity/z"),
        ("minDays\":9", "minDays\":1.5", "/velocity/minDays"), ("\"version\":4", "\"version\":0", "/version"),
        ("\"version\":4,", "", "/version"),
    ])
    func aMistakeIsNamedByItsPlace(right: String, wrong: String, pointer: String) throws {
        let text = #"{"version":4,\#(Self.downloads),\#(Self.velocity)}"#
        #expect(text.contains(right))
        let error = try #require(throws: DeploymentError.self) { try read(text.replacing(right, with: wrong)) }
        #expect(error.pointer == pointer && error.file == "anomalies.json")
    }

    @Test(arguments: ["config", "samples/config"])
    func theShippedThresholdsAreThoseOfTheDocumentation(folder: String) throws {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        let place = parts.joined(separator: "/") + "/" + folder
        #expect(try DeploymentFolder(path: place).anomalyThresholds() == AnomalyThresholds())
        let defaults = AnomalyThresholds()
        #expect(defaults.downloads.cohortZ == 3.5 && defaults.downloads.ownZ == 3.5)
        #expect(defaults.downloads.minChange == 1_000 && defaults.downloads.minReturns == 7)
        #expect(defaults.velocity.likesZ == 3.5 && defaults.velocity.minLikes == 25 && defaults.velocity.minDays == 7)
    }

    @Test func aFolderWithoutTheFileHasTheDefaults() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "deployment-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try DeploymentFolder(path: folder.path()).anomalyThresholds() == AnomalyThresholds())
    }
}
