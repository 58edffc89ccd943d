import CSystemd
import Glibc
package import Telemetry

/// The journal of systemd, spoken to in its own protocol, so that a field of a log line is a field there:
/// `journalctl JOB_ID=5`.
package enum Journal {
    /// Whether the process's error output goes to the journal anyway: then each line may as well have its fields.
    static func isListening(_ environment: Environment) -> Bool {
        var facts = stat()
        guard let stream = environment.all["JOURNAL_STREAM"], unsafe fstat(STDERR_FILENO, &facts) == 0 else {
            return false
        }
        return stream == "\(facts.st_dev):\(facts.st_ino)"
    }

    /// - Returns: false where the journal did not take it.
    static func send(_ event: Event) -> Bool {
        let lines = fields(of: event).map { Array("\($0.name)=\($0.value)".utf8) }
        let size = lines.reduce(0) { $0 + $1.count }
        return unsafe withUnsafeTemporaryAllocation(byteCount: max(size, 1), alignment: 1) { bytes in
            var places: [iovec] = unsafe []
            var end = 0
            for line in lines {
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[end..<end + line.count])
                unsafe place.copyBytes(from: line)
                unsafe places.append(iovec(iov_base: place.baseAddress, iov_len: line.count))
                end += line.count
            }
            return unsafe sd_journal_sendv(&places, Int32(places.count)) == 0
        }
    }

    /// The event as the journal has it: what people read, how much it matters (syslog's numbers), and each field.
    package static func fields(of event: Event) -> [(name: String, value: String)] {
        let priority =
            switch event.level {
            case .debug: 7
            case .info: 6
            case .warning: 4
            case .error: 3
            }
        let own = event.fields.sorted { $0.key < $1.key }.map { (name: name(of: $0.key), value: $0.value) }
        return [(name: "MESSAGE", value: LogLine.message(event)), (name: "PRIORITY", value: "\(priority)")]
            + own.filter { !$0.name.isEmpty && $0.name != "MESSAGE" && $0.name != "PRIORITY" }
    }

    /// `job.id` is `JOB_ID`: the journal takes capitals, digits and `_`, begins with a letter, and stops at 64.
    private static func name(of key: String) -> String {
        let letters = key.uppercased().unicodeScalars.map { scalar -> Character in
            (65...90).contains(scalar.value) || (48...57).contains(scalar.value) ? Character(scalar) : "_"
        }
        return String(String(letters).drop { $0 == "_" || $0.isNumber }.prefix(64))
    }
}
