import Compression
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// Turns the raw pages of one observation into one snapshot of canonical listings.
struct NormalizeStage: Stage {
    /// No page of the upstream is near this size; what is larger is a bomb.
    private static let largestPage = 256 << 20

    let database: Database
    let facts: ModelFacts
    let now: @Sendable () -> Timestamp
    /// An observation with more bytes is stored part by part, so many pages at a time.
    var bytesAtOnce = 256 << 20
    var pagesAtOnce = 10

    func run(_ work: NormalizeRefresh, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let (refresh, pages, hasMore) = try await load(work)
        let reading = try read(pages)
        context.log.log(
            .info, "pages read",
            [
                "refresh": refresh.id, "models": "\(reading.listings.count)", "rows": "\(reading.sourceCount)",
                "rejected": "\(reading.rejected.count)",
            ])
        if hasMore || work.after != nil { return try await part(refresh, pages, reading, hasMore: hasMore) }
        guard !reading.listings.isEmpty else { return nothingUsable(refresh, reading) }
        let save = SaveSnapshot(
            refresh: refresh, listings: reading.listings, listed: reading.listed, sourceCount: reading.sourceCount,
            rejected: reading.rejected, errors: reading.errors, now: now())
        var writes: [any Write] = [save]
        // A walk over the whole Hub has seen everybody who is there.
        if refresh.feed == "hub", refresh.origin == .upstream { writes.append(CarryListings(refresh: refresh)) }
        return StageResult(writes: writes, next: [ScoreSnapshot(snapshot: refresh.id).job()])
    }

    private func read(_ pages: [Page]) throws(JobFailure) -> PageReading {
        var reading = PageReading(facts)
        // A listing page that was given up is evidence of what the upstream answered, and has no rows.
        for page in pages where page.model != nil || page.status == 200 || page.status == 304 {
            do {
                let body = try Gzip.decompress(page.bodyGzip, limit: Self.largestPage)
                if let model = page.model {
                    reading.readModel(model, page: page.number, status: page.status, body: body)
                } else {
                    reading.readListing(page: page.number, body: body)
                }
            } catch {
                reading.rejectPage(page.number, "the stored page cannot be unpacked: \(error)", [])
            }
            if Task.isCancelled { throw .interrupted }
        }
        return reading
    }

    /// Some pages of an observation that has more of them: they are stored, and the next job reads on.
    private func part(
        _ refresh: Refresh, _ pages: [Page], _ reading: PageReading, hasMore: Bool
    ) async throws(JobFailure) -> StageResult {
        let save = SaveSnapshotPart(
            refresh: refresh, listings: reading.listings, listed: reading.listed, rejected: reading.rejected,
            errors: reading.errors, isLast: !hasMore, now: now())
        // The raw pages of the walk before make room for these.
        let drop = Query<Void>.dropEarlierPages(than: refresh.id, limit: 2 * pagesAtOnce)
        var result = StageResult(writes: [save, drop])
        if hasMore, let last = pages.last {
            result.next = [NormalizeRefresh(refresh: refresh.id, after: last.number).job(priority: Self.laterParts)]
            return result
        }
        let stored = try await stored { db throws(SQLiteError) in
            try db.run(.snapshot(id: refresh.id)).first?.readyCount ?? 0
        }
        guard stored + reading.listings.count > 0 else {
            let reason = "no usable row in any page"
            result.end = .dead(errorClass: "contract", reason: reason)
            result.writes.append(
                Query<Void>.setRefreshState(refresh.id, state: "failed", error: reason, endedAt: now()))
            return result
        }
        result.next = [ScoreSnapshot(snapshot: refresh.id).job(priority: Self.laterParts)]
        return result
    }

    /// Small observations pass a large one between its parts.
    private static let laterParts = 5

    private func load(_ work: NormalizeRefresh) async throws(JobFailure) -> (Refresh, [Page], hasMore: Bool) {
        let (id, bytes, most) = (work.refresh, bytesAtOnce, pagesAtOnce)
        let (refresh, pages, limit) = try await stored { db throws(SQLiteError) in
            let size = try db.run(.pageBytes(of: id)).first ?? 0
            let isSmall = work.after == nil && size <= bytes
            let limit = isSmall ? Int(Int32.max) : most
            return (
                try db.run(.refresh(id: id)).first,
                try db.run(.pages(of: id, after: work.after ?? -1, limit: limit + 1)), limit
            )
        }
        guard let refresh else { throw .permanent("missing", "there is no refresh \(id)") }
        return (refresh, Array(pages.prefix(limit)), pages.count > limit)
    }

    private func stored<Found: Sendable>(
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async throws(JobFailure) -> Found {
        do throws(SQLiteError) {
            return try await database.read(body)
        } catch {
            throw .transient("database", "\(error)")
        }
    }

    /// An observation without one usable row makes no snapshot: an empty one would look as if every model had gone.
    private func nothingUsable(_ refresh: Refresh, _ reading: PageReading) -> StageResult {
        let reason = reading.rejected.first.map { "no usable row; the first fault: \($0.reason)" } ?? "no row at all"
        return StageResult(
            end: .dead(errorClass: "contract", reason: reason),
            writes: [
                SaveRejections(refresh: refresh.id, rows: reading.rejected),
                Query<Void>.setRefreshState(refresh.id, state: "failed", error: reason, endedAt: now()),
            ])
    }
}
