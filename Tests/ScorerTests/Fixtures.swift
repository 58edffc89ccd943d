import FoundationEssentials

/// A folder of the repository, found from where this file stands.
func repositoryFile(_ path: String) -> String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/") + "/" + path
}

/// The bytes of a file of the repository.
func bytes(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: repositoryFile(path))))
}
