import CLinux
import Glibc

/// A file that only takes space, so that an operator can make some by deleting it when the disk is full.
package enum Ballast {
    /// Makes the file, with its blocks really taken, unless one of that size is there. It takes a tenth of what is free
    /// at most, in whole MiB, so that it never is what fills the disk.
    /// - Parameters:
    ///   - bytes: its size where there is room.
    ///   - free: the free space of its disk; `nil` looks.
    /// - Returns: the size of the file that was made; `nil` if none was.
    package static func keep(at path: String, bytes: Int64, free: Int64? = nil) -> Int64? {
        guard let free = free ?? FileSize.free(at: path.parentDirectory) else { return nil }
        let mebibyte: Int64 = 1 << 20
        let size = min(bytes, free / 10 / mebibyte * mebibyte)
        guard size > FileSize.of(path) else { return nil }
        let descriptor = unsafe clinux_open_private(path)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, off_t(size)) == 0 else {
            _ = unsafe unlink(path)
            return nil
        }
        return size
    }
}
