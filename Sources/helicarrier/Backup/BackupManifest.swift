import Crypto
import JSON
import Model
import Store

/// What a backup says of itself: enough to refuse one that is damaged, or that this release cannot use. Counts and
/// names of tables; nothing that stands in a row.
struct BackupManifest: Equatable, Sendable {
    static let format: Int64 = 1

    let release: String
    let schema: Int
    /// The moment whose data it holds.
    let createdAt: Timestamp
    /// Size of the database that is packed in it.
    let databaseBytes: Int64
    /// SHA-256 of that database, in hexadecimal digits.
    let digest: String
    let rows: [TableCount]

    var rowTotal: Int64 { rows.reduce(0) { $0 + $1.rows } }

    var json: JSONValue {
        .record([
            "application": .text("helicarrier"), "format": .integer(Self.format), "release": .text(release),
            "schema": .count(schema), "createdAt": .time(createdAt), "databaseBytes": .integer(databaseBytes),
            "sha256": .text(digest), "rows": .object(rows.map { JSONMember($0.table, .integer($0.rows)) }),
        ])
    }
}

extension BackupManifest {
    /// The manifest as the first frame of a backup: one that Zstandard's own programs skip, so that `zstd -d` gives the
    /// database. Its digest stands before it.
    var frame: [UInt8] {
        var writer = JSONWriter()
        writer.value(json)
        let text = writer.finished()
        let content = Array(SHA256.digest(text).description.utf8) + [UInt8(ascii: "\n")] + text
        let size = UInt32(content.count)
        return Self.mark + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + content
    }

    /// RFC 8878, section 3.1.2: how a frame begins that is to be skipped.
    private static let mark: [UInt8] = [0x50, 0x2A, 0x4D, 0x18]
    static let headSize = 8
    /// A manifest has a line for each table: a few kilobytes.
    private static let longest = 1 << 20

    /// The size of the manifest's frame behind its head; `nil` where the bytes are no backup's.
    static func size(head: [UInt8]) -> Int? {
        guard head.count == headSize, head.starts(with: mark) else { return nil }
        let size = head[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
        return size > 65 && size <= longest ? size : nil
    }

    /// Reads what stands behind the head.
    init(content: [UInt8]) throws(BackupDamage) {
        let (digest, text) = (content.prefix(64), Array(content.dropFirst(65)))
        guard Array(digest) == Array(SHA256.digest(text).description.utf8) else {
            throw BackupDamage("its description is damaged")
        }
        guard let root = (try? JSONDocument(parsing: text))?.root, root["application"]?.string == "helicarrier",
            let format = root["format"]?.int64
        else { throw BackupDamage("it is no backup of Helicarrier") }
        guard format == Self.format else { throw BackupDamage("it has format \(format), this release reads 1") }
        guard let release = root["release"]?.string, let schema = root["schema"]?.int64,
            let createdAt = root["createdAt"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let bytes = root["databaseBytes"]?.int64, bytes > 0, let sum = root["sha256"]?.string,
            let rows = root["rows"]?.members
        else { throw BackupDamage("its description lacks something") }
        self.init(
            release: release, schema: Int(schema), createdAt: createdAt, databaseBytes: bytes, digest: sum,
            rows: rows.map { TableCount(table: $0.key, rows: $0.value.int64 ?? -1) })
    }
}

/// Why a backup is refused.
struct BackupDamage: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
