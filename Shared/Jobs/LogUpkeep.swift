import Model
import SQLite

/// When the write-ahead log is moved into the database file, and when the space of its file is given back.
///
/// While much is written the file is kept and written over; once it is calm, or the file has become very large, it is
/// cut.
struct LogUpkeep {
    /// A log of this size is moved at once.
    static let large: Int64 = 4 << 20
    /// A file of this size is not kept.
    static let tooLarge: Int64 = 128 << 20
    /// However small the log is, it is moved after so long.
    static let longest: Duration = .seconds(30)
    /// So long after the log was large for the last time, its file is cut.
    static let calm: Duration = .seconds(2)

    enum Step: Equatable {
        case wait
        /// The file is large; whether the log is, shows when it is copied.
        case measure
        case empty(LogFile)
    }

    /// When the log was large for the last time.
    private(set) var busyAt: Timestamp?

    /// - Parameter age: since the log was last emptied; less than nothing if the clock was put back meanwhile.
    static func step(fileSize: Int64, age: Duration) -> Step {
        if fileSize > large { return .measure }
        return fileSize > 0 && (age > longest || age < .zero) ? .empty(.released) : .wait
    }

    mutating func step(logSize: Int64, fileSize: Int64, now: Timestamp) -> Step {
        if logSize > Self.large {
            busyAt = now
            return .empty(fileSize > Self.tooLarge ? .released : .kept)
        }
        if let busyAt, busyAt <= now, now - busyAt < Self.calm { return .wait }
        return .empty(.released)
    }
}
