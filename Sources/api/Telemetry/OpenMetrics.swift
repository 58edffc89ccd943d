/// Writes metrics as OpenMetrics text (OpenMetrics 1.0.0): families with type and help, samples with labels, `# EOF`.
struct OpenMetrics {
    static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// What a family's samples mean.
    enum Kind: String {
        case counter, gauge, histogram, info
    }

    private var text = ""

    /// Begins a family; its samples follow.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# TYPE \(name) \(kind.rawValue)\n# HELP \(name) \(help)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        let number = value == value.rounded(.towardZero) && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        text += name + Self.written(labels) + " \(number)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Int) {
        text += name + Self.written(labels) + " \(value)\n"
    }

    /// The whole text; nothing may follow it.
    func finished() -> [UInt8] {
        Array((text + "# EOF\n").utf8)
    }

    private static func written(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }
}
