import Contracts
import Model
import Pricing
import SQLite
import Store

extension Connection {
    /// Stores what a session that is told again used and cost, as it stands now. It changes its row; a new revision is
    /// for prices that are computed anew.
    func changeUsage(
        _ stated: StatedUsage?, of session: SessionRow, with desk: inout RecordingDesk
    ) throws(SQLiteError) {
        guard let key = try run(Query<Int64>.sessionKey(of: session.sessionID)).first else { return }
        let before = try run(Query<SessionUsageRow>.currentUsage(of: key)).first
        let known = before.map { StatedUsage(json: $0.stated) } ?? StatedUsage()
        var row = try usage(stated.map { known.updated(by: $0) } ?? known, of: session, with: &desk)
        row.sessionKey = key
        row.revision = before?.revision ?? 1
        try desk.askForSums(in: self)
        try run(before == nil ? Query<Void>.addUsage(row) : .changeUsage(row))
        if row.facts.cost != before?.facts.cost { try run(Query<Void>.showCost(row.facts.cost, of: key)) }
    }

    /// Adds what an older system says of a session that is there, unless something is known of its usage.
    /// - Returns: whether it was added.
    func addUsage(
        _ stated: StatedUsage, of session: SessionRow, provider: String?, prices: PriceDesk, now: Timestamp
    ) throws(SQLiteError) -> Bool {
        guard let key = try run(Query<Int64>.sessionKey(of: session.sessionID)).first,
            let known = try run(Query<SessionUsageRow>.currentUsage(of: key)).first, known.stated == nil
        else { return false }
        var session = session
        session.provider = session.provider ?? provider
        var desk = RecordingDesk(prices: prices, now: now)
        try changeUsage(stated, of: session, with: &desk)
        return true
    }

    /// Sorted and priced; whose it is, is not said yet. Every session has one, also one that says nothing of tokens: it
    /// counts as a run, and its cost is unknown.
    func usage(
        _ stated: StatedUsage, of session: SessionRow, with desk: inout RecordingDesk
    ) throws(SQLiteError) -> SessionUsageRow {
        let bucket = UsageBucket(
            day: UTCDay(session.startedAt), agentID: session.agentID, modelID: session.modelID,
            taskCategory: session.taskCategory ?? "")
        var facts = UsageFacts(
            bucketID: try desk.bucketID(bucket, in: self), startedAt: session.startedAt, status: session.status)
        facts.runtime = session.runtime
        facts.runtimeSource = session.runtimeSource
        var row = SessionUsageRow(sessionKey: 0, computedAt: desk.now, facts: facts)
        row.provider = session.provider
        row.stated = stated.json
        row.runtimeConfidence = session.runtimeSource == .missing ? .unknown : .high
        row.price(stated, model: session.modelID, shelf: try desk.shelf(on: self), now: desk.now)
        return row
    }

    /// The number of what a session is summed by.
    func usageBucket(_ bucket: UsageBucket) throws(SQLiteError) -> Int64 {
        if let id = try run(Query<Int64>.usageBucketID(bucket)).first { return id }
        try run(Query<Void>.addUsageBucket(bucket))
        return lastRowID
    }
}

extension SessionUsageRow {
    /// Sorts the tokens and computes the cost.
    /// - Parameter anew: whether today's prices win over what an older system estimated.
    mutating func price(
        _ stated: StatedUsage, model: String, shelf: PriceShelf, anew: Bool = false, now: Timestamp
    ) {
        let priced = PricedUsage(
            report: stated.report ?? TokenReport(), billed: stated.billed, provider: provider, model: model,
            at: facts.startedAt, shelf: shelf, now: now)
        computedAt = now
        facts.tokens = priced.account.buckets
        facts.totalTokens = priced.account.total
        facts.tokenSource = priced.account.source
        tokenConfidence = priced.account.confidence
        let anomalies = priced.account.anomalies.map(\.rawValue)
        facts.anomaly = anomalies.isEmpty ? nil : anomalies.joined(separator: " ")
        facts.billed = stated.billed
        facts.computed = priced.computed?.nanoUSD
        computedVersion = priced.computed?.version
        unpricedReason = priced.reason?.description
        facts.cost = priced.cost
        facts.costSource = priced.costSource
        costConfidence = priced.costConfidence
        costLevel = priced.costLevel
        pricingVersion = priced.pricingVersion
        if let told = stated.imported { keep(told, billed: stated.billed, anew: anew) }
    }

    /// What an older system said stands until it is computed anew, and where nothing can be computed.
    private mutating func keep(_ told: ImportedUsage, billed: Int64?, anew: Bool) {
        facts.tokenSource = told.tokenSource ?? facts.tokenSource
        tokenConfidence = told.tokenConfidence ?? tokenConfidence
        if billed != nil { costLevel = told.costLevel ?? costLevel }
        guard billed == nil, !anew || facts.computed == nil else { return }
        facts.computed = nil
        computedVersion = nil
        facts.cost = told.estimate
        if told.estimate != nil {
            facts.costSource = .estimatedFromPricing
            costConfidence = .estimated
            costLevel = told.costLevel ?? .low
            pricingVersion = told.pricingVersion ?? PriceBook.legacyUnknown
            unpricedReason = "imported"
        } else {
            facts.costSource = .unknown
            costConfidence = .unknown
            costLevel = .unknown
            pricingVersion = nil
            unpricedReason = "imported_without_cost"
        }
    }
}
