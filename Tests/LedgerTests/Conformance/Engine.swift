import Ledger
import SQLite
import TestKit

/// The engines that keep the ledger. One that is new is a case here, and passes every test of this folder.
enum Engine: CaseIterable, Sendable {
    case sqlite

    /// Repositories over an empty database of their own.
    func open() throws -> Opened {
        switch self {
        case .sqlite:
            let place = try TemporaryDatabase()
            let (writer, reader) = (try place.database(), try place.database())
            return Opened(
                ledger: SQLiteLedger(writer: writer, reader: reader),
                alerts: SQLiteAlerts(writer: writer, reader: reader), usage: SQLiteUsage(reader),
                performance: SQLitePerformance(reader), place: place)
        }
    }

    struct Opened {
        let ledger: any LedgerRepository
        let alerts: any AlertRepository
        let usage: any UsageRepository
        let performance: any PerformanceRepository
        /// Keeps the database while it is used.
        let place: TemporaryDatabase
    }
}
