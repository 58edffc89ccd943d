import Compression
import Crypto
import Daemon
import Model
import Store

/// Reads a backup: what it says of itself, and what is packed in it.
struct BackupReading: Sendable {
    let path: String

    /// The description, checked against its own digest. What is packed is not looked at.
    func manifest() throws -> BackupManifest {
        try manifest(in: ReadFile(path))
    }

    /// Unpacks into a new file and checks everything that can be checked; the file is on the disk when this returns.
    func unpack(
        to target: String, progress: (_ step: String, _ done: Int, _ total: Int) -> Void
    ) throws -> BackupManifest {
        let manifest = try unpackUnchecked(to: target, progress)
        try BackupCheck.look(at: target, schema: manifest.schema, counts: manifest.rows) {
            progress("checking", 0, 1)
        }
        try FileMoves.sync(target)
        return manifest
    }

    private func unpackUnchecked(
        to target: String, _ progress: (_ step: String, _ done: Int, _ total: Int) -> Void
    ) throws -> BackupManifest {
        let reader = try ReadFile(path)
        let manifest = try manifest(in: reader)
        var hash = SHA256()
        var size: Int64 = 0
        let file = try NewFile(target)
        do {
            var stream = try ZstdReader()
            var read: Int64 = 0
            while true {
                let chunk = try reader.next(BackupCheck.chunk)
                if chunk.isEmpty { break }
                try stream.unpack(chunk) { piece throws(FileFault) in
                    size += Int64(piece.count)
                    // What it does not describe is not written: a few bytes can unpack to a full disk.
                    guard size <= manifest.databaseBytes else { return }
                    hash.update(piece)
                    try file.write(piece)
                }
                read += Int64(chunk.count)
                progress("unpacking", Int(read), Int(reader.size))
            }
            try stream.finish()
            guard size == manifest.databaseBytes, hash.finish().description == manifest.digest else {
                throw BackupDamage("what is packed is not what is described")
            }
        } catch {
            file.discard()
            throw (error as? CompressionError).map { BackupDamage($0.description) } ?? error
        }
        try file.publish()
        return manifest
    }

    /// Leaves the reader where what is packed begins.
    private func manifest(in reader: borrowing ReadFile) throws -> BackupManifest {
        guard let size = BackupManifest.size(head: try reader.next(BackupManifest.headSize)) else {
            throw BackupDamage("it is no backup of Helicarrier")
        }
        let content = try reader.next(size)
        guard content.count == size else { throw BackupDamage("it ends early") }
        return try BackupManifest(content: content)
    }
}
