import Daemon
import Glibc

/// Where a command speaks with its operator: output, one-line errors, progress, and questions where somebody can
/// answer them.
struct Terminal: Sendable {
    let outputIsTerminal: Bool
    let errorIsTerminal: Bool
    let inputIsTerminal: Bool
    let hasColours: Bool
    /// Writes text as it is.
    let write: @Sendable (String) -> Void
    let writeError: @Sendable (String) -> Void
    let answer: @Sendable () -> String?

    static func ofProcess(_ environment: Environment) -> Terminal {
        let output = Console.outputIsTerminal
        return Terminal(
            outputIsTerminal: output, errorIsTerminal: Console.errorIsTerminal,
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            hasColours: output && environment.all["NO_COLOR"] == nil && environment.all["TERM"] != "dumb",
            write: { Console.write($0) }, writeError: { Console.write($0, to: STDERR_FILENO) },
            answer: { readLine(strippingNewline: true) })
    }

    func print(_ line: String) {
        write(line + "\n")
    }

    func error(_ line: String) {
        writeError("helicarrier: " + Printable.line(line) + "\n")
    }

    func paint(_ text: String, _ colour: Colour) -> String {
        hasColours ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Whether the operator agrees to what `question` describes.
    ///
    /// Without a terminal nobody can be asked: then the act needs `--yes`.
    func confirm(_ question: String, yes: Bool) throws(UsageError) -> Bool {
        if yes { return true }
        guard inputIsTerminal, errorIsTerminal else {
            throw UsageError("\(question) Nobody can be asked here: add --yes")
        }
        writeError("\(question) Go on? [y/N] ")
        return ["y", "yes"].contains(answer()?.lowercased() ?? "")
    }
}

/// The few colours of a terminal, by ECMA-48's numbers.
enum Colour: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
}

/// Text from files and other people, made safe to show: one line, without control characters that a terminal would
/// obey.
enum Printable {
    static func line(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x09: safe.append(" ")
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: safe.append("?")
            default: safe.append(scalar)
            }
        }
        return String(safe)
    }
}
