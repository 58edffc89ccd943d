import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// `helicarrier import hub`: gives recorded listings to the pipeline, which treats them like fetched ones.
enum ImportHub {
    static let command = Command(
        "import hub", "load recorded Hub listings",
        operands: "FILE…", count: 1...100_000,
        options: [
            Option("--feed", "NAME", "the set of models that the listings observe (default: hub)"),
            Option("--observed-at", "TIME", "when a listing was seen that does not say so itself"),
            Option("--wait", "wait until everything that follows from the import has ended"),
            .json,
        ],
        notes: """
            A file is a Hub listing array, a recording {"fetchedAt": …, "models": […]}, or JSON Lines of
            {"date": …, "models": […]}; each plain, gzip or zstd. The moment of an array is taken from --observed-at,
            else from the file's name (2026-05-04T0843Z.json), else it is when the file was written, which is said.
            What is there already is skipped. A bad file is named and the others go on.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let feed = arguments.value("--feed") ?? "hub"
        guard FeedName.isValid(feed) else { throw UsageError("--feed expects \(FeedName.expectation)") }
        let observedAt = try arguments.value("--observed-at", as: Moment.self)?.timestamp
        let location = try session.location()
        let database = try location.open(now: session.now())
        let started = SystemClock.sinceBoot()
        var tally = ImportTally()
        let reader = ImportReader(observedAt: observedAt, terminal: session.terminal)
        let observations = reader.read(arguments.positionals, &tally)
        var random = SystemRandomNumberGenerator()
        let storing = ObservationStoring(
            database: database, feed: feed, traceParent: TraceParent.root(using: &random).description)
        try await store(observations, storing, &tally, session)
        try await database.run(
            .audit(
                AuditEntry(
                    at: session.now(), who: session.operatorName, action: "import hub", target: feed,
                    result: "\(tally.stored.count) stored, \(tally.known) known, \(tally.faults.count) refused")))
        let listening = Listeners(location).wake([.normalize, .score])
        for fault in tally.faults { session.terminal.error(fault) }
        let settled =
            arguments.has("--wait")
            ? try await ImportWait(
                database: database, location: location, feed: feed, terminal: session.terminal, now: session.now
            ).wait(for: tally.jobs) : nil
        let elapsed = Duration.milliseconds(SystemClock.sinceBoot() - started)
        try await Checkpointer(location, log: .silent, now: session.now).runOnce()
        if arguments.has("--json") {
            session.terminal.print(tally.json(feed: feed, settled: settled, elapsed: elapsed))
        } else {
            report(tally, settled, elapsed, listening, session.terminal)
        }
        return tally.faults.isEmpty && settled?.lost.isEmpty != false ? .fine : .failed
    }

    private static func store(
        _ observations: [Observation], _ storing: ObservationStoring, _ tally: inout ImportTally, _ session: Session
    ) async throws {
        let bar = ProgressBar("storing", on: session.terminal)
        for (index, observation) in observations.enumerated() {
            bar.show(index, of: observations.count)
            tally.count(observation, try await storing.store(observation, now: session.now()), feed: storing.feed)
        }
        bar.clear()
    }

    private static func report(
        _ tally: ImportTally, _ settled: ImportProgress?, _ elapsed: Duration, _ listening: Set<StageName>,
        _ terminal: Terminal
    ) {
        var parts = ["\(Spoken.count(tally.stored.count, "listing", "listings")) in \(Spoken.duration(elapsed))"]
        if tally.rows > 0 { parts.append(Spoken.count(tally.rows, "row", "rows")) }
        if tally.known > 0 { parts.append("\(tally.known) already there") }
        if tally.past > 0 { parts.append("\(tally.past) older than the history that is kept") }
        if !tally.faults.isEmpty { parts.append("\(tally.faults.count) refused") }
        terminal.print(parts.joined(separator: ", "))
        if let settled {
            for job in settled.lost.prefix(20) {
                terminal.error(
                    "job \(job.id) (\(job.kind)) is \(job.state.rawValue): \(job.errorMessage ?? "no reason")")
            }
        } else if !tally.jobs.isEmpty, !listening.contains(.normalize) {
            terminal.print("\(Spoken.count(tally.jobs.count, "job waits", "jobs wait")) for normalizer")
        }
    }
}

/// What became of the files of one import.
struct ImportTally: Sendable {
    private(set) var stored: [String] = []
    private(set) var rows = 0
    private(set) var known = 0
    private(set) var past = 0
    private(set) var jobs: Set<JobID> = []
    var faults: [String] = []

    mutating func count(_ observation: Observation, _ outcome: StoringOutcome, feed: String) {
        switch outcome {
        case .stored(let job):
            stored.append(Snapshot.id(feed: feed, observedAt: observation.observedAt))
            rows += observation.rowCount
            if let job { jobs.insert(job) }
        case .known(let job):
            known += 1
            if let job { jobs.insert(job) }
        case .isPast: past += 1
        case .contradicts:
            let moment = observation.observedAt.rfc3339
            faults.append("\(observation.source): \(feed) has another listing of \(moment) with other content")
        }
    }

    func json(feed: String, settled: ImportProgress?, elapsed: Duration) -> JSONValue {
        .record([
            "feed": .text(feed), "stored": .count(stored.count), "rows": .count(rows), "known": .count(known),
            "past": .count(past),
            "snapshots": .array(stored.map { .string($0) }), "refused": .array(faults.map { .string($0) }),
            "jobs": .array(jobs.sorted().map { .integer($0.rawValue) }),
            "lost": settled.map { .array($0.lost.map { .integer($0.id.rawValue) }) } ?? .null,
            "elapsedMs": .number(elapsed.milliseconds),
        ])
    }
}

/// The names that feeds may have: they stand in addresses and in the ids of snapshots.
enum FeedName {
    static let expectation = "a name of at most 64 letters a-z, digits, '.', '_' or '-', a letter or digit first"

    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        func isPlain(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...122).contains(byte) }
        guard let first = bytes.first, isPlain(first), bytes.count <= 64 else { return false }
        return bytes.allSatisfy {
            isPlain($0) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0)
        }
    }
}

/// A moment as operators write it.
struct Moment: Setting, Equatable, Sendable {
    static let expectation = "a time like 2026-05-04T08:43:19Z, or a date"
    let timestamp: Timestamp

    init?(setting text: String) {
        guard let timestamp = Timestamp(rfc3339: text) else { return nil }
        self.timestamp = timestamp
    }
}
