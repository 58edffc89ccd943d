import Daemon
import Glibc
import Model
import SQLite
import Store
import Synchronization
import Telemetry

/// `helicarrier up`: all daemons as children of one process in the foreground.
enum Up {
    static let command = Command(
        "up", "run all daemons in the foreground, until Ctrl-C",
        options: [
            Option("--scale", "PAIRS", "how many of each, such as normalizer=2,scorer=2; fetcher=0 leaves it out")
        ],
        notes: """
            The schema is brought up to date first. A daemon that dies is started again after 1 s, and later after up to
            30 s; one that says its settings are wrong (status 78) stops everything. When /readyz answers 200, a line
            `ready: ADDRESS` is printed. SIGTERM and Ctrl-C stop the api first, then fetcher, normalizer, scorer and
            notifier. If this process is killed, the kernel kills the daemons with it.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let formation = try Formation(scale: arguments.value("--scale"))
        let level: Level = try session.environment.value("HELICARRIER_LOG", default: .info)
        let listen = try session.environment.value("HELICARRIER_LISTEN", default: "127.0.0.1:8080")
        let location = try session.location()
        try location.checkDirectory()
        try migrate(location, session)
        let directory = try executableDirectory(for: formation)
        let merge = LogMerge(
            plain: session.terminal.errorIsTerminal, width: formation.members.map(\.label.count).max() ?? 0)
        let log = Logger(threshold: level) { event in
            Console.write(merge.text(event, from: "up", now: SystemClock.now()), to: STDERR_FILENO)
        }
        let readiness = Readiness(listen: listen, tells: level <= .info, log: log)
        let supervisor = Supervisor(
            formation, directory: directory, environment: childEnvironment(session.environment), merge: merge, log: log
        ) { member, line in
            if member.program == "api" { readiness.learn(from: line) }
        }
        guard let supervisor else { throw CommandFailure("no file descriptors are left") }
        _ = signal(SIGPIPE, SIG_IGN)
        let verdict = Mutex(ExitStatus.failed)
        try await runUntilStopped {
            let ended = await supervise(
                supervisor, readiness, hasAPI: formation.members.contains { $0.program == "api" }, session.terminal)
            verdict.withLock { $0 = ended }
        }
        log.log(.info, "stopped")
        return verdict.withLock(\.self)
    }

    private static func supervise(
        _ supervisor: Supervisor, _ readiness: Readiness, hasAPI: Bool, _ terminal: Terminal
    ) async -> ExitStatus {
        await withTaskGroup(of: ExitStatus?.self) { group in
            group.addTask { await supervisor.run() }
            group.addTask {
                if hasAPI, let url = await readiness.wait() { terminal.print("ready: \(url)") }
                return nil
            }
            var verdict = ExitStatus.fine
            for await ended in group {
                guard let ended else { continue }
                verdict = ended
                group.cancelAll()
            }
            return verdict
        }
    }

    /// The schema is migrated before anybody works with it, and the connection is closed again before there are
    /// children.
    private static func migrate(_ location: DatabaseLocation, _ session: Session) throws {
        let connection = try location.opening { () throws(SQLiteError) in
            try Connection(path: location.path, durability: location.durability)
        }
        try FirstPrices.check(connection.schemaVersion(), session)
        try connection.migrate(now: session.now())
        try FirstPrices.offer(connection, session)
    }

    /// The daemons stand beside this executable.
    private static func executableDirectory(for formation: Formation) throws -> String {
        let directory = try ownDirectory()
        for program in Set(formation.members.map(\.program)).sorted() {
            guard unsafe access(directory + "/" + program, X_OK) == 0 else {
                throw CommandFailure("there is no executable \(program) in \(directory)")
            }
        }
        return directory
    }

    /// What belongs between this process and a service manager is not the children's.
    private static func childEnvironment(_ environment: Environment) -> [String: String] {
        environment.all.filter { variable in
            !["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID"].contains(variable.key)
        }
    }
}

/// Where this executable stands.
func ownDirectory() throws -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = path.lastIndex(of: "/") else { throw CommandFailure("cannot find its own executable") }
    return String(path[..<slash])
}
