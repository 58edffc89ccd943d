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

    func run(_ work: NormalizeRefresh, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let (refresh, pages) = try await load(work.refresh)
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
        let save = SaveSnapshot(
            refresh: refresh, listings: reading.listings, listed: reading.listed, sourceCount: reading.sourceCount,
            rejected: reading.rejected,
            errors: reading.errors, now: now())
        context.log.log(
            .info, "pages read",
            [
                "refresh": refresh.id, "models": "\(reading.listings.count)", "rows": "\(reading.sourceCount)",
                "rejected": "\(reading.rejected.count)",
            ])
        guard !reading.listings.isEmpty else { return nothingUsable(refresh, reading) }
        return StageResult(writes: [save], next: [ScoreSnapshot(snapshot: refresh.id).job()])
    }

    private func load(_ id: String) async throws(JobFailure) -> (Refresh, [Page]) {
        do {
            let found = try await database.read { db throws(SQLiteError) in
                (try db.run(.refresh(id: id)).first, try db.run(.pages(of: id)))
            }
            guard let refresh = found.0 else { throw JobFailure.permanent("missing", "there is no refresh \(id)") }
            return (refresh, found.1)
        } catch let failure as JobFailure {
            throw failure
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
