import Glibc

/// What the system answered when a file was made, read or moved.
package struct FileFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ act: String, _ path: String, code: Int32 = errno) {
        description = "cannot \(act) \(path): \(unsafe String(cString: strerror(code)))"
    }
}

extension String {
    /// The folder that the path is in.
    package var parentDirectory: String {
        lastIndex(of: "/").map { $0 == startIndex ? "/" : String(self[..<$0]) } ?? "."
    }
}
