package import Daemon
import JSON
package import Model
package import Store

/// What is known of the last backup that was made of a database: a file beside it, which names the moment and the size
/// and not the place.
package struct LastBackup: Equatable, Sendable {
    /// The moment whose data it holds.
    package let at: Timestamp
    /// Size of the file in bytes.
    package let bytes: Int64

    package init(at: Timestamp, bytes: Int64) {
        self.at = at
        self.bytes = bytes
    }

    /// - Returns: `nil` where none was made here.
    package static func read(_ location: DatabaseLocation) -> LastBackup? {
        guard let text = TextFile.read(location.lastBackup), let document = try? JSONDocument(parsing: text),
            let at = document.root["at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return LastBackup(at: at, bytes: document.root["bytes"]?.int64 ?? 0)
    }

    package func write(_ location: DatabaseLocation) throws(FileFault) {
        let file = try NewFile(location.lastBackup)
        try file.write(Array("{\"at\":\"\(at.rfc3339)\",\"bytes\":\(bytes)}\n".utf8))
        try file.publish()
    }
}
