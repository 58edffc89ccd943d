import FoundationEssentials

/// A new empty directory, removed with everything in it when the last owner lets go.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        let name = "helicarrier-" + UUID().uuidString
        let url = FileManager.default.temporaryDirectory.appending(component: name, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false).trimmingSlash
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file into the directory and answers its path.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }
}

extension String {
    fileprivate var trimmingSlash: String { hasSuffix("/") && count > 1 ? String(dropLast()) : self }
}
