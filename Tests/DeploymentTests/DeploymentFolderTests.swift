import Deployment
import FoundationEssentials
import Model
import Testing

/// A folder of the repository, found from where this file stands.
private func repositoryFolder(_ path: String) -> String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/") + "/" + path
}

@Suite struct DeploymentFolderTests {
    @Test func theDefaultListIsThatOfV3() throws {
        let sources = try DeploymentFolder(path: repositoryFolder("config")).sources()
        #expect(
            sources.map(\.id.text) == [
                "meta-llama/Meta-Llama-3-8B", "mistralai/Mistral-7B-Instruct-v0.2", "Qwen/Qwen2.5-7B-Instruct",
                "google/gemma-2-9b-it", "microsoft/Phi-3-mini-4k-instruct",
            ])
    }

    @Test(arguments: ["config", "samples/config/"])
    func theShippedProfilesHaveTheWeightsThatAreDocumented(folder: String) throws {
        let profiles = try DeploymentFolder(path: repositoryFolder(folder)).scoreProfiles()
        #expect(profiles.profiles.map(\.name) == ["default", "research", "production", "community"])
        #expect(profiles["default"]?.weights == ScoreWeights(adoption: 450, ecosystem: 350, velocity: 200))
        #expect(profiles["research"]?.weights == ScoreWeights(adoption: 250, ecosystem: 300, velocity: 450))
        #expect(profiles["production"]?.weights == ScoreWeights(adoption: 600, ecosystem: 250, velocity: 150))
        #expect(profiles["community"]?.weights == ScoreWeights(adoption: 250, ecosystem: 550, velocity: 200))
        #expect(profiles.caps == ScoreCaps(downloads: 250_000_000, likes: 15_000, trendingScore: 3_000))
    }

    @Test func theSampleListIsRead() throws {
        #expect(try DeploymentFolder(path: repositoryFolder("samples/config")).sources().count == 8)
    }

    @Test func aMissingFolderOrAFolderInPlaceOfAFileIsSaid() throws {
        let nowhere = DeploymentFolder(path: repositoryFolder("config/nowhere"))
        let missing = try #require(throws: DeploymentError.self) { try nowhere.sources() }
        #expect(missing.file == "sources.json")
        #expect(missing.expected.hasPrefix("a readable file"))
        let folder = FileManager.default.temporaryDirectory.appending(path: "deployment-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "profiles.json"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let wrong = try #require(throws: DeploymentError.self) {
            try DeploymentFolder(path: folder.path()).scoreProfiles()
        }
        #expect(wrong.expected == "a regular file of at most 1 MiB")
    }

    @Test func aHugeFileIsRefusedUnread() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "deployment-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(count: 2 << 20).write(to: folder.appending(path: "sources.json"))
        let error = try #require(throws: DeploymentError.self) { try DeploymentFolder(path: folder.path()).sources() }
        #expect(error.expected == "a regular file of at most 1 MiB")
    }

    private typealias Reader = @Sendable ([UInt8]) throws(DeploymentError) -> Void
    private static let readers: [(name: String, read: Reader)] = [
        ("sources.json", { bytes throws(DeploymentError) in _ = try CuratedSource.list(parsing: bytes) }),
        ("profiles.json", { bytes throws(DeploymentError) in _ = try ScoreProfiles(parsing: bytes) }),
        ("parameters.json", { bytes throws(DeploymentError) in _ = try CuratedSize.list(parsing: bytes) }),
        ("licenses.json", { bytes throws(DeploymentError) in _ = try LicenseTable(parsing: bytes) }),
        ("capabilities.json", { bytes throws(DeploymentError) in _ = try CapabilityTable(parsing: bytes) }),
        ("families.json", { bytes throws(DeploymentError) in _ = try ParentTable(parsing: bytes) }),
    ]

    /// Flips, cuts and repeats bytes of the shipped files: whatever comes out is read or refused, never a crash.
    @Test(arguments: UInt64(0)..<200)
    func garbageIsRefusedAndNeverACrash(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func below(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(limit))
        }
        for (name, read) in Self.readers {
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: repositoryFolder("config/\(name)"))))
            for _ in 0...below(6) {
                switch below(3) {
                case 0: bytes[below(bytes.count)] = UInt8(below(256))
                case 1: bytes.removeLast(below(min(bytes.count, 40)))
                default: bytes.insert(contentsOf: bytes[..<below(30)], at: below(bytes.count))
                }
            }
            do throws(DeploymentError) {
                try read(bytes)
            } catch {
                #expect(error.file == name)
            }
        }
    }
}
