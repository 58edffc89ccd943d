package import Model
package import SQLite

/// What became of an import, as it is listed.
package struct ImportReportRow: Equatable, Sendable {
    package var id: Int64 = 0
    package var file: String
    package var sha256: String
    package var isDryRun: Bool
    package var startedAt: Timestamp
    package var finishedAt: Timestamp
    package var importedBy: String
    package var read: Int
    package var written: Int
    package var skipped: Int
    package var failed: Int
    /// JSON, as it was printed.
    package var report: String

    package init(
        file: String, sha256: String, isDryRun: Bool, startedAt: Timestamp, finishedAt: Timestamp, importedBy: String,
        read: Int, written: Int, skipped: Int, failed: Int, report: String
    ) {
        self.file = file
        self.sha256 = sha256
        self.isDryRun = isDryRun
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.importedBy = importedBy
        self.read = read
        self.written = written
        self.skipped = skipped
        self.failed = failed
        self.report = report
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            file: row.text(1), sha256: row.text(2), isDryRun: row.flag(3),
            startedAt: Timestamp(milliseconds: row.integer(4)), finishedAt: Timestamp(milliseconds: row.integer(5)),
            importedBy: row.text(6), read: row.count(7), written: row.count(8), skipped: row.count(9),
            failed: row.count(10), report: row.text(11))
        id = row.integer(0)
    }
}

/// How an alert rule stood in an older system.
package struct AlertStateRow: Equatable, Sendable {
    package let ruleID: String
    package let scope: String
    package let status: String
    package let value: Double?
    package let triggeredAt: Timestamp?
    package let notifiedAt: Timestamp?
    package let isDeduped: Bool
    package let evaluatedAt: Timestamp

    package init(
        ruleID: String, scope: String, status: String, value: Double?, triggeredAt: Timestamp?,
        notifiedAt: Timestamp?, isDeduped: Bool, evaluatedAt: Timestamp
    ) {
        self.ruleID = ruleID
        self.scope = scope
        self.status = status
        self.value = value
        self.triggeredAt = triggeredAt
        self.notifiedAt = notifiedAt
        self.isDeduped = isDeduped
        self.evaluatedAt = evaluatedAt
    }
}

extension Query {
    /// Answers the number of the report.
    package static func addImportReport(_ report: ImportReportRow) -> Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO import_report (file, sha256, dry_run, started_at_ms, finished_at_ms, imported_by, rows_read,
                                       rows_written, rows_skipped, rows_failed, report)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING id
            """,
            [
                .text(report.file), .text(report.sha256), .flag(report.isDryRun),
                .integer(report.startedAt.milliseconds), .integer(report.finishedAt.milliseconds),
                .text(report.importedBy), .integer(report.read), .integer(report.written), .integer(report.skipped),
                .integer(report.failed), .text(report.report),
            ]
        ) { $0.integer(0) }
    }

    /// The newest first.
    package static func importReports(limit: Int) -> Query<ImportReportRow> {
        Query<ImportReportRow>(
            """
            SELECT id, file, sha256, dry_run, started_at_ms, finished_at_ms, imported_by, rows_read, rows_written,
                   rows_skipped, rows_failed, report
              FROM import_report ORDER BY id DESC LIMIT ?1
            """, [.integer(limit)]
        ) { ImportReportRow($0) }
    }

    package static func importReport(_ id: Int64) -> Query<ImportReportRow> {
        Query<ImportReportRow>(
            """
            SELECT id, file, sha256, dry_run, started_at_ms, finished_at_ms, imported_by, rows_read, rows_written,
                   rows_skipped, rows_failed, report
              FROM import_report WHERE id = ?1
            """, [.integer(id)]
        ) { ImportReportRow($0) }
    }

    /// Adds an event to a session that is there; one that is there too stays as it is.
    package static func addSessionEvent(_ event: SessionEventRow, of sessionID: String) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO session_events (session_id, event_id, seq, event_type, event_at_ms, payload)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (session_id, event_id) DO NOTHING
            """,
            [
                .text(sessionID), .text(event.eventID), .integer(event.sequence), .text(event.type.rawValue),
                .integer(event.at.milliseconds), .text(event.payload),
            ])
    }

    /// Stores how a rule stood, unless it has been evaluated since.
    package static func importAlertState(_ state: AlertStateRow) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO alert_state (rule_id, scope, status, value, fingerprint, triggered_at_ms, notified_at_ms,
                                     deduped, evaluated_at_ms, told)
            VALUES (?1, ?2, ?3, ?4, ?1 || '|' || ?2 || '|' || ?3, ?5, ?6, ?7, ?8,
                    CASE WHEN ?6 IS NOT NULL AND ?3 IN ('warning', 'critical') THEN ?3 END)
            ON CONFLICT (rule_id, scope) DO UPDATE
               SET status = excluded.status, value = excluded.value, fingerprint = excluded.fingerprint,
                   triggered_at_ms = excluded.triggered_at_ms, notified_at_ms = excluded.notified_at_ms,
                   deduped = excluded.deduped, evaluated_at_ms = excluded.evaluated_at_ms, told = excluded.told,
                   suppression = NULL
             WHERE alert_state.evaluated_at_ms < excluded.evaluated_at_ms
            """,
            [
                .text(state.ruleID), .text(state.scope), .text(state.status), .real(state.value),
                .integer(state.triggeredAt?.milliseconds), .integer(state.notifiedAt?.milliseconds),
                .flag(state.isDeduped), .integer(state.evaluatedAt.milliseconds),
            ])
    }
}
