import Daemon
import Deployment
import Dispatch
import Glibc
import HTTPClient
import JSON
import Jobs
import Ledger
import Model
import SQLite
import Store

/// The looking of `doctor`: collects figures from the machine and has them judged.
struct Examination: Sendable {
    static let settings: Set<String> = [
        "HELICARRIER_DB_PATH", "HELICARRIER_ENABLE_SQLITE", "HELICARRIER_ENABLE_JSON_IMPORT",
        "HELICARRIER_CONTRACT_STRICT", "HELICARRIER_SECRET", "HELICARRIER_LISTEN", "HELICARRIER_CONFIG_DIR",
        "HELICARRIER_HUB_URL", "HELICARRIER_HUB_TOKEN", "HELICARRIER_HUB_TOKEN_FILE", "HELICARRIER_HUB_BUDGET",
        "HELICARRIER_REFRESH", "HELICARRIER_WEBHOOK_ALLOW", "HELICARRIER_V4_UI", "HELICARRIER_LOG",
        "HELICARRIER_SYNC", "HELICARRIER_KEEP_JOBS", "HELICARRIER_BALLAST", "HELICARRIER_HUB_PAGES",
        "HELICARRIER_WATCH_CALLS", "HELICARRIER_SWEEP", "HELICARRIER_HUB_WEBHOOK_SECRET",
        "HELICARRIER_WEBHOOK_PORTS", "HELICARRIER_RATE_LIMIT", "HELICARRIER_CORS_ORIGINS",
        "HELICARRIER_KEEP_DELIVERIES", "HELICARRIER_SECRET_FILE", "HELICARRIER_HUB_WEBHOOK_SECRET_FILE",
        "HELICARRIER_WEBHOOK_CA_FILE",
    ]

    let session: Session
    let environment: Environment

    init(_ session: Session) {
        self.session = session
        environment = session.environment
    }

    /// What each daemon says about the settings, which it knows best.
    func programs(in directory: String) async -> [Finding] {
        var findings = Judgement.unknownSettings(Array(environment.all.keys), known: Self.settings)
        do throws(SettingError) {
            // Of this command alone, so no daemon looks at it.
            _ = try environment.value("HELICARRIER_ENABLE_JSON_IMPORT", default: false)
        } catch {
            findings.append(.fail("settings", "\(error)", do: "correct it"))
        }
        for program in Formation.startOrder {
            let path = directory + "/" + program
            guard unsafe access(path, X_OK) == 0 else {
                findings.append(
                    .warn("settings", "there is no \(program) in \(directory)", do: "install all executables"))
                continue
            }
            let (status, text) = await Self.output(path, ["--check"], environment.all)
            let words = Printable.line(text.split(separator: "\n").last.map(String.init) ?? "")
            findings.append(
                status == 0
                    ? .ok("settings", "\(program) accepts them")
                    : .fail(
                        "settings", words.isEmpty ? "\(program) --check ended with \(status)" : words, do: "correct it")
            )
        }
        return findings
    }

