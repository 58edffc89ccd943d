/// How the process ends.
enum ExitStatus: Int32, Sendable {
    case fine = 0
    case failed = 1
    case wrongUsage = 2
    /// A setting is wrong: starting again cannot help.
    case wrongSettings = 78
}

/// The command did not do what it was asked; the text is the one line that the operator gets.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// One subcommand: the words that call it, what it takes, and what it does.
struct Command: Sendable {
    let words: [String]
    let summary: String
    /// What stands for the positionals in the help.
    let operands: String
    let operandCount: ClosedRange<Int>
    let options: [Option]
    let notes: String
    let run: @Sendable (Arguments, Session) async throws -> ExitStatus

    init(
        _ name: String, _ summary: String, operands: String = "", count operandCount: ClosedRange<Int> = 0...0,
        options: [Option] = [], notes: String = "",
        run: @escaping @Sendable (Arguments, Session) async throws -> ExitStatus
    ) {
        words = name.split(separator: " ").map(String.init)
        self.summary = summary
        self.operands = operands
        self.operandCount = operandCount
        self.options = options
        self.notes = notes
        self.run = run
    }

    var name: String { words.joined(separator: " ") }

    /// Reads the words behind the command's name.
    func arguments(_ words: [String]) throws(UsageError) -> Arguments {
        let arguments = try Arguments(words, accepting: options)
        let count = arguments.positionals.count
        if count < operandCount.lowerBound { throw UsageError("\(operands) is missing") }
        if count > operandCount.upperBound {
            throw UsageError("'\(arguments.positionals[operandCount.upperBound])' is one word too many")
        }
        return arguments
    }

    var usage: String {
        let flags = options.map { option in
            let text = option.value.map { "\(option.name) \($0)" } ?? option.name
            return option.repeats ? "[\(text)]…" : "[\(text)]"
        }
        return (["helicarrier", name] + flags + [operands]).filter { !$0.isEmpty }.joined(separator: " ")
    }

    var help: String {
        var parts = ["\(summary)\n\nUsage: \(usage)"]
        if !options.isEmpty {
            let left = options.map { [$0.name, $0.value].compactMap(\.self).joined(separator: " ") }
            let width = left.map(\.count).max() ?? 0
            let lines = zip(left, options).map { "  \($0.padded(to: width))  \($1.meaning)" }
            parts.append(lines.joined(separator: "\n"))
        }
        if !notes.isEmpty { parts.append(notes) }
        return parts.joined(separator: "\n\n")
    }
}

extension String {
    /// The text with spaces behind it, up to `width` characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
