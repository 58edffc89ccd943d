package import Model
package import SQLite
package import Store

/// What was used and spent, in all and by day.
package struct UsageReport: Equatable, Sendable {
    package var totals = UsageSums()
    /// By rising day, without those on which nothing started.
    package var days: [(day: UTCDay, sums: UsageSums)] = []

    package init() {}

    package static func == (left: UsageReport, right: UsageReport) -> Bool {
        left.totals == right.totals && left.days.elementsEqual(right.days, by: ==)
    }
}

/// What sessions used and cost, and the sums of it.
package protocol UsageRepository: Sendable {
    /// What holds for a session now; `nil` where there is no such session.
    func usage(of sessionID: String) async throws(LedgerFailure) -> SessionUsageRow?
    /// Everything that ever held, the oldest first.
    func revisions(of sessionID: String) async throws(LedgerFailure) -> [SessionUsageRow]
    /// Exact at every moment, also while sums are behind.
    func report(_ filter: UsageFilter) async throws(LedgerFailure) -> UsageReport
    /// The same by model, the dearest first.
    func byModel(_ filter: UsageFilter) async throws(LedgerFailure) -> [(name: String, sums: UsageSums)]
    /// The same by agent, the dearest first.
    func byAgent(_ filter: UsageFilter) async throws(LedgerFailure) -> [(name: String, sums: UsageSums)]
}

/// ``UsageRepository`` on the database.
package struct SQLiteUsage: UsageRepository {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    package func usage(of sessionID: String) async throws(LedgerFailure) -> SessionUsageRow? {
        try await database.asked { db throws(SQLiteError) in
            guard let key = try db.run(Query<Int64>.sessionKey(of: sessionID)).first else { return nil }
            return try db.run(Query<SessionUsageRow>.currentUsage(of: key)).first
        }
    }

    package func revisions(of sessionID: String) async throws(LedgerFailure) -> [SessionUsageRow] {
        try await database.asked { db throws(SQLiteError) in
            guard let key = try db.run(Query<Int64>.sessionKey(of: sessionID)).first else { return [] }
            return try db.run(Query<SessionUsageRow>.usageRevisions(of: key))
        }
    }

    package func report(_ filter: UsageFilter) async throws(LedgerFailure) -> UsageReport {
        try await database.asked { db throws(SQLiteError) in try db.usageReport(filter) }
    }

    package func byModel(_ filter: UsageFilter) async throws(LedgerFailure) -> [(name: String, sums: UsageSums)] {
        try await database.asked { db throws(SQLiteError) in try db.usageByModel(filter) }
    }

    package func byAgent(_ filter: UsageFilter) async throws(LedgerFailure) -> [(name: String, sums: UsageSums)] {
        try await database.asked { db throws(SQLiteError) in try db.usageByAgent(filter) }
    }
}

extension Connection {
    /// Sums of whole days, what waits to be summed, and the sessions of the parts of days: of one view of the database.
    package func usageReport(_ filter: UsageFilter) throws(SQLiteError) -> UsageReport {
        var days: [UTCDay: UsageSums] = [:]
        let span = filter.days
        if let whole = span.whole {
            let sums = try run(
                Query<(day: UTCDay, sums: UsageSums)>.dailyUsage(
                    scope: filter.scope, agent: filter.agent ?? "", model: filter.model ?? "",
                    task: filter.task ?? "", from: whole.lowerBound, through: whole.upperBound))
            for (day, sum) in sums { days[day] = sum }
        }
        try eachChange(filter) { bucket, sums, isAdded in
            if isAdded { days[bucket.day, default: UsageSums()] += sums }
            if !isAdded { days[bucket.day, default: UsageSums()] -= sums }
        }
        var report = UsageReport()
        report.days = days.filter { !$0.value.isZero }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        for (_, sums) in report.days { report.totals += sums }
        return report
    }

    /// The dearest first.
    package func usageByModel(_ filter: UsageFilter) throws(SQLiteError) -> [(name: String, sums: UsageSums)] {
        try usageByName(filter, only: filter.model, name: \.modelID) { days in
            .usageByModel(
                scope: filter.scope.union(.model), agent: filter.agent ?? "", task: filter.task ?? "",
                from: days.lowerBound, through: days.upperBound)
        }
    }

    /// The dearest first.
    package func usageByAgent(_ filter: UsageFilter) throws(SQLiteError) -> [(name: String, sums: UsageSums)] {
        try usageByName(filter, only: filter.agent, name: \.agentID) { days in
            .usageByAgent(
                scope: filter.scope.union(.agent), model: filter.model ?? "", task: filter.task ?? "",
                from: days.lowerBound, through: days.upperBound)
        }
    }

    fileprivate func usageByName(
        _ filter: UsageFilter, only: String?, name: (UsageBucket) -> String,
        query: (ClosedRange<UTCDay>) -> Query<(name: String, sums: UsageSums)>
    ) throws(SQLiteError) -> [(name: String, sums: UsageSums)] {
        var names: [String: UsageSums] = [:]
        if let whole = filter.days.whole {
            try each(query(whole)) { row in
                guard only == nil || only == row.name else { return }
                names[row.name, default: UsageSums()] += row.sums
            }
        }
        try eachChange(filter) { bucket, sums, isAdded in
            if isAdded { names[name(bucket), default: UsageSums()] += sums }
            if !isAdded { names[name(bucket), default: UsageSums()] -= sums }
        }
        return names.filter { !$0.value.isZero }
            .sorted { ($1.value[.cost], $0.key) < ($0.value[.cost], $1.key) }
            .map { ($0.key, $0.value) }
    }

    /// Everything of a span that the sums of whole days do not have, as additions and removals.
    private func eachChange(
        _ filter: UsageFilter, _ body: (UsageBucket, UsageSums, Bool) -> Void
    ) throws(SQLiteError) {
        let span = filter.days
        if let whole = span.whole {
            try each(Query<PendingUsage>.pendingUsage(limit: .max)) { pending in
                for (counted, isAdded) in [(pending.summed, false), (pending.current, true)] {
                    guard let counted, whole.contains(counted.bucket.day), filter.matches(counted.bucket) else {
                        continue
                    }
                    body(counted.bucket, UsageSums(of: counted.facts), isAdded)
                }
            }
        }
        for part in span.parts {
            let query = Query<PendingUsage.Counted>.usageFacts(
                from: part.lowerBound, through: part.upperBound, agent: filter.agent, model: filter.model,
                task: filter.task)
            try each(query) { body($0.bucket, UsageSums(of: $0.facts), true) }
        }
    }
}
