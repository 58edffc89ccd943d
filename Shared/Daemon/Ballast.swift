import CLinux
import Glibc

/// A file that only takes space, so that an operator can make some by deleting it when the disk is full.
package enum Ballast {
    /// Makes the file, with its blocks really taken, unless it is there or the disk has no space to spare.
    /// - Parameter bytes: its size; ten times as much must be free, so that it never is what fills the disk.
    /// - Returns: whether it was made.
    package static func keep(at path: String, bytes: Int64) -> Bool {
        guard bytes > 0, FileSize.of(path) < bytes, let free = FileSize.free(at: path.parentDirectory),
            free / 10 > bytes
        else { return false }
        let descriptor = unsafe clinux_open_private(path)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, off_t(bytes)) == 0 else {
            _ = unsafe unlink(path)
            return false
        }
        return true
    }
}
