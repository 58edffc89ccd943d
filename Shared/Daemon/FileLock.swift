import CLinux

/// An exclusive lock on a file of its own, let go when the process ends, however it ends.
///
/// Never on the database file: closing a second descriptor on it would drop SQLite's locks.
@safe package final class FileLock: Sendable {
    private let descriptor: Int32

    /// - Returns: `nil` where another process holds the lock, or the file cannot be made.
    package init?(path: String) {
        let opened = unsafe clinux_open_private(path)
        guard opened >= 0 else { return nil }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            return nil
        }
        descriptor = opened
    }

    /// Replaces the file's text: what the holder wants others to know.
    package func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, bytes, bytes.count, 0)
    }

    deinit {
        close(descriptor)
    }
}
