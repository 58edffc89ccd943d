/// The two written forms of an ``Event``: one JSON object, or plain text for a person at a terminal.
package enum LogLine {
    package static func json(_ event: Event, at time: String) -> String {
        var line = "{\"ts\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"event\":"
        quote(event.name, into: &line)
        for (key, value) in event.fields.sorted(by: { $0.key < $1.key }) {
            line += ","
            quote(key, into: &line)
            line += ":"
            quote(value, into: &line)
        }
        return line + "}\n"
    }

    package static func text(_ event: Event, at time: String) -> String {
        let mark = event.level == .info ? "" : "\(event.level.rawValue): "
        return "\(time) \(mark)\(message(event))\n"
    }

    /// The name and the fields, without time and level.
    package static func message(_ event: Event) -> String {
        let fields = event.fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return event.name + fields.filter { $0 != "\n" && $0 != "\r" }
    }

    /// Telemetry is ground and imports nothing, so it has these few lines instead of the JSON adapter.
    private static func quote(_ text: String, into line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
