import CLinux
import Glibc

/// A file that is being written, for its owner alone. It gets its name when it is whole and on the disk; until then,
/// and if it never is, nothing is there under that name but what was there before.
@safe package struct NewFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    /// Where it is written meanwhile. One that a killed process left is written over.
    private var partial: String { path + ".partial" }

    /// Fails where another process writes the same file.
    package init(_ path: String) throws(FileFault) {
        let opened = unsafe clinux_open_private(path + ".partial")
        guard opened >= 0 else { throw FileFault("make", path + ".partial") }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0, ftruncate(opened, 0) == 0 else {
            let fault = FileFault("write", path + ".partial")
            close(opened)
            throw fault
        }
        descriptor = opened
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    package func write(_ bytes: [UInt8]) throws(FileFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileFault("write", partial) }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives it its name.
    package func publish() throws(FileFault) {
        guard fsync(descriptor) == 0 else { throw FileFault("write", partial) }
        try FileMoves.rename(partial, to: path)
    }

    /// Throws it away.
    package func discard() {
        _ = unsafe unlink(partial)
    }
}

/// An open file that is read from its start to its end, a chunk at a time.
@safe package struct ReadFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    package let size: Int64

    package init(_ path: String) throws(FileFault) {
        let opened = unsafe clinux_open_to_read(path)
        guard opened >= 0 else { throw FileFault("open", path) }
        var facts = stat()
        guard unsafe fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw FileFault("read", path, code: EISDIR)
        }
        descriptor = opened
        size = Int64(facts.st_size)
        self.path = path
    }

    deinit {
        close(descriptor)
    }

    /// The next bytes, fewer only at the end of the file; none behind it.
    package func next(_ count: Int) throws(FileFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw FileFault("read", path) }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }
}
