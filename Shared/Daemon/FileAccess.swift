import Glibc

/// What this process may do with a path, asked before it is tried so that the answer can name the reason.
package enum FileAccess {
    package static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    package static func canReadAndWrite(_ path: String) -> Bool {
        unsafe access(path, R_OK | W_OK) == 0
    }

    package static func canExecute(_ path: String) -> Bool {
        unsafe access(path, X_OK) == 0
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Files can be made in the directory.
    package static func canAdd(to directory: String) -> Bool {
        unsafe access(directory, W_OK | X_OK) == 0
    }
}
