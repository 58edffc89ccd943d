import Glibc

/// Which file a path leads to, whatever it is called: links have the same.
package struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// - Returns: `nil` where there is no such file.
    package init?(of path: String) {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { return nil }
        (device, number) = (UInt64(facts.st_dev), UInt64(facts.st_ino))
    }
}

/// Paths as the file system knows them.
package enum FilePlace {
    /// The path without links and dots in its folders; its last part need not exist. Where a folder is missing it is
    /// as it was.
    package static func canonical(_ path: String) -> String {
        guard let folder = unsafe realpath(path.parentDirectory, nil) else { return path }
        defer { unsafe free(folder) }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return unsafe String(cString: folder) + "/" + name
    }
}
