import Model

/// A bar on a terminal's error output that is redrawn in place; elsewhere nothing.
struct ProgressBar: Sendable {
    private let terminal: Terminal
    private let label: String

    init(_ label: String, on terminal: Terminal) {
        self.label = label
        self.terminal = terminal
    }

    func show(_ done: Int, of total: Int, note: String = "") {
        guard terminal.errorIsTerminal else { return }
        terminal.writeError("\r\u{1B}[K" + Self.line(label, done, of: total, note: note))
    }

    func clear() {
        guard terminal.errorIsTerminal else { return }
        terminal.writeError("\r\u{1B}[K")
    }

    static func line(_ label: String, _ done: Int, of total: Int, note: String = "", width: Int = 24) -> String {
        let part = total == 0 ? 0 : min(1, max(0, Double(done) / Double(total)))
        let full = Int(part * Double(width))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        return "\(label) \(bar) \(done)/\(total)" + (note.isEmpty ? "" : "  \(note)")
    }
}

/// Lengths of time as people read them.
enum Spoken {
    static func duration(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        switch milliseconds {
        case ..<1_000: return "\(max(0, milliseconds)) ms"
        case ..<60_000: return "\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"
        case ..<3_600_000: return "\(milliseconds / 60_000)m \(milliseconds / 1_000 % 60)s"
        case ..<86_400_000: return "\(milliseconds / 3_600_000)h \(milliseconds / 60_000 % 60)m"
        default: return "\(milliseconds / 86_400_000)d \(milliseconds / 3_600_000 % 24)h"
        }
    }

    static func bytes(_ count: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (count * 10, 0)
        while value >= 10_240, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(value / 10).\(value % 10) \(units[unit])"
    }

    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }
}
