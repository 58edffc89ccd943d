import Model
import SQLite
import TestKit
import Testing

/// What a scenario has done to the queue, in the words of the total-queue check: what was acknowledged must have
/// happened, once, and nothing else.
struct Verdict: CustomStringConvertible {
    /// Acknowledged jobs, or their follow-ups, that are gone or ended without their effect.
    private(set) var lost = 0
    /// Jobs that nobody asked for, and effects of jobs that are not done.
    private(set) var unexpected = 0
    private(set) var finishedTwice = 0
    private(set) var effectsTwice = 0
    /// Jobs that had not ended when the scenario had.
    private(set) var stuck = 0
    /// How long after the fault the jobs of a struck worker were ready again.
    private(set) var reclaims: [Duration] = []
    let acknowledged: Int
    let integrity: [String]

    private struct Row: Sendable {
        let id: JobID
        let parent: JobID?
        let kind: String
        let state: String
        let asks: Bool

        private static let decode: @Sendable (borrowing SQLite.Row) -> Row = {
            Row(
                id: JobID($0.integer(0)), parent: $0.integerOrNull(1).map { JobID($0) }, kind: $0.text(2),
                state: $0.text(3), asks: $0.flag(4))
        }
        static let all = Query<Row>(
            "SELECT id, parent_id, kind, state, instr(payload, 'true') FROM job", decode: decode)
        static let begun = Query<Row>(
            "SELECT id, parent_id, kind, state, instr(payload, 'true') FROM job WHERE state <> 'ready'", decode: decode)
    }

    /// - Parameters:
    ///   - refused: jobs that were to die or to be left alone.
    ///   - clockError: by how much the workers' wall clocks were wrong.
    ///   - backlog: how many jobs there are that no rig has enqueued, and of which most still wait.
    init(
        _ rig: FaultRig, refused: Set<JobID> = [], clockError: Duration = .zero, backlog: Int? = nil
    ) throws {
        let connection = try rig.open(readOnly: true)
        let rows = try connection.run(backlog == nil ? Row.all : Row.begun)
        let effects = Self.counts(try connection.run(Query("SELECT job FROM effect") { JobID($0.integer(0)) }))
        let finishes = Self.counts(try connection.run(Query("SELECT job FROM finish") { JobID($0.integer(0)) }))
        let enqueued = backlog == nil ? rig.enqueued.subtracting(refused) : Set(rows.map(\.id))
        if let backlog { lost = try backlog - rig.count("SELECT count(*) FROM job") }
        acknowledged = enqueued.count
        // Of a large database the check takes longer than all the rest.
        integrity = backlog == nil ? try connection.run(Query("PRAGMA integrity_check") { $0.text(0) }) : ["ok"]

        let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
        let children = Self.counts(rows.compactMap(\.parent))
        for id in enqueued {
            guard let row = known[id] else {
                lost += 1
                continue
            }
            let isOpen = ["ready", "scheduled", "running"].contains(row.state)
            let wanted = row.asks && row.kind == "toil" && row.state == "done" ? 1 : 0
            if isOpen { stuck += 1 } else if row.state != "done" || effects[id] == nil { lost += 1 }
            if (children[id] ?? 0) < wanted { lost += 1 }
            if (children[id] ?? 0) > wanted { unexpected += 1 }
        }
        for row in rows where !enqueued.contains(row.id) && !refused.contains(row.id) {
            if row.kind != "tick" && row.parent.map(enqueued.contains) != true { unexpected += 1 }
            if row.state != "done" { stuck += 1 } else if effects[row.id] == nil { lost += 1 }
        }
        unexpected += effects.keys.count { known[$0]?.state != "done" }
        finishedTwice = finishes.values.count { $0 > 1 }
        effectsTwice = effects.values.count { $0 > 1 }
        reclaims = try Self.reclaims(rig, connection, clockError)
    }

    private static func counts(_ ids: [JobID]) -> [JobID: Int] {
        ids.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// From the rows of the attempts that expired: their end, less the moment at which the worker was struck.
    private static func reclaims(
        _ rig: FaultRig, _ connection: borrowing Connection, _ clockError: Duration
    ) throws -> [Duration] {
        let struck = rig.workers.compactMapValues(\.struck)
        let expired = try connection.run(
            Query<(String, Timestamp)>("SELECT worker, ended_at_ms FROM job_attempt WHERE outcome = 'expired'") {
                ($0.text(0), Timestamp(milliseconds: $0.integer(1)))
            })
        return expired.compactMap { worker, end in struck[worker].map { end - $0 - clockError } }.sorted()
    }

    var description: String {
        let (median, longest) = (reclaims.isEmpty ? nil : reclaims[reclaims.count / 2], reclaims.last)
        return """
            lost=\(lost) unexpected=\(unexpected) finished twice=\(finishedTwice) effects twice=\(effectsTwice) \
            stuck=\(stuck) reclaim p50=\(median.map { "\($0.milliseconds)" } ?? "-") ms \
            max=\(longest.map { "\($0.milliseconds)" } ?? "-") ms
            """
    }

    /// Prints the line of the scenario and expects that it is all noughts.
    /// - Parameter reclaim: how long orphans may take to be ready again.
    func expectNothingLost(
        _ scenario: String, reclaim: Duration? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        print("\(scenario): \(self) acknowledged=\(acknowledged)")
        let faults = [lost, unexpected, finishedTwice, effectsTwice, stuck]
        #expect(faults == [0, 0, 0, 0, 0], "\(scenario): \(self)", sourceLocation: sourceLocation)
        #expect(integrity == ["ok"], sourceLocation: sourceLocation)
        if let reclaim, let longest = reclaims.last {
            #expect(longest <= reclaim, "\(scenario): an orphan waited \(longest)", sourceLocation: sourceLocation)
        }
    }
}
