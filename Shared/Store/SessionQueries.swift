package import Model
package import SQLite

/// A session as it is stored.
package struct SessionRow: Equatable, Sendable {
    package var sessionID: String
    package var runID: String?
    package var agentID: String
    /// `nil`: the agent is called by its id.
    package var agentLabel: String?
    package var modelID: String
    package var provider: String?
    package var taskTitle: String?
    package var taskText: String?
    package var taskCategory: String?
    package var status: SessionStatus
    package var startedAt: Timestamp
    package var endedAt: Timestamp?
    package var runtime: Int64?
    package var runtimeSource: RuntimeSource
    package var artifactCount: Int64
    package var errorCode: String?
    package var errorMessage: String?
    package var source: SessionSource
    package var contract: String
    package var sourceVersion: String?
    package var fingerprint: [UInt8]
    package var revision: Int64
    package var firstIngestedAt: Timestamp
    package var ingestedAt: Timestamp

    package init(
        sessionID: String, agentID: String, modelID: String, status: SessionStatus, startedAt: Timestamp,
        source: SessionSource, contract: String, fingerprint: [UInt8], ingestedAt: Timestamp
    ) {
        self.sessionID = sessionID
        self.agentID = agentID
        self.modelID = modelID
        self.status = status
        self.startedAt = startedAt
        runtimeSource = .missing
        artifactCount = 0
        self.source = source
        self.contract = contract
        self.fingerprint = fingerprint
        revision = 1
        firstIngestedAt = ingestedAt
        self.ingestedAt = ingestedAt
    }

    init(_ row: borrowing Row) {
        sessionID = row.text(0)
        runID = row.textOrNull(1)
        agentID = row.text(2)
        agentLabel = row.textOrNull(3)
        modelID = row.text(4)
        provider = row.textOrNull(5)
        taskTitle = row.textOrNull(6)
        taskText = row.textOrNull(7)
        taskCategory = row.textOrNull(8)
        status = SessionStatus(rawValue: row.text(9)) ?? .failed
        startedAt = Timestamp(milliseconds: row.integer(10))
        endedAt = row.integerOrNull(11).map { Timestamp(milliseconds: $0) }
        runtime = row.integerOrNull(12)
        runtimeSource = RuntimeSource(rawValue: row.text(13)) ?? .missing
        artifactCount = row.integer(14)
        errorCode = row.textOrNull(15)
        errorMessage = row.textOrNull(16)
        source = SessionSource(rawValue: row.text(17)) ?? .ingest
        contract = row.text(18)
        sourceVersion = row.textOrNull(19)
        fingerprint = row.blob(20)
        revision = row.integer(21)
        firstIngestedAt = Timestamp(milliseconds: row.integer(22))
        ingestedAt = Timestamp(milliseconds: row.integer(23))
    }

    fileprivate var bindings: [Value] {
        [
            .text(sessionID), .text(runID), .text(agentID), .text(agentLabel), .text(modelID), .text(provider),
            .text(taskTitle), .text(taskText), .text(taskCategory), .text(status.rawValue),
            .integer(startedAt.milliseconds), .integer(endedAt?.milliseconds), .integer(runtime),
            .text(runtimeSource.rawValue), .integer(artifactCount), .text(errorCode), .text(errorMessage),
            .text(source.rawValue), .text(contract), .text(sourceVersion), .blob(fingerprint), .integer(revision),
            .integer(firstIngestedAt.milliseconds), .integer(ingestedAt.milliseconds),
        ]
    }
}

extension Query {
    package static func session(_ sessionID: String) -> Query<SessionRow> {
        Query<SessionRow>(
            """
            SELECT session_id, run_id, agent_id, agent_label, model_id, provider, task_title, task_text,
                   task_category, status, started_at_ms, ended_at_ms, runtime_ms, runtime_source, artifact_count,
                   error_code, error_message, source, contract, source_version, fingerprint, revision,
                   first_ingested_at_ms, ingested_at_ms
              FROM session_ledger WHERE session_id = ?1
            """, [.text(sessionID)]
        ) { SessionRow($0) }
    }

    /// Stores a session that is new. One that is not is refused: see ``changeSession(_:)``.
    package static func addSession(_ session: SessionRow) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO session_ledger (session_id, run_id, agent_id, agent_label, model_id, provider, task_title,
                                        task_text, task_category, status, started_at_ms, ended_at_ms, runtime_ms,
                                        runtime_source, artifact_count, error_code, error_message, source, contract,
                                        source_version, fingerprint, revision, first_ingested_at_ms, ingested_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24)
            """, session.bindings)
    }

    /// Stores what is known of a session now.
    package static func changeSession(_ session: SessionRow) -> Query<Void> {
        Query<Void>(
            """
            UPDATE session_ledger
               SET run_id = ?2, agent_id = ?3, agent_label = ?4, model_id = ?5, provider = ?6, task_title = ?7,
                   task_text = ?8, task_category = ?9, status = ?10, started_at_ms = ?11, ended_at_ms = ?12,
                   runtime_ms = ?13, runtime_source = ?14, artifact_count = ?15, error_code = ?16,
                   error_message = ?17, source = ?18, contract = ?19, source_version = ?20, fingerprint = ?21,
                   revision = ?22, first_ingested_at_ms = ?23, ingested_at_ms = ?24
             WHERE session_id = ?1
            """, session.bindings)
    }
}
