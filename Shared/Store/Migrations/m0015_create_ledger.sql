-- What agents did and said: sessions with their events, and the rules by which somebody is told.

-- One row per session, as it was last told.
CREATE TABLE session_ledger (
    -- The row that the text index names.
    id                   INTEGER PRIMARY KEY,
    session_id           TEXT    NOT NULL UNIQUE CHECK (session_id <> ''),
    run_id               TEXT,
    agent_id             TEXT    NOT NULL CHECK (agent_id <> ''),
    -- NULL: the agent is called by its id.
    agent_label          TEXT,
    model_id             TEXT    NOT NULL CHECK (model_id <> ''),
    provider             TEXT,
    task_title           TEXT,
    task_text            TEXT,
    task_category        TEXT,
    status               TEXT    NOT NULL
                         CHECK (status IN ('success', 'failed', 'killed', 'cancelled', 'running', 'queued')),
    started_at_ms        INTEGER NOT NULL,
    ended_at_ms          INTEGER,
    -- NULL: nobody knows; the source says why.
    runtime_ms           INTEGER CHECK (runtime_ms >= 0),
    runtime_source       TEXT    NOT NULL CHECK (runtime_source IN ('provider_reported', 'derived', 'missing')),
    artifact_count       INTEGER NOT NULL DEFAULT 0 CHECK (artifact_count >= 0),
    error_code           TEXT,
    error_message        TEXT,
    -- What it cost by the newest revision of its usage; NULL where that is unknown.
    cost_nanousd         INTEGER CHECK (cost_nanousd >= 0),

    -- By which way and which contract it came, and in what version of the sender.
    source               TEXT    NOT NULL CHECK (source IN ('ingest', 'import', 'telemetry')),
    contract             TEXT    NOT NULL,
    source_version       TEXT,
    -- The SHA-256 of the canonical form of what was last taken.
    fingerprint          BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    -- How often the session was told; 1 at first.
    revision             INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    first_ingested_at_ms INTEGER NOT NULL,
    ingested_at_ms       INTEGER NOT NULL,

    CHECK (ended_at_ms >= started_at_ms),
    -- A session that is under way has no end.
    CHECK (status NOT IN ('running', 'queued') OR ended_at_ms IS NULL),
    CHECK ((runtime_ms IS NULL) = (runtime_source = 'missing'))
) STRICT;

-- The newest first, alone and for one agent, one status or one model.
CREATE INDEX session_newest ON session_ledger (started_at_ms DESC, session_id);
CREATE INDEX session_by_agent ON session_ledger (agent_id, started_at_ms DESC, session_id);
CREATE INDEX session_by_status ON session_ledger (status, started_at_ms DESC, session_id);
CREATE INDEX session_by_model ON session_ledger (model_id, started_at_ms DESC, session_id);
-- The longest and the dearest first.
CREATE INDEX session_by_runtime ON session_ledger (runtime_ms DESC, started_at_ms DESC, session_id);
CREATE INDEX session_by_cost ON session_ledger (cost_nanousd DESC, started_at_ms DESC, session_id);

-- What happened in a session, in the order of `seq`.
CREATE TABLE session_events (
    session_id  TEXT    NOT NULL REFERENCES session_ledger (session_id) ON DELETE CASCADE,
    event_id    TEXT    NOT NULL CHECK (event_id <> ''),
    seq         INTEGER NOT NULL CHECK (seq >= 0),
    event_type  TEXT    NOT NULL
                CHECK (event_type IN ('tool_call', 'message', 'state_transition', 'artifact', 'error', 'metric')),
    event_at_ms INTEGER NOT NULL,
    -- JSON, as it was sent.
    payload     TEXT    NOT NULL CHECK (json_valid(payload)),
    PRIMARY KEY (session_id, event_id)
) STRICT;

