-- Alerts are evaluated: what a rule says beside its thresholds, how it stands in its scopes, what happened, what is
-- silent.

-- The rules with four more columns. A rule for agents or models that names none looks at each of them.
CREATE TABLE alert_rules_next (
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
    -- For how long a threshold must be passed before somebody is told.
    for_sec            INTEGER NOT NULL DEFAULT 0 CHECK (for_sec >= 0),
    -- For how long an alert goes on after the threshold was last passed.
    keep_firing_sec    INTEGER NOT NULL DEFAULT 0 CHECK (keep_firing_sec >= 0),
    -- What the value must come below before an alert ends; NULL: the threshold of the warning.
    recover_threshold  REAL    CHECK (recover_threshold >= 0 AND recover_threshold <= warn_threshold),
    -- After how long an alert that goes on is told again; 0: never; NULL: when the cooldown is over.
    repeat_sec         INTEGER CHECK (repeat_sec >= 0),
    version            INTEGER NOT NULL DEFAULT 1,
    created_at_ms      INTEGER NOT NULL,
    updated_at_ms      INTEGER NOT NULL,
    CHECK (scope_type <> 'global' OR scope_ref IS NULL)
) STRICT;

INSERT INTO alert_rules_next (rule_id, enabled, metric, scope_type, scope_ref, warn_threshold, critical_threshold, span,
                              comparison, dedup_cooldown_sec, version, created_at_ms, updated_at_ms)
SELECT rule_id, enabled, metric, scope_type, scope_ref, warn_threshold, critical_threshold, span, comparison,
       dedup_cooldown_sec, version, created_at_ms, updated_at_ms
  FROM alert_rules;

CREATE TABLE alert_state_next (
    rule_id           TEXT    NOT NULL REFERENCES alert_rules_next (rule_id) ON DELETE CASCADE,
    -- `global`, `agent:…`, `model:…`, or `agent_model:…|…`.
    scope             TEXT    NOT NULL,
    status            TEXT    NOT NULL CHECK (status IN ('ok', 'warning', 'critical', 'resolved')),
    -- NULL: there is no data.
    value             REAL,
    -- The rule, the scope and the severity, without the value: what is told once.
    fingerprint       TEXT    NOT NULL,
    triggered_at_ms   INTEGER,
    -- The cooldown counts from here, and does not slide.
    notified_at_ms    INTEGER,
    deduped           INTEGER NOT NULL DEFAULT 0 CHECK (deduped IN (0, 1)),
    evaluated_at_ms   INTEGER NOT NULL,
    -- What the last evaluation said of the value.
    severity          TEXT    NOT NULL DEFAULT 'ok'
                      CHECK (severity IN ('ok', 'warning', 'critical', 'no_data', 'error')),
    -- Why nobody is told of it.
    suppression       TEXT    CHECK (suppression IN ('silence', 'critical')),
    -- What those who are told believe; NULL: that nothing is wrong.
    told              TEXT    CHECK (told IN ('warning', 'critical')),
    -- Since when each condition has held without a break, and when it last did.
    warning_since_ms  INTEGER,
    warning_held_ms   INTEGER,
    critical_since_ms INTEGER,
    critical_held_ms  INTEGER,
    -- Since when there has been no data.
    unknown_since_ms  INTEGER,
    PRIMARY KEY (rule_id, scope),
    CHECK (status = 'ok' OR triggered_at_ms IS NOT NULL),
    CHECK (suppression IS NULL OR status IN ('warning', 'critical')),
    CHECK (told IS NULL OR (notified_at_ms IS NOT NULL AND status IN ('warning', 'critical')))
) STRICT, WITHOUT ROWID;

INSERT INTO alert_state_next (rule_id, scope, status, value, fingerprint, triggered_at_ms, notified_at_ms, deduped,
                              evaluated_at_ms, told)
SELECT rule_id, scope, status, value, fingerprint, triggered_at_ms, notified_at_ms, deduped, evaluated_at_ms,
       CASE WHEN notified_at_ms IS NOT NULL AND status IN ('warning', 'critical') THEN status END
  FROM alert_state;

DROP TABLE alert_state;
DROP TABLE alert_rules;
ALTER TABLE alert_rules_next RENAME TO alert_rules;
ALTER TABLE alert_state_next RENAME TO alert_state;

CREATE INDEX alert_rules_newest ON alert_rules (created_at_ms, rule_id);

-- What happened to alerts: a row for every change, written with the event that tells it. The number names the event.
CREATE TABLE alert_transition (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- No reference: what happened stays when the rule has gone.
    rule_id     TEXT    NOT NULL,
    metric      TEXT    NOT NULL,
    scope       TEXT    NOT NULL,
    from_status TEXT    NOT NULL CHECK (from_status IN ('ok', 'pending', 'warning', 'critical', 'resolved')),
    to_status   TEXT    NOT NULL CHECK (to_status IN ('ok', 'pending', 'warning', 'critical', 'resolved')),
    suppression TEXT    CHECK (suppression IN ('silence', 'critical')),
    -- Why somebody was told; NULL: nobody was.
    notice      TEXT    CHECK (notice IN ('first', 'escalation', 'deescalation', 'repeat', 'resolved')),
    -- Why the alert ended.
    ending      TEXT    CHECK (ending IN ('recovered', 'no_data', 'rule_disabled', 'rule_changed')),
    value       REAL,
    at_ms       INTEGER NOT NULL
) STRICT;

CREATE INDEX alert_transition_by_rule ON alert_transition (rule_id, id);
CREATE INDEX alert_transition_by_age ON alert_transition (at_ms);

-- What somebody does not want to be told for a while.
CREATE TABLE alert_silence (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Conditions such as `agent=planner`, one a line; all must fit.
    matchers      TEXT    NOT NULL CHECK (matchers <> ''),
    reason        TEXT    NOT NULL,
    created_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    -- Somebody may end it earlier: then that moment stands here.
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX alert_silence_by_end ON alert_silence (expires_at_ms);

-- Sessions by their end: what a window holds. An end that nobody named is where the runtime says.
CREATE INDEX session_settled ON session_ledger (coalesce(ended_at_ms, started_at_ms + coalesce(runtime_ms, 0)))
    WHERE status NOT IN ('running', 'queued');
