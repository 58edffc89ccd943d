import HTTPServer
import Ledger
import Model
import SQLite
import Store

/// Usage as a file: a line for each day on which a session started.
enum UsageLines {
    private static let columns = [
        "day", "agent", "model", "runs", "failed", "tokens", "inputUncached", "cacheRead", "cacheWrite5m",
        "cacheWrite1h", "outputVisible", "reasoning", "runtimeMs", "costUsd", "costsBilled", "costsEstimated",
        "costsUnknown", "billingDriftUsd",
    ]

    static func file(_ report: UsageReport, _ address: UsageAddress) -> [UInt8] {
        var bytes = CSVLine.header(columns)
        let counts: [UsageSums.Field] = [
            .runs, .failed, .tokens, .inputUncached, .cacheRead, .cacheWrite5m, .cacheWrite1h, .outputVisible,
            .reasoning, .runtime,
        ]
        for (day, sums) in report.days {
            var line = CSVLine(isSafe: true)
            line.text(day.text)
            line.text(address.agent)
            line.text(address.model)
            for field in counts { line.number(sums[field]) }
            line.decimal(MoneyText.decimal(sums[.cost]))
            line.number(sums[.costReported])
            line.number(sums[.costEstimated])
            line.number(sums[.costUnknown])
            line.decimal(sums[.driftRuns] > 0 ? MoneyText.decimal(sums[.drift]) : nil)
            bytes += line.finished()
        }
        return bytes
    }
}

/// Sessions as a file: all that fit when it is begun, each once, in the order of then. Their numbers are read at once,
/// 8 bytes for each session, and the sessions a chunk at a time while the file is sent: what comes or changes meanwhile
/// moves none of them. One that is deleted before its turn is left out.
actor SessionLines: BodyStream {
    private static let chunk = 500
    private static let patience = Duration.milliseconds(200)
    private static let columns = [
        "sessionId", "runId", "agentId", "agentLabel", "modelId", "provider", "status", "startedAt", "endedAt",
        "runtimeMs", "taskTitle", "taskCategory", "artifactCount", "errorCode", "errorMessage", "inputUncached",
        "cacheRead", "cacheWrite5m", "cacheWrite1h", "outputVisible", "reasoning", "totalTokens", "tokenSource",
        "costUsd", "costSource", "pricingVersion", "billedUsd", "computedUsd", "usageAnomaly",
    ]

    private let address: SessionsAddress
    private let reader: Database
    /// What is still to be sent, the last first; `nil`: nothing has been read.
    private var rest: [Int64]?
    private var hasHeader = false

    init(address: SessionsAddress, reader: Database) {
        self.address = address
        self.reader = reader
    }

    func next() async -> [UInt8]? {
        guard hasHeader else {
            hasHeader = true
            return CSVLine.header(Self.columns)
        }
        let (filter, sort) = (address.filter, address.sort)
        if rest == nil {
            rest = await untilRead { db throws(SQLiteError) in
                try db.sessionIDs(filter, sort: sort, offset: 0, limit: .max).ids.reversed()
            }
        }
        while let ids = rest?.suffix(Self.chunk).reversed() as [Int64]?, !ids.isEmpty {
            let lines = await untilRead { db throws(SQLiteError) in try db.lines(try db.run(.sessions(ids))) }
            guard let lines else { return nil }
            rest?.removeLast(ids.count)
            if !lines.isEmpty { return lines.flatMap { Self.bytes($0) } }
        }
        return nil
    }

    /// What cannot be read now is tried again, not left out: a file must not look whole when it is not.
    private func untilRead<Found: Sendable>(
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async -> Found? {
        while !Task.isCancelled {
            if let found = try? await reader.read(body) { return found }
            try? await Task.sleep(for: Self.patience)
        }
        return nil
    }

    private static func bytes(_ session: SessionLine) -> [UInt8] {
        let (row, usage) = (session.row, session.usage)
        var line = CSVLine(isSafe: true)
        for text in [
            row.sessionID, row.runID, row.agentID, row.agentLabel, row.modelID, usage?.provider ?? row.provider,
            row.status.rawValue, row.startedAt.rfc3339, row.endedAt?.rfc3339,
        ] { line.text(text) }
        line.number(row.runtime)
        line.text(row.taskTitle)
        line.text(row.taskCategory)
        line.number(row.artifactCount)
        line.text(row.errorCode)
        line.text(row.errorMessage)
        for bucket in TokenBucket.allCases { line.number(usage?.facts.tokens[bucket]) }
        line.number(usage?.facts.totalTokens)
        line.text(usage?.facts.tokenSource.rawValue)
        line.decimal(usage?.facts.cost.map(MoneyText.decimal))
        line.text(usage?.facts.costSource.rawValue)
        line.text(usage?.pricingVersion)
        line.decimal(usage?.facts.billed.map(MoneyText.decimal))
        line.decimal(usage?.facts.computed.map(MoneyText.decimal))
        line.text(usage?.facts.anomaly)
        return line.finished()
    }
}
