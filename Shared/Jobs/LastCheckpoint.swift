import Daemon
import JSON
package import Model
package import Store

/// What the checkpointer says of its last checkpoint, in the file that it holds locked.
package struct LastCheckpoint: Equatable, Sendable {
    package let at: Timestamp
    /// Size of the write-ahead log before it, in bytes.
    package let logBytes: Int64
    /// False where a reader kept the log from being emptied.
    package let isComplete: Bool

    /// - Returns: `nil` where there was none yet.
    package static func read(_ location: DatabaseLocation) -> LastCheckpoint? {
        guard let text = TextFile.read(location.checkpointLock), let document = try? JSONDocument(parsing: text),
            let at = document.root["at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return LastCheckpoint(
            at: at, logBytes: document.root["walBytes"]?.int64 ?? 0,
            isComplete: document.root["complete"]?.bool ?? false)
    }
}
