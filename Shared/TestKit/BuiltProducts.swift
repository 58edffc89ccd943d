import FoundationEssentials

/// Where the build put the executables: beside the running tests.
package enum BuiltProducts {
    package static func path(of executable: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let directory = tests.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(directory)/\(executable)"
        guard FileManager.default.isExecutableFile(atPath: path) else { throw ProductMissing(path: path) }
        return path
    }
}

/// The executable has not been built; `swift build --build-tests` builds it.
package struct ProductMissing: Error, CustomStringConvertible {
    package let path: String
    package var description: String { "\(path) is not built: run `swift build --build-tests`" }
}
