import Daemon
import Dispatch
import Glibc
import Model
import Synchronization
import Telemetry

/// Runs the children of `up`: one thread starts them, reads what they write, and does what ``Supervision`` decides.
///
/// It must be one thread for as long as a child lives: see ``BoundProcess``.
final class Supervisor: Sendable {
    private let formation: Formation
    private let directory: String
    private let environment: [String: String]
    private let merge: LogMerge
    private let log: Logger
    private let onLine: @Sendable (Formation.Member, [UInt8]) -> Void
    private let watch: OutputWatch
    private let stopAsked = Atomic<Bool>(false)

    /// - Parameters:
    ///   - directory: where the executables are.
    ///   - onLine: sees every line of a child.
    init?(
        _ formation: Formation, directory: String, environment: [String: String], merge: LogMerge, log: Logger,
        onLine: @escaping @Sendable (Formation.Member, [UInt8]) -> Void
    ) {
        guard let watch = OutputWatch() else { return nil }
        self.formation = formation
        self.directory = directory
        self.environment = environment
        self.merge = merge
        self.log = log
        self.onLine = onLine
        self.watch = watch
    }

    /// Runs until a stop is asked for, or a child says that its settings are wrong; then no child is left.
    func run() async -> ExitStatus {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "supervisor").async { continuation.resume(returning: self.supervise()) }
            }
        } onCancel: {
            stopAsked.store(true, ordering: .releasing)
            watch.wake()
        }
    }

    private func supervise() -> ExitStatus {
        let clock = ContinuousClock()
        let start = clock.now
        var supervision = Supervision(formation, at: .zero)
        var children: [Formation.Member: Child] = [:]
        while !supervision.hasEnded {
            let now = clock.now - start
            if stopAsked.load(ordering: .acquiring) { perform(supervision.stop(at: now), &children) }
            for (member, status) in perform(supervision.due(at: now), &children) {
                perform(supervision.ended(member, status: status, at: now), &children)
            }
            let untilDue = supervision.nextDue.map { $0 - now } ?? .milliseconds(500)
            watch.wait(
                for: children.values.filter { !$0.isSilent }.map(\.output),
                upTo: max(.zero, min(untilDue, .milliseconds(children.values.contains(where: \.isSilent) ? 20 : 500))))
            for (member, child) in children {
                relay(child, of: member)
                guard let status = child.exitStatus() else { continue }
                relay(child, of: member, atEnd: true)
                perform(supervision.ended(member, status: status, at: clock.now - start), &children)
                children[member] = nil
            }
        }
        return supervision.verdict
    }

    /// - Returns: the children that could not be started.
    @discardableResult
    private func perform(
        _ actions: [Supervision.Action], _ children: inout [Formation.Member: Child]
    ) -> [(Formation.Member, status: Int32)] {
        var unstarted: [(Formation.Member, status: Int32)] = []
        for action in actions {
            switch action {
            case .start(let member):
                guard let process = BoundProcess(path: directory + "/" + member.program, environment: environment)
                else {
                    unstarted.append((member, status: 127))
                    continue
                }
                let child = Child(process)
                log.log(.info, "started", ["child": member.label, "child.pid": "\(child.number)"])
                children[member] = child
            case .ask(let member): children[member]?.send(SIGTERM)
            case .kill(let member):
                log.log(.warning, "child does not stop and is killed", ["child": member.label])
                children[member]?.send(SIGKILL)
            case .report(let member, let status, let wait):
                log.log(
                    .error, "child ended",
                    ["child": member.label, "child.end": Self.words(status), "restart.in": Spoken.duration(wait)])
            case .giveUp(let member):
                log.log(
                    .error, "settings are wrong",
                    ["child": member.label, "child.words": children[member]?.lastWords ?? ""])
            }
        }
        return unstarted
    }

    static func words(_ status: Int32) -> String {
        status > 128 ? "signal \(status - 128)" : "status \(status)"
    }

    private func relay(_ child: Child, of member: Formation.Member, atEnd: Bool = false) {
        for line in child.lines(merge, atEnd: atEnd) {
            child.lastWords = String(decoding: line, as: UTF8.self)
            onLine(member, line)
            Console.write(merge.text(line, from: member.label, now: SystemClock.now()), to: STDERR_FILENO)
        }
    }
}

/// A running child with the part of a line that it has begun. Touched by the supervising thread alone.
private final class Child {
    private let process: BoundProcess
    private var pending: [UInt8] = []
    /// The last line that it wrote.
    var lastWords = ""
    /// It has closed its output, so its end is found by asking.
    private(set) var isSilent = false

    init(_ process: consuming BoundProcess) {
        self.process = process
    }

    var number: Int32 { process.number }
    var output: Int32 { process.output }

    func send(_ signal: Int32) { process.send(signal) }

    func exitStatus() -> Int32? { process.exitStatus() }

    func lines(_ merge: LogMerge, atEnd: Bool) -> [[UInt8]] {
        let read = process.readOutput()
        if read.bytes.isEmpty, read.atEnd { isSilent = true }
        pending += read.bytes
        return merge.lines(from: &pending, atEnd: atEnd)
    }
}
