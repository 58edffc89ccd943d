import Glibc
import Model
package import Telemetry

/// What a daemon says about itself on `--help`.
package struct DaemonDescription: Sendable {
    package let name: String
    package let summary: String
    /// Variable, default, meaning.
    package let settings: [(name: String, default: String, meaning: String)]

    package init(
        name: String, summary: String, settings: [(name: String, default: String, meaning: String)]
    ) {
        self.name = name
        self.summary = summary
        self.settings = settings
    }

    var help: String {
        let width = settings.map(\.name.count).max() ?? 0
        let lines = settings.map { setting in
            "  " + setting.name + String(repeating: " ", count: width - setting.name.count + 2)
                + "\(setting.meaning) (default: \(setting.default))"
        }
        return """
            \(name): \(summary)

            Usage: \(name) [--check | --help | --version]

              --check    read the settings, say what is wrong, exit
              --help     this text
              --version  the release

            Settings come from the environment:
            \(lines.joined(separator: "\n"))

            Exit status: 0 stopped as asked, 1 failed, 2 wrong usage, 78 wrong settings.
            """
    }
}

/// The whole of every daemon's `main`: flags, settings, signals, exit status.
///
/// An error that leaves `main` would end as a crash with a stack trace; here it ends as one line and an exit
/// status. Status 78 tells systemd (`RestartPreventExitStatus=78`) that restarting cannot help.
package func runDaemon<Settings: Sendable>(
    _ description: DaemonDescription,
    settings read: @Sendable (Environment) throws -> Settings,
    body: @escaping @Sendable (Settings, Logger) async throws -> Void
) async -> Never {
    let flags = Array(CommandLine.arguments.dropFirst())
    switch flags {
    case []: break
    case ["--help"], ["-h"]:
        Console.print(description.help)
        exit(0)
    case ["--version"]:
        Console.print("\(description.name) \(Release.version)")
        exit(0)
    case ["--check"]: break
    default:
        Console.error("\(description.name): takes --check, --help or --version; settings come from the environment")
        exit(2)
    }
    umask(0o077)
    _ = signal(SIGPIPE, SIG_IGN)
    let environment = Environment.ofProcess
    do {
        let logger = Console.logger(
            try environment.value("HELICARRIER_LOG", default: .info), process: description.name,
            environment: environment)
        let settings = try read(environment)
        if flags == ["--check"] {
            Console.print("\(description.name): settings are good")
            exit(0)
        }
        try await runUntilStopped { try await body(settings, logger) }
        logger.log(.info, "stopped")
        exit(0)
    } catch let first as SettingError {
        // Whoever mends one wants to know of the others.
        let all = environment.faults { environment in
            _ = try environment.value("HELICARRIER_LOG", default: Level.info)
            _ = try read(environment)
        }
        end(description.name, 78, because: (all.isEmpty ? [first] : all).map { "\($0)" })
    } catch {
        end(description.name, error is any ConfigurationFault ? 78 : 1, because: ["\(error)"])
    }
}

/// Ends the process with a line for each reason.
private func end(_ name: String, _ status: Int32, because reasons: [String]) -> Never {
    let reasons = reasons.map(oneLine)
    // What `systemctl status` shows of a unit that has failed.
    ServiceNotice.status(reasons.joined(separator: "; "))
    for reason in reasons { Console.error("\(name): \(reason)") }
    exit(status)
}

private func oneLine(_ text: String) -> String {
    String(text.map { $0 == "\n" || $0 == "\r" ? " " : $0 })
}
