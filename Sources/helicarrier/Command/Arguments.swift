import Daemon

/// One flag that a command takes: its name, what its value is called, and what it does.
struct Option: Equatable, Sendable {
    let name: String
    /// What the help calls the value; `nil` for a flag without one.
    let value: String?
    let meaning: String
    let repeats: Bool

    /// A flag that is there or not.
    init(_ name: String, _ meaning: String) {
        self.init(name, nil, repeats: false, meaning)
    }

    /// A flag with a value.
    init(_ name: String, _ value: String?, repeats: Bool = false, _ meaning: String) {
        precondition(name.hasPrefix("--") && name.count > 2, "\(name) is not the name of a flag")
        self.name = name
        self.value = value
        self.meaning = meaning
        self.repeats = repeats
    }

    static let json = Option("--json", "print JSON instead of a table")
    static let yes = Option("--yes", "do not ask")
}

/// The command line cannot be understood; the text says which word is wrong.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The words after a command's name, sorted into flags, values and positionals.
///
/// A flag may stand anywhere, its value in the same word (`--feed=x`) or the next (`--feed x`). `--` ends the flags, so
/// that a positional may begin with `-`; a lone `-` is a positional.
struct Arguments: Equatable, Sendable {
    private(set) var positionals: [String] = []
    private var flags: Set<String> = []
    private var values: [String: [String]] = [:]

    init(_ words: [String], accepting options: [Option] = []) throws(UsageError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positionals += rest
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                positionals.append(word)
                continue
            }
            try take(word, options, &rest)
        }
    }

    private mutating func take(
        _ word: String, _ options: [Option], _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = options.first(where: { $0.name == parts[0] }) else {
            throw UsageError("there is no flag \(parts[0])")
        }
        guard option.value != nil else {
            guard parts.count == 1 else { throw UsageError("\(option.name) takes no value") }
            flags.insert(option.name)
            return
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
            throw UsageError("\(option.name) needs a value")
        }
        guard option.repeats || values[option.name] == nil else {
            throw UsageError("\(option.name) is given twice")
        }
        values[option.name, default: []].append(value)
    }

    func has(_ flag: String) -> Bool {
        flags.contains(flag)
    }

    func value(_ name: String) -> String? {
        values[name]?.last
    }

    func values(_ name: String) -> [String] {
        values[name] ?? []
    }

    /// The value of a flag as a type of setting.
    func value<Value: Setting>(_ name: String, as type: Value.Type) throws(UsageError) -> Value? {
        guard let text = value(name) else { return nil }
        guard let value = Value(setting: text) else { throw UsageError("\(name) expects \(Value.expectation)") }
        return value
    }

    func number(_ name: String, within range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let number = try value(name, as: Int.self) else { return nil }
        guard range.contains(number) else {
            throw UsageError("\(name) expects a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func oneOf(_ name: String, _ words: [String]) throws(UsageError) -> String? {
        guard let text = value(name) else { return nil }
        guard words.contains(text) else { throw UsageError("\(name) expects one of \(words.joined(separator: ", "))") }
        return text
    }
}
