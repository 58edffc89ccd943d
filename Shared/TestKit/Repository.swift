import FoundationEssentials

/// The source tree that the tests were built from, found from where this file stands.
package enum Repository {
    /// One text file of it.
    package struct File: Sendable {
        /// From the root of the tree.
        package let path: String
        package let text: String
        package let lines: [Substring]
        package var name: String { String(path.split(separator: "/").last ?? "") }

        fileprivate init(path: String, text: String) {
            self.path = path
            self.text = text
            lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        }
    }

    /// The root, without a slash at its end.
    package static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// All text files below a folder, in the order of their paths; hidden and built ones are left out, except `.ci`.
    package static func files(in folder: String, ending suffix: String = "") -> [File] {
        paths(in: folder).filter { $0.hasSuffix(suffix) }.compactMap(file)
    }

    /// - Returns: `nil` where there is no such file, or it is not text.
    package static func file(_ path: String) -> File? {
        guard let data = try? Data(contentsOf: URL(filePath: root + "/" + path)),
            let text = String(validating: data, as: UTF8.self)
        else { return nil }
        return File(path: path, text: text)
    }

    package static func paths(in folder: String) -> [String] {
        let below = root + (folder.isEmpty ? "" : "/" + folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: below)) ?? []
        return names.sorted().filter { ($0 == ".ci" || !$0.hasPrefix(".")) && !leftOut.contains($0) }.flatMap { name in
            let path = folder.isEmpty ? name : folder + "/" + name
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder)
            return isFolder ? paths(in: path) : [path]
        }
    }

    /// What the tree's `.gitignore` names, and is no part of it.
    private static let leftOut: Set = ["__pycache__", "data", "results"]
}
