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
    /// It was last taken under its own key, its id and how it stands, and no row of `ingest_key` says so.
    package var hasOwnKey = false

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
        hasOwnKey = row.flag(24)
    }

    fileprivate var bindings: [Value] {
        [
            .text(sessionID), .text(runID), .text(agentID), .text(agentLabel), .text(modelID), .text(provider),
            .text(taskTitle), .text(taskText), .text(taskCategory), .text(status.rawValue),
            .integer(startedAt.milliseconds), .integer(endedAt?.milliseconds), .integer(runtime),
            .text(runtimeSource.rawValue), .integer(artifactCount), .text(errorCode), .text(errorMessage),
            .text(source.rawValue), .text(contract), .text(sourceVersion), .blob(fingerprint), .integer(revision),
            .integer(firstIngestedAt.milliseconds), .integer(ingestedAt.milliseconds), .flag(hasOwnKey),
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
                   first_ingested_at_ms, ingested_at_ms, own_key
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
                                        source_version, fingerprint, revision, first_ingested_at_ms, ingested_at_ms,
                                        own_key)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25)
            """, session.bindings)
    }

    /// One row: the number of the session that was added last; 0 where there is none.
    package static func lastSessionKey() -> Query<Int64> {
        Query<Int64>("SELECT coalesce(max(id), 0) FROM session_ledger") { $0.integer(0) }
    }

    /// How many sessions ``addSessions(_:)`` takes.
    package static var sessionsAtOnce: Int { 16 }

    /// Stores sessions that are new, under their numbers and with what they cost. The text index writes what it has
    /// gathered at each statement, so one for many costs little more than one for one.
    package static func addSessions(_ sessions: [(id: Int64, row: SessionRow, cost: Int64?)]) -> Query<Void> {
        precondition(sessions.count <= sessionsAtOnce)
        var values: [Value] = []
        values.reserveCapacity(27 * sessionsAtOnce)
        for (id, row, cost) in sessions { values += [.integer(id)] + row.bindings + [.integer(cost)] }
        let none = [Value](repeating: .null, count: 27 * (sessionsAtOnce - sessions.count))
        return Query<Void>(
            """
            INSERT INTO session_ledger (id, session_id, run_id, agent_id, agent_label, model_id, provider, task_title,
                                        task_text, task_category, status, started_at_ms, ended_at_ms, runtime_ms,
                                        runtime_source, artifact_count, error_code, error_message, source, contract,
                                        source_version, fingerprint, revision, first_ingested_at_ms, ingested_at_ms,
                                        own_key, cost_nanousd)
            SELECT * FROM (
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25, ?26, ?27),
                   (?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45, ?46,
                    ?47, ?48, ?49, ?50, ?51, ?52, ?53, ?54),
                   (?55, ?56, ?57, ?58, ?59, ?60, ?61, ?62, ?63, ?64, ?65, ?66, ?67, ?68, ?69, ?70, ?71, ?72, ?73,
                    ?74, ?75, ?76, ?77, ?78, ?79, ?80, ?81),
                   (?82, ?83, ?84, ?85, ?86, ?87, ?88, ?89, ?90, ?91, ?92, ?93, ?94, ?95, ?96, ?97, ?98, ?99, ?100,
                    ?101, ?102, ?103, ?104, ?105, ?106, ?107, ?108),
                   (?109, ?110, ?111, ?112, ?113, ?114, ?115, ?116, ?117, ?118, ?119, ?120, ?121, ?122, ?123, ?124,
                    ?125, ?126, ?127, ?128, ?129, ?130, ?131, ?132, ?133, ?134, ?135),
                   (?136, ?137, ?138, ?139, ?140, ?141, ?142, ?143, ?144, ?145, ?146, ?147, ?148, ?149, ?150, ?151,
                    ?152, ?153, ?154, ?155, ?156, ?157, ?158, ?159, ?160, ?161, ?162),
                   (?163, ?164, ?165, ?166, ?167, ?168, ?169, ?170, ?171, ?172, ?173, ?174, ?175, ?176, ?177, ?178,
                    ?179, ?180, ?181, ?182, ?183, ?184, ?185, ?186, ?187, ?188, ?189),
                   (?190, ?191, ?192, ?193, ?194, ?195, ?196, ?197, ?198, ?199, ?200, ?201, ?202, ?203, ?204, ?205,
                    ?206, ?207, ?208, ?209, ?210, ?211, ?212, ?213, ?214, ?215, ?216),
                   (?217, ?218, ?219, ?220, ?221, ?222, ?223, ?224, ?225, ?226, ?227, ?228, ?229, ?230, ?231, ?232,
                    ?233, ?234, ?235, ?236, ?237, ?238, ?239, ?240, ?241, ?242, ?243),
                   (?244, ?245, ?246, ?247, ?248, ?249, ?250, ?251, ?252, ?253, ?254, ?255, ?256, ?257, ?258, ?259,
                    ?260, ?261, ?262, ?263, ?264, ?265, ?266, ?267, ?268, ?269, ?270),
                   (?271, ?272, ?273, ?274, ?275, ?276, ?277, ?278, ?279, ?280, ?281, ?282, ?283, ?284, ?285, ?286,
                    ?287, ?288, ?289, ?290, ?291, ?292, ?293, ?294, ?295, ?296, ?297),
                   (?298, ?299, ?300, ?301, ?302, ?303, ?304, ?305, ?306, ?307, ?308, ?309, ?310, ?311, ?312, ?313,
                    ?314, ?315, ?316, ?317, ?318, ?319, ?320, ?321, ?322, ?323, ?324),
                   (?325, ?326, ?327, ?328, ?329, ?330, ?331, ?332, ?333, ?334, ?335, ?336, ?337, ?338, ?339, ?340,
                    ?341, ?342, ?343, ?344, ?345, ?346, ?347, ?348, ?349, ?350, ?351),
                   (?352, ?353, ?354, ?355, ?356, ?357, ?358, ?359, ?360, ?361, ?362, ?363, ?364, ?365, ?366, ?367,
                    ?368, ?369, ?370, ?371, ?372, ?373, ?374, ?375, ?376, ?377, ?378),
                   (?379, ?380, ?381, ?382, ?383, ?384, ?385, ?386, ?387, ?388, ?389, ?390, ?391, ?392, ?393, ?394,
                    ?395, ?396, ?397, ?398, ?399, ?400, ?401, ?402, ?403, ?404, ?405),
                   (?406, ?407, ?408, ?409, ?410, ?411, ?412, ?413, ?414, ?415, ?416, ?417, ?418, ?419, ?420, ?421,
                    ?422, ?423, ?424, ?425, ?426, ?427, ?428, ?429, ?430, ?431, ?432))
             WHERE column1 IS NOT NULL
            """, values + none)
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
                   revision = ?22, first_ingested_at_ms = ?23, ingested_at_ms = ?24, own_key = ?25
             WHERE session_id = ?1
            """, session.bindings)
    }
}
