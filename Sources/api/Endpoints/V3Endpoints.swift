import Daemon
import Deployment
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store

/// The three routes of v3, whose clients must not notice that anything changed.
struct V3Endpoints: Sendable {
    private static let longestRefresh = Duration.seconds(60)

    let site: Site

    /// The last snapshot, byte for byte as it was computed.
    func snapshot(_ request: Request, _ parameters: Parameters) -> Response {
        guard let document = site.feeds.current.v3 else { return Self.failure(missingReason) }
        return Self.json(200, document.body)
    }

    /// Asks for a refresh and waits for its snapshot; concurrent callers share one. Where none comes in time, or the
    /// deployment has no upstream, the last snapshot is answered.
    func refresh(_ request: Request, _ parameters: Parameters) async -> Response {
        guard let open = site.open else { return Self.failure(missingReason) }
        let changes = site.feeds.changes()
        let before = site.feeds.current.v3?.snapshot
        if site.settings.hasUpstream {
            let asked = SystemClock.now()
            do throws(SQLiteError) {
                _ = try await open.writer.write { db throws(SQLiteError) in
                    try db.enqueue(
                        PlanRefresh(feed: "hub").job(priority: 5, traceParent: request.childTrace), now: asked)
                }
            } catch {
                return Self.failure(error.message)
            }
            site.ring(StageName.fetch.rawValue)
            await Self.wait(for: changes, longest: Self.longestRefresh) {
                if site.feeds.current.v3?.snapshot != before { return true }
                return await hasFailed(since: asked, open)
            }
        }
        guard let document = site.feeds.current.v3 else { return Self.failure(missingReason) }
        return Self.json(200, document.body)
    }

    func health(_ request: Request, _ parameters: Parameters) async -> Response {
        var report = HealthReport(
            curated: [], refreshError: nil, cacheReads: site.open != nil, cacheWrites: false, scoreError: nil,
            snapshot: nil)
        report.cacheWrites = await site.writeFault() == nil
        if let document = site.feeds.current.v3 {
            let age = max(0, (SystemClock.now() - document.updatedAt).milliseconds / 1_000)
            report.snapshot = HealthReport.Served(updatedAt: document.updatedAt, ageSeconds: age)
            report.curated = Self.curated(in: document.body)
        }
        if let open = site.open {
            do throws(SQLiteError) {
                let components = try await open.reader.run(.components())
                for component in components where component.status == "failed" {
                    if component.name == "huggingFaceFetch" { report.refreshError = component.lastError ?? "failed" }
                    if component.name == "scoreCompute" { report.scoreError = component.lastError ?? "failed" }
                }
            } catch {
                report.cacheReads = false
            }
        }
        if report.curated.isEmpty {
            report.curated = site.settings.curated.map {
                HealthReport.CuratedFetch(displayName: $0.displayName, error: nil)
            }
        }
        return Self.json(200, report.document())
    }

    /// The curated models of a document: errors keep the order of the list there.
    private static func curated(in body: [UInt8]) -> [HealthReport.CuratedFetch] {
        guard let document = try? JSONDocument(parsing: body), let models = document.root["models"] else { return [] }
        return models.elements.map { model in
            HealthReport.CuratedFetch(displayName: model["name"]?.string ?? "", error: model["error"]?.string)
        }
    }

    private func hasFailed(since asked: Timestamp, _ open: Site.Open) async -> Bool {
        let newest = try? await open.reader.run(.newestUpstreamRefresh(feed: "hub")).first
        return newest.map { $0.state == "failed" && $0.startedAt >= asked } ?? false
    }

    /// Waits until `isDone` at a change or once a second, at the longest for `longest`.
    private static func wait(
        for changes: AsyncStream<Void>, longest: Duration, isDone: @escaping @Sendable () async -> Bool
    ) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in changes where await isDone() { return true }
                return false
            }
            group.addTask {
                for _ in 0..<max(1, longest.milliseconds / 1_000) {
                    try? await Task.sleep(for: .seconds(1))
                    if Task.isCancelled { return false }
                    if await isDone() { return true }
                }
                return false
            }
            _ = await group.next()
            group.cancelAll()
        }
    }

    private var missingReason: String {
        if case .opening(let reason) = site.current { return reason }
        return "No snapshot has been published yet"
    }

    private static func failure(_ message: String) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("error")
        json.string(message)
        json.endObject()
        return Self.json(500, json.finished())
    }

    private static func json(_ status: Int, _ body: [UInt8]) -> Response {
        Response(
            status: status,
            headers: [
                HeaderField("Content-Type", "application/json"), HeaderField("X-Robots-Tag", "noindex, nofollow"),
                HeaderField("Cache-Control", "no-store"), HeaderField("X-Content-Type-Options", "nosniff"),
            ],
            body: .bytes(body))
    }
}