-- The words of a session. Its text stays in `session_ledger`; the triggers keep the two in step.
CREATE VIRTUAL TABLE session_text USING fts5 (
    task_title, task_text, error_message,
    content = 'session_ledger', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER session_text_insert AFTER INSERT ON session_ledger
BEGIN
    INSERT INTO session_text (rowid, task_title, task_text, error_message)
    VALUES (new.id, new.task_title, new.task_text, new.error_message);
END;

CREATE TRIGGER session_text_delete AFTER DELETE ON session_ledger
BEGIN
    INSERT INTO session_text (session_text, rowid, task_title, task_text, error_message)
    VALUES ('delete', old.id, old.task_title, old.task_text, old.error_message);
END;

CREATE TRIGGER session_text_update AFTER UPDATE OF id, task_title, task_text, error_message ON session_ledger
WHEN old.id <> new.id OR old.task_title IS NOT new.task_title OR old.task_text IS NOT new.task_text
     OR old.error_message IS NOT new.error_message
BEGIN
    INSERT INTO session_text (session_text, rowid, task_title, task_text, error_message)
    VALUES ('delete', old.id, old.task_title, old.task_text, old.error_message);
    INSERT INTO session_text (rowid, task_title, task_text, error_message)
    VALUES (new.id, new.task_title, new.task_text, new.error_message);
END;

-- What was taken under which key, and answered; written with what it changed. Shared by all processes.
CREATE TABLE ingest_key (
    -- `key …` as the sender named it; `session … <end state or open>` where it named none.
    key           TEXT    PRIMARY KEY,
    session_id    TEXT    NOT NULL REFERENCES session_ledger (session_id) ON DELETE CASCADE,
    fingerprint   BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    -- The body of the answer.
    result        TEXT    NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX ingest_key_by_age ON ingest_key (expires_at_ms);

-- How many envelopes were taken or refused, counted for as long as the database lives, so that totals never go back.
CREATE TABLE ingest_count (
    outcome TEXT    PRIMARY KEY,
    amount  INTEGER NOT NULL CHECK (amount >= 0)
) STRICT, WITHOUT ROWID;

-- When somebody wants to be told. A job evaluates the rules; reading changes nothing.
CREATE TABLE alert_rules (
    rule_id            TEXT    PRIMARY KEY,
    enabled            INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    metric             TEXT    NOT NULL CHECK (metric IN ('daily_cost_usd', 'runtime_p95_ms', 'failure_rate')),
    scope_type         TEXT    NOT NULL CHECK (scope_type IN ('global', 'agent', 'model', 'agent_model')),
    scope_ref          TEXT    CHECK (scope_ref <> ''),
    warn_threshold     REAL    NOT NULL CHECK (warn_threshold >= 0),
    critical_threshold REAL    NOT NULL CHECK (critical_threshold >= warn_threshold),
    -- The length of the window, as `5m`.
    span               TEXT    NOT NULL CHECK (span IN ('5m', '1h', '24h', '7d')),
    comparison         TEXT    NOT NULL CHECK (comparison IN ('gt', 'gte')),
    dedup_cooldown_sec INTEGER NOT NULL CHECK (dedup_cooldown_sec >= 0),
    version            INTEGER NOT NULL DEFAULT 1,
    created_at_ms      INTEGER NOT NULL,
    updated_at_ms      INTEGER NOT NULL,
    -- Everything, or something that has a name.
    CHECK ((scope_type = 'global') = (scope_ref IS NULL))
) STRICT;

CREATE INDEX alert_rules_newest ON alert_rules (created_at_ms, rule_id);

-- How a rule stands in a scope, as it was last evaluated.
CREATE TABLE alert_state (
    rule_id         TEXT    NOT NULL REFERENCES alert_rules (rule_id) ON DELETE CASCADE,
    scope           TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('ok', 'warning', 'critical', 'resolved')),
    -- NULL: there is no data.
    value           REAL,
    -- The rule, the scope and the severity, without the value: what is told once.
    fingerprint     TEXT    NOT NULL,
    triggered_at_ms INTEGER,
    -- The cooldown counts from here, and does not slide.
    notified_at_ms  INTEGER,
    deduped         INTEGER NOT NULL DEFAULT 0 CHECK (deduped IN (0, 1)),
    evaluated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (rule_id, scope),
    CHECK (status = 'ok' OR triggered_at_ms IS NOT NULL)
) STRICT, WITHOUT ROWID;