    /// One thread starts the child and sees its end: see ``BoundProcess``.
    private static func output(
        _ path: String, _ arguments: [String], _ environment: [String: String]
    ) async -> (status: Int32, text: String) {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "check").async {
                guard let child = BoundProcess(path: path, arguments: arguments, environment: environment),
                    let watch = OutputWatch()
                else { return continuation.resume(returning: (127, "no process can be started")) }
                var bytes: [UInt8] = []
                let clock = ContinuousClock()
                let start = clock.now
                var status = child.exitStatus()
                while status == nil {
                    if clock.now - start > .seconds(5) { child.send(SIGKILL) }
                    watch.wait(for: [], upTo: .milliseconds(10))
                    bytes += child.readOutput().bytes
                    status = child.exitStatus()
                }
                bytes += child.readOutput().bytes
                continuation.resume(returning: (status ?? 127, String(decoding: bytes, as: UTF8.self)))
            }
        }
    }

    func configuration() -> [Finding] {
        let path = environment.all["HELICARRIER_CONFIG_DIR"] ?? "./config"
        let folder = DeploymentFolder(path: path)
        var findings: [Finding] = []
        do throws(DeploymentError) {
            let sources = try folder.sources()
            findings.append(
                .ok("configuration", "sources.json names \(Spoken.count(sources.count, "model", "models"))"))
            _ = try folder.scoreProfiles()
            _ = try folder.plans()
            findings.append(.ok("configuration", "profiles.json is good"))
            _ = (try folder.sizes(), try folder.licenses(), try folder.capabilities(), try folder.parents())
            findings.append(.ok("configuration", "the tables of facts are good"))
            let book = try folder.firstPriceBook()
            findings.append(
                book.map { .ok("configuration", "price-book.json is good, version \($0.version)") }
                    ?? .warn(
                        "configuration", "there is no price-book.json",
                        do: "or import prices: helicarrier prices import"))
            let version = try folder.anomalyThresholds().version
            findings.append(.ok("configuration", "anomalies.json, or its defaults, has version \(version)"))
        } catch {
            findings.append(.fail("configuration", error.description, do: "correct the file in \(path)"))
        }
        return findings
    }

    /// What systemd says of the service's units, where it runs.
    func units() async -> [Finding] {
        guard FileAccess.isDirectory("/run/systemd/system") else { return [] }
        let words =
            ["show", "--property=" + UnitState.properties.joined(separator: ","), "helicarrier.target"]
            + ["helicarrier-backup.timer", "helicarrier-*"]
        let (status, text) = await Self.output("/usr/bin/systemctl", words, environment.all)
        guard status == 0 else {
            return [.warn("units", "systemd does not answer", do: "ask it: `systemctl status 'helicarrier-*'`")]
        }
        // What a pattern matches comes again.
        var known: Set<String> = []
        return Judgement.units(UnitState.read(text).filter { known.insert($0.name).inserted })
    }

    /// - Parameter deep: reads every index and rule too, which takes several times as long.
    func database(deep: Bool = false) async -> [Finding] {
        let location: DatabaseLocation
        do {
            location = try DatabaseLocation(environment)
            try location.checkDirectory()
        } catch let error as SettingError {
            return [.fail("database", "\(error)", do: "correct it")]
        } catch {
            return [.fail("database", "\(error)", do: "correct HELICARRIER_DB_PATH, or owner and mode there")]
        }
        let directory = location.path.lastIndex(of: "/").map { String(location.path[...$0]) } ?? "."
        let ballast = FileSize.exists(location.ballast) ? location.ballast : nil
        var findings = [Judgement.disk(free: FileSize.free(at: directory), ballast: ballast)]
        var facts = stat()
        guard unsafe stat(location.path, &facts) == 0 else {
            return findings + [.warn("database", "there is none at \(location.path)", do: "run `helicarrier migrate`")]
        }
        findings.append(.ok("database", "\(location.path), \(Spoken.bytes(Int64(facts.st_size)))"))
        findings.append(Judgement.permissions(facts.st_mode))
        findings += Judgement.owner(facts.st_uid, user: geteuid())
        do {
            findings += try await contents(location, deep: deep)
        } catch {
            findings.append(.fail("database", "\(error)", do: "restore a backup, or move the file away"))
        }
        findings.append(
            Judgement.log(
                walBytes: FileSize.of(location.path + "-wal"), last: LastCheckpoint.read(location)?.at,
                now: session.now()))
        findings.append(Judgement.backup(LastBackup.read(location)?.at, now: session.now()))
        return findings
    }

    private func contents(_ location: DatabaseLocation, deep: Bool) async throws -> [Finding] {
        let database = try location.openForReading()
        let now = session.now()
        let version = try await database.access { db throws(SQLiteError) in try db.schemaVersion() }
        var findings = [Judgement.schema(found: version, needed: Migration.newest)]
        if deep {
            findings.append(
                Judgement.integrity(try await database.run(.integrityCheck()), check: "integrity_check"))
            findings.append(Judgement.references(try await database.run(.danglingReferences())))
        } else {
            findings.append(Judgement.integrity(try await database.run(.quickCheck())))
        }
        guard version == Migration.newest else { return findings }
        // A value that is neither is what `api --check` tells of.
        if (try? environment.value("HELICARRIER_ENABLE_SQLITE", default: true)) == false,
            try await database.run(.sessionCounts()).isEmpty == false
        {
            findings.append(
                .fail(
                    "settings", "HELICARRIER_ENABLE_SQLITE is false, but the database holds sessions",
                    do: "set it to true, or use another database: the api does not start like this"))
        }
        findings.append(Judgement.clock(now: now, newest: try await database.run(.newestJobCreation()).first))
        findings += Judgement.synchronisation(SystemClock.isSynchronised)
        let stages = try await database.read { db throws(SQLiteError) in
            try db.backlog()
        }
        let queue = Judgement.queue(stages, listening: Listeners(location).wake(StageName.allCases))
        findings += queue.isEmpty ? [.ok("queue", "nothing waits without a worker, nothing is dead or paused")] : queue
        return findings
    }

    func upstream() async -> [Finding] {
        let url = environment.all["HELICARRIER_HUB_URL"] ?? "https://huggingface.co"
        guard url != "off" else { return [.ok("upstream", "it is off")] }
        let client = HTTPClient(userAgent: "helicarrier-doctor/\(Release.version)", maximumConnections: 1, perHost: 1)
        defer { client.shutdown() }
        do throws(ClientError) {
            let request = ClientRequest("GET", url + "/api/models?limit=1", totalTimeout: .seconds(10))
            let response = try await client.send(request)
            let now = session.now()
            let theirs = response.headers.first("date").flatMap {
                HTTPDate.seconds(of: $0[...], now: now.milliseconds / 1_000)
            }
            let clock =
                theirs.map {
                    [Judgement.skew(ours: now, theirs: Timestamp(milliseconds: $0 * 1_000))]
                } ?? []
            switch response.status {
            case 200: return [.ok("upstream", "\(url) answers in \(response.timings.total) ms")] + clock
            case 429:
                return [.warn("upstream", "\(url) answers 429", do: "wait: the quota of this address is used up")]
                    + clock
            default:
                return [.fail("upstream", "\(url) answers \(response.status)", do: "check HELICARRIER_HUB_URL")] + clock
            }
        } catch {
            return [.fail("upstream", "\(url): \(error)", do: "check the network, a proxy, and HELICARRIER_HUB_URL")]
        }
    }
}
