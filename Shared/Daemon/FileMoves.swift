import CLinux
import Glibc

/// Making, moving, listing and deleting files. What has returned is on the disk.
package enum FileMoves {
    /// Gives a file another name in the same file system, in place of what has that name.
    package static func rename(_ path: String, to name: String) throws(FileFault) {
        guard unsafe Glibc.rename(path, name) == 0 else { throw FileFault("rename to \(name)", path) }
        try syncDirectory(name.parentDirectory)
    }

    /// Gives a file one more name, in the same file system.
    package static func link(_ path: String, as name: String) throws(FileFault) {
        guard unsafe Glibc.link(path, name) == 0 else { throw FileFault("keep as \(name)", path) }
        try syncDirectory(name.parentDirectory)
    }

    /// Presses a file's content onto the disk. Not for a database that a connection has open.
    package static func sync(_ path: String) throws(FileFault) {
        let descriptor = unsafe clinux_open_to_read(path)
        guard descriptor >= 0 else { throw FileFault("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFault("write", path) }
    }

    /// Deletes a file; one that is not there is gone already.
    package static func remove(_ path: String) throws(FileFault) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileFault("delete", path) }
    }

    /// Makes a folder that only its owner may look into, unless it is there.
    package static func makeDirectory(_ path: String) throws(FileFault) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFault("make the folder", path) }
    }

    /// The names of what is in a folder, in their order, without the hidden ones.
    package static func names(in directory: String) throws(FileFault) -> [String] {
        guard let listing = unsafe opendir(directory) else { throw FileFault("read the folder", directory) }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func syncDirectory(_ path: String) throws(FileFault) {
        let descriptor = unsafe clinux_open_directory(path)
        guard descriptor >= 0 else { throw FileFault("open the folder", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFault("write the folder", path) }
    }
}
