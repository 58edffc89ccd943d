import JSON
import Model
import Telemetry

/// Makes one stream of log lines out of what the children write.
///
/// Lines of JSON pass as they are, since they name their process; on a terminal they become plain text behind the
/// process's name. Anything else a child writes becomes a line that says who wrote it.
struct LogMerge: Sendable {
    /// A longer line is cut: a child must not be able to fill the memory of its parent.
    static let longestLine = 64 << 10

    let plain: Bool
    /// How wide the names of processes are shown.
    let width: Int

    /// Takes whole lines off the front of `pending`.
    func lines(from pending: inout [UInt8], atEnd: Bool = false) -> [[UInt8]] {
        var lines = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let rest = lines.popLast() ?? []
        if atEnd || rest.count > Self.longestLine {
            lines.append(rest)
            pending = []
        } else {
            pending = rest
        }
        return lines.filter { !$0.isEmpty }
    }

    /// The line as it goes on, line feed included.
    func text(_ line: [UInt8], from label: String, now: Timestamp) -> String {
        let (event, time) = event(line)
        guard let event else {
            let text = String(decoding: line.prefix(Self.longestLine), as: UTF8.self)
            let wrapped = Event(level: .warning, name: "output", fields: ["process": label, "text": text])
            return plain ? prefix(label) + Printable.line(text) + "\n" : LogLine.json(wrapped, at: now.rfc3339)
        }
        guard plain else { return String(decoding: line, as: UTF8.self) + "\n" }
        var fields = event.fields
        fields["process"] = nil
        fields = fields.mapValues(Printable.line)
        return prefix(label)
            + LogLine.text(Event(level: event.level, name: event.name, fields: fields), at: time)
    }

    /// An event of this process itself, in the same form.
    func text(_ event: Event, from label: String, now: Timestamp) -> String {
        guard plain else {
            let fields = event.fields.merging(["process": label]) { own, _ in own }
            return LogLine.json(Event(level: event.level, name: event.name, fields: fields), at: now.rfc3339)
        }
        return prefix(label) + LogLine.text(event, at: now.rfc3339)
    }

    /// The field of a log line of that name, whatever else the line says.
    static func field(_ name: String, of line: [UInt8]) -> String? {
        guard line.first == UInt8(ascii: "{"), let document = try? JSONDocument(parsing: line) else { return nil }
        return document.root[name]?.string
    }

    private func prefix(_ label: String) -> String {
        label.padded(to: width) + " │ "
    }

    private func event(_ line: [UInt8]) -> (Event?, time: String) {
        guard line.first == UInt8(ascii: "{"), let document = try? JSONDocument(parsing: line),
            let name = document.root["event"]?.string, let time = document.root["ts"]?.string,
            let level = document.root["level"]?.string.flatMap(Level.init(rawValue:))
        else { return (nil, "") }
        var fields: [String: String] = [:]
        for (key, value) in document.root.members where !["ts", "level", "event"].contains(key) {
            fields[key] = value.string
        }
        return (Event(level: level, name: name, fields: fields), time)
    }
}
