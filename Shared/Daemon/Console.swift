import Glibc
import Model
package import Telemetry

/// Where a process writes for people and for log collectors: one `write(2)` a line, so that a kill tears none.
package enum Console {
    package static func error(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    package static func print(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    package static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    package static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Logs go to standard error: JSON lines, or plain text on a terminal. Under systemd they go to the journal, field
    /// by field.
    package static func logger(_ threshold: Level, process: String, environment: Environment) -> Logger {
        let plain = errorIsTerminal
        let hasJournal = Journal.isListening(environment)
        return Logger(threshold: threshold, fields: ["process": process]) { event in
            if hasJournal, Journal.send(event) { return }
            let time = SystemClock.now().rfc3339
            write(plain ? LogLine.text(event, at: time) : LogLine.json(event, at: time), to: STDERR_FILENO)
        }
    }
}

extension Level: Setting {
    package static var expectation: String { "debug, info, warning or error" }
    package init?(setting text: String) { self.init(rawValue: text) }
}
