package import Model
package import SQLite

/// One step of the schema's history: a number and a script. Steps are added, never edited, and never undone.
package struct Migration: Sendable {
    package let version: Int
    package let name: String
    package let script: String

    package init(_ version: Int, _ name: String, _ script: String) {
        self.version = version
        self.name = name
        self.script = script
    }

    private init(_ version: Int, _ name: String, _ bytes: [UInt8]) {
        self.init(version, name, String(decoding: bytes, as: UTF8.self))
    }

    /// The whole history, oldest first. The scripts are `Migrations/*.sql`, embedded at build time.
    package static let all = [
        Migration(1, "create_job", PackageResources.m0001_create_job_sql),
        Migration(2, "create_hub", PackageResources.m0002_create_hub_sql),
        Migration(3, "create_publication", PackageResources.m0003_create_publication_sql),
        Migration(4, "create_webhook", PackageResources.m0004_create_webhook_sql),
        Migration(5, "create_token", PackageResources.m0005_create_token_sql),
        Migration(6, "create_queue_figures", PackageResources.m0006_create_queue_figures_sql),
        Migration(7, "create_operator_session", PackageResources.m0007_create_operator_session_sql),
        Migration(8, "create_operations_figures", PackageResources.m0008_create_operations_figures_sql),
        Migration(9, "create_watch", PackageResources.m0009_create_watch_sql),
        Migration(10, "create_anomaly", PackageResources.m0010_create_anomaly_sql),
        Migration(11, "create_request", PackageResources.m0011_create_request_sql),
        Migration(12, "webhook_promises", PackageResources.m0012_webhook_promises_sql),
        Migration(13, "lighten_job", PackageResources.m0013_lighten_job_sql),
        Migration(14, "claim_requests", PackageResources.m0014_claim_requests_sql),
        Migration(15, "create_ledger", PackageResources.m0015_create_ledger_sql),
        Migration(16, "create_usage", PackageResources.m0016_create_usage_sql),
        Migration(17, "evaluate_alerts", PackageResources.m0017_evaluate_alerts_sql),
        Migration(18, "pack_history", PackageResources.m0018_pack_history_sql),
        Migration(19, "widen_session_indices", PackageResources.m0019_widen_session_indices_sql),
        Migration(20, "keep_replaced_cards", PackageResources.m0020_keep_replaced_cards_sql),
        Migration(21, "lighten_ledger", PackageResources.m0021_lighten_ledger_sql),
        Migration(22, "index_facts", PackageResources.m0022_index_facts_sql),
        Migration(23, "index_searches", PackageResources.m0023_index_searches_sql),
        Migration(24, "trace_deliveries", PackageResources.m0024_trace_deliveries_sql),
        Migration(25, "brief_sessions", PackageResources.m0025_brief_sessions_sql),
    ]

    /// The schema that this binary works with.
    package static var newest: Int { all.last?.version ?? 0 }
}

/// Why the schema of a database cannot be used by this binary. None of these is cured by trying again.
package enum SchemaError: Error, Equatable, CustomStringConvertible {
    case newer(found: Int, known: Int)
    case older(found: Int, needed: Int)
    case migrationFailed(version: Int, name: String, reason: String)

    package var description: String {
        switch self {
        case .newer(let found, let known):
            "the database has schema \(found), this binary knows up to \(known): install the newer release"
        case .older(let found, let needed):
            "the database has schema \(found), this binary needs \(needed): run `helicarrier migrate`"
        case .migrationFailed(let version, let name, let reason):
            "migration \(version) (\(name)) failed and nothing was changed: \(reason)"
        }
    }
}

/// A step that has been taken.
package struct AppliedMigration: Equatable, Sendable {
    package let version: Int
    package let name: String
    package let appliedAt: Timestamp
}

extension Query {
    /// One row, 1 if the version table exists.
    package static func hasVersionTable() -> Query<Int> {
        Query<Int>("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'") {
            $0.count(0)
        }
    }

    package static func appliedMigrations() -> Query<AppliedMigration> {
        Query<AppliedMigration>("SELECT version, name, applied_at_ms FROM schema_migration ORDER BY version") {
            AppliedMigration(
                version: $0.count(0), name: $0.text(1), appliedAt: Timestamp(milliseconds: $0.integer(2)))
        }
    }

    static func recordMigration(_ migration: Migration, at now: Timestamp) -> Query<Void> {
        Query<Void>(
            "INSERT INTO schema_migration (version, name, applied_at_ms) VALUES (?1, ?2, ?3)",
            [.integer(migration.version), .text(migration.name), .integer(now.milliseconds)])
    }
}

extension Connection {
    /// The number of the newest step taken; 0 for an empty database.
    package func schemaVersion() throws(SQLiteError) -> Int {
        guard try run(Query<Int>.hasVersionTable()).first == 1 else { return 0 }
        return try run(Query<AppliedMigration>.appliedMigrations()).last?.version ?? 0
    }

    /// Brings the schema up to date, all steps in one transaction: a step that fails leaves what was there before.
    ///
    /// Safe to call from several processes at once: the version is read inside the write lock.
    @discardableResult
    package func migrate(with migrations: [Migration] = Migration.all, now: Timestamp) throws -> Int {
        try runScript("BEGIN IMMEDIATE")
        do {
            let current = try schemaVersion()
            let known = migrations.last?.version ?? 0
            guard current <= known else { throw SchemaError.newer(found: current, known: known) }
            try runScript(
                """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT
                """)
            for migration in migrations where migration.version > current {
                try take(migration, now: now)
            }
            try runScript("COMMIT")
            return current
        } catch {
            // The first error says why; a failed statement may have rolled back already.
            try? runScript("ROLLBACK")
            throw error
        }
    }

    private func take(_ migration: Migration, now: Timestamp) throws {
        do {
            try runScript(migration.script)
            try run(Query<Void>.recordMigration(migration, at: now))
        } catch {
            if error.isDiskFull || error.isBusy { throw error }
            throw SchemaError.migrationFailed(
                version: migration.version, name: migration.name, reason: error.message)
        }
    }

    /// Refuses a schema that is not this binary's.
    package func checkSchema(needed: Int = Migration.newest) throws {
        let found = try schemaVersion()
        if found > needed { throw SchemaError.newer(found: found, known: needed) }
        if found < needed { throw SchemaError.older(found: found, needed: needed) }
    }
}
