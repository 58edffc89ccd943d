-- The queue: the only way in which the processes talk. States and moves are in docs/queue.md.
CREATE TABLE job (
    -- Never used twice, and rising with time.
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The lasting name of the work, and the stage (one executable) that does it.
    kind            TEXT    NOT NULL,
    stage           TEXT    NOT NULL
                    CHECK (stage = 'fetch' OR stage = 'normalize' OR stage = 'score' OR stage = 'notify'),
    -- JSON, and the version of its shape. Not checked here: a payload that does not decode ends `dead`, and says why.
    payload         TEXT    NOT NULL,
    payload_version INTEGER NOT NULL DEFAULT 1,
    -- One of those that the check below names.
    state           TEXT    NOT NULL,
    priority        INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -10 AND 10),
    -- run_at_ms less ten minutes per step of priority: a higher priority goes first, yet a job that has waited long
    -- enough passes every newer one, so nothing starves.
    claim_order     INTEGER NOT NULL,
    attempt         INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    max_attempts    INTEGER NOT NULL CHECK (max_attempts >= 1),
    run_at_ms       INTEGER NOT NULL,
    -- Who holds the job, or held it last. The lease runs on the lease clock (table lease_clock), not on wall time.
    worker          TEXT,
    lease_until_ms  INTEGER,
    -- At most one job holds a unique key: while it is unfinished, or until unique_until_ms.
    unique_key      TEXT,
    unique_held     INTEGER NOT NULL DEFAULT 0 CHECK (unique_held = 0 OR unique_held = 1),
    unique_until_ms INTEGER,
    -- 1: the key is let go when the job starts, so that a change during the run asks for another run.
    coalesces       INTEGER NOT NULL DEFAULT 0 CHECK (coalesces = 0 OR coalesces = 1),
    -- Jobs of one key start no faster than table rate_limit says; rate_slot_ms is the start that this one was given.
    rate_key        TEXT,
    rate_slot_ms    INTEGER,
    parent_id       INTEGER,
    traceparent     TEXT,
    created_at_ms   INTEGER NOT NULL,
    started_at_ms   INTEGER,
    finished_at_ms  INTEGER,
    error_class     TEXT,
    error_message   TEXT,
    -- A running job has a lease, and no other job does; an ended job says when, and no other job does. One check, with
    -- the hot states first: it costs two comparisons, where a check for each rule, and one for the names, cost a dozen.
    CHECK (CASE state WHEN 'running' THEN lease_until_ms IS NOT NULL AND finished_at_ms IS NULL
                      WHEN 'done' THEN lease_until_ms IS NULL AND finished_at_ms IS NOT NULL
                      WHEN 'ready' THEN lease_until_ms IS NULL AND finished_at_ms IS NULL
                      WHEN 'scheduled' THEN lease_until_ms IS NULL AND finished_at_ms IS NULL
                      WHEN 'dead' THEN lease_until_ms IS NULL AND finished_at_ms IS NOT NULL
                      WHEN 'cancelled' THEN lease_until_ms IS NULL AND finished_at_ms IS NOT NULL
                      ELSE 0 END),
    CHECK (unique_held = 0 OR unique_key IS NOT NULL)
) STRICT;

-- One index per question, each over the few rows that it is about.
-- claim_order and priority together are run_at_ms: the age of what waits is read from the index alone.
CREATE INDEX job_ready ON job (kind, claim_order, priority) WHERE state = 'ready';
CREATE INDEX job_scheduled ON job (run_at_ms) WHERE state = 'scheduled';
CREATE INDEX job_running ON job (lease_until_ms) WHERE state = 'running';
CREATE INDEX job_dead ON job (kind, finished_at_ms) WHERE state = 'dead';
CREATE INDEX job_finished ON job (finished_at_ms) WHERE state = 'done' OR state = 'cancelled';
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_held = 1;

-- Every attempt that did not end well. A success needs no row: the job itself says when and by whom.
CREATE TABLE job_attempt (
    id            INTEGER PRIMARY KEY,
    job_id        INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    attempt       INTEGER NOT NULL,
    worker        TEXT,
    started_at_ms INTEGER,
    ended_at_ms   INTEGER NOT NULL,
    outcome       TEXT    NOT NULL
                  CHECK (outcome IN ('retried', 'dead', 'released', 'expired', 'cancelled', 'snoozed')),
    error_class   TEXT,
    message       TEXT,
    -- A job that is put off again and again keeps one row for it.
    times         INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE INDEX job_attempt_job ON job_attempt (job_id);
CREATE UNIQUE INDEX job_attempt_snoozed ON job_attempt (job_id, attempt) WHERE outcome = 'snoozed';

-- A stage or kind that is not claimed from for now.
CREATE TABLE pause (
    target      TEXT    PRIMARY KEY,
    -- The stage that the target is, or that the kind belongs to.
    stage       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    paused_by   TEXT    NOT NULL,
    since_ms    INTEGER NOT NULL,
    until_ms    INTEGER
) STRICT;

-- Work that comes back. Moving next_at_ms on and enqueueing are one transaction, so a tick fires once.
CREATE TABLE periodic (
    name       TEXT    PRIMARY KEY,
    every_ms   INTEGER NOT NULL CHECK (every_ms > 0),
    next_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER
) STRICT;

-- What turns the machine's uptime into the time that leases use: it never steps. One row per boot.
CREATE TABLE lease_clock (
    boot_id   TEXT    PRIMARY KEY,
    offset_ms INTEGER NOT NULL
) STRICT;
