import Daemon
import Deployment
import HTTPServer
import Model
import SQLite
import Store

/// `GET /api/v4/health`: how the service is, for people and dashboards. Always 200; `/readyz` is the machine's answer.
struct HealthEndpoints: Sendable {
    let lists: Lists

    private var site: Site { lists.site }

    func health(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            try lists.check(QueryReader(request.query, scalars: []).faults, request)
            let report = await report()
            return lists.digested(report.encode(), request, cacheControl: "no-store")
        }
    }

    private func report() async -> ServiceHealth {
        var report = ServiceHealth(
            publication: site.feeds.current.newest[LeaderboardAddress.defaultFeed]?.publication,
            readAt: SystemClock.now(), startedAt: site.startedAt, version: Release.version)
        report.bodies = site.bodies.figures
        report.quota.budgetToday = site.settings.budget.callsPerDay
        let files = OperationsFigures.Storage.read(at: site.settings.location)
        let isThere = FileSize.exists(site.settings.location.path)
        report.storage = ServiceHealth.Storage(
            bytes: isThere ? files.database : nil, logBytes: files.log, lastBackup: files.lastBackup)
        report.databaseFault = await site.writeFault()?.reason
        guard let open = site.open else { return report }
        let day = Duration.days(1).milliseconds
        do throws(SQLiteError) {
            let found = try await open.reader.read { db throws(SQLiteError) in
                // Calls are counted in the time of the lease clock, which is the boot's with an offset.
                let offset = try db.run(.readLeaseClock(boot: SystemClock.bootID())).first
                let calls = try offset.map { offset throws(SQLiteError) in
                    try db.run(.callsSince(SystemClock.sinceBoot() + offset - day)).first ?? 0
                }
                return (
                    try db.backlog(), try db.run(.upstreamQuota()).first, try db.run(.components()), calls ?? 0
                )
            }
            report.backlog = found.0
            report.quota.upstream = found.1
            report.components = found.2
            report.quota.usedToday = found.3
        } catch {
            report.databaseFault = error.message
        }
        return report
    }
}

extension CallBudget {
    /// The most calls that fit into a day; `nil` where no rule is about a day or longer.
    var callsPerDay: Int? {
        rules.filter { $0.window >= .days(1) }.map { Int(Double($0.calls) * (Duration.days(1) / $0.window)) }.min()
    }
}
