import Daemon
import Model

/// Every command there is, and which one a command line calls.
struct CommandTable: Sendable {
    let commands: [Command]

    /// What a command line asks for.
    enum Call: Sendable {
        case help(String)
        case version
        case run(Command, [String])
    }

    /// The longest name that the words begin with wins, so `queue list` is not `queue` with a word behind it.
    func call(_ words: [String]) throws(UsageError) -> Call {
        guard let first = words.first else { throw UsageError("say what to do; see helicarrier --help") }
        if ["--help", "-h", "help"].contains(first) { return .help(overview) }
        if first == "--version" { return .version }
        let fitting = commands.filter { words.starts(with: $0.words) }
        if let command = fitting.max(by: { $0.words.count < $1.words.count }) {
            let rest = Array(words.dropFirst(command.words.count))
            let flags = rest.prefix { $0 != "--" }
            if flags.contains("--help") || flags.contains("-h") { return .help(command.help) }
            return .run(command, rest)
        }
        let group = commands.filter { $0.words.first == first }
        guard !group.isEmpty else { throw UsageError("there is no command '\(first)'; see helicarrier --help") }
        guard words.count > 1 else { throw UsageError("\(first) needs one of: \(names(group))") }
        if ["--help", "-h"].contains(words[1]) { return .help("Usage:\n" + list(group)) }
        throw UsageError("there is no command '\(first) \(words[1])'; there is: \(names(group))")
    }

    private func names(_ group: [Command]) -> String {
        group.map { $0.words.dropFirst().joined(separator: " ") }.joined(separator: ", ")
    }

    private func list(_ group: [Command]) -> String {
        let width = group.map(\.name.count).max() ?? 0
        return group.map { "  helicarrier \($0.name.padded(to: width))  \($0.summary)" }.joined(separator: "\n")
    }

    var overview: String {
        """
        helicarrier: the operator's command of Helicarrier

        \(list(commands))

        `helicarrier COMMAND --help` says more. Settings come from the environment: HELICARRIER_DB_PATH names the
        database (default ./data/helicarrier.sqlite).

        Exit status: 0 fine, 1 failed, 2 wrong usage, 78 wrong settings.
        """
    }

    /// Runs what the words ask for; every error ends as one line.
    func run(_ words: [String], _ session: Session) async -> ExitStatus {
        do {
            switch try call(words) {
            case .help(let text): session.terminal.print(text)
            case .version: session.terminal.print("helicarrier \(Release.version)")
            case .run(let command, let rest): return try await command.run(command.arguments(rest), session)
            }
            return .fine
        } catch let error as UsageError {
            session.terminal.error(error.description)
            return .wrongUsage
        } catch {
            session.terminal.error("\(error)")
            return error is any ConfigurationFault ? .wrongSettings : .failed
        }
    }
}
