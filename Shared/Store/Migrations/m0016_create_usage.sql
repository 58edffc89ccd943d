-- What tokens cost, what sessions used and cost, and the sums that readers are shown.

-- Dated prices under a version, in the order in which they became known here. A book is added whole and never changed:
-- costs name its version.
CREATE TABLE price_book (
    sequence          INTEGER PRIMARY KEY AUTOINCREMENT,
    version           TEXT    NOT NULL UNIQUE CHECK (version NOT IN ('', 'provider_native', 'legacy_unknown')),
    effective_from_ms INTEGER NOT NULL,
    published_at_ms   INTEGER NOT NULL,
    source            TEXT    NOT NULL CHECK (source <> ''),
    -- Of the file that it was read from, in hexadecimal.
    sha256            TEXT    NOT NULL CHECK (length(sha256) = 64),
    imported_at_ms    INTEGER NOT NULL,
    imported_by       TEXT    NOT NULL
) STRICT;

CREATE TABLE price (
    book                 INTEGER NOT NULL REFERENCES price_book (sequence),
    -- Its place in the file.
    position             INTEGER NOT NULL CHECK (position >= 0),
    -- In small letters; `*` stands for any text, here and in `model`.
    provider             TEXT    NOT NULL CHECK (provider <> ''),
    model                TEXT    NOT NULL CHECK (model <> ''),
    bucket               TEXT    NOT NULL
                         CHECK (bucket IN ('input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h',
                                           'output_visible', 'reasoning')),
    -- The price holds from this many tokens of input on.
    min_context_tokens   INTEGER NOT NULL CHECK (min_context_tokens >= 0),
    nano_usd_per_million INTEGER NOT NULL CHECK (nano_usd_per_million >= 0),
    -- From the first of these moments until before the second; NULL is without an edge.
    valid_from_ms        INTEGER,
    valid_until_ms       INTEGER,
    PRIMARY KEY (book, position),
    CHECK (valid_until_ms > valid_from_ms)
) STRICT, WITHOUT ROWID;

-- What sessions are summed by: the UTC day of the start, the agent, the model, the kind of task ('': none is said).
CREATE TABLE usage_bucket (
    id            INTEGER PRIMARY KEY,
    -- Days since 1970-01-01.
    day           INTEGER NOT NULL,
    agent_id      TEXT    NOT NULL,
    model_id      TEXT    NOT NULL,
    task_category TEXT    NOT NULL,
    UNIQUE (day, agent_id, model_id, task_category)
) STRICT;

-- Tokens, runtime and cost of a session. The row that nothing supersedes holds now; the others are what was thought
-- before prices were computed anew.
CREATE TABLE session_usage (
    session_key        INTEGER NOT NULL REFERENCES session_ledger (id) ON DELETE CASCADE,
    revision           INTEGER NOT NULL CHECK (revision >= 1),
    superseded_at_ms   INTEGER,
    computed_at_ms     INTEGER NOT NULL,

    -- Of the session, as far as sums need it.
    bucket_id          INTEGER NOT NULL REFERENCES usage_bucket (id),
    started_at_ms      INTEGER NOT NULL,
    status             TEXT    NOT NULL
                       CHECK (status IN ('success', 'failed', 'killed', 'cancelled', 'running', 'queued')),
    runtime_ms         INTEGER CHECK (runtime_ms >= 0),
    runtime_source     TEXT    NOT NULL CHECK (runtime_source IN ('provider_reported', 'derived', 'missing')),

    provider           TEXT,
    -- What the source said, as JSON; from it buckets and costs are computed, and computed anew.
    stated             TEXT    CHECK (stated IS NULL OR json_valid(stated)),
    -- Each token is in one of these; NULL where the source did not say, or contradicted itself.
    input_uncached     INTEGER CHECK (input_uncached >= 0),
    cache_read         INTEGER CHECK (cache_read >= 0),
    cache_write_5m     INTEGER CHECK (cache_write_5m >= 0),
    cache_write_1h     INTEGER CHECK (cache_write_1h >= 0),
    output_visible     INTEGER CHECK (output_visible >= 0),
    reasoning          INTEGER CHECK (reasoning >= 0),
    total_tokens       INTEGER CHECK (total_tokens >= 0),
    token_source       TEXT    NOT NULL CHECK (token_source IN ('provider_reported', 'derived', 'missing')),
    token_confidence   TEXT    NOT NULL CHECK (token_confidence IN ('high', 'medium', 'low', 'unknown')),
    runtime_confidence TEXT    NOT NULL CHECK (runtime_confidence IN ('high', 'medium', 'low', 'unknown')),
    -- In which ways the source contradicts itself, words with spaces between; NULL: it does not.
    usage_anomaly      TEXT    CHECK (usage_anomaly <> ''),

    -- What counts; what the provider charged; what a price book says. In nano-USD.
    cost_nanousd       INTEGER CHECK (cost_nanousd >= 0),
    billed_nanousd     INTEGER CHECK (billed_nanousd >= 0),
    computed_nanousd   INTEGER CHECK (computed_nanousd >= 0),
    cost_source        TEXT    NOT NULL
                       CHECK (cost_source IN ('provider_reported', 'estimated_from_pricing', 'unknown')),
    cost_confidence    TEXT    NOT NULL CHECK (cost_confidence IN ('exact', 'estimated', 'unknown')),
    cost_level         TEXT    NOT NULL CHECK (cost_level IN ('high', 'medium', 'low', 'unknown')),
    -- A book's version, `provider_native` or `legacy_unknown`.
    pricing_version    TEXT    CHECK (pricing_version <> ''),
    -- The book behind `computed_nanousd`.
    computed_version   TEXT    REFERENCES price_book (version),
    -- Why nothing was computed.
    unpriced_reason    TEXT,

    PRIMARY KEY (session_key, revision),
    CHECK ((cost_nanousd IS NULL) = (cost_source = 'unknown')),
    CHECK ((cost_source = 'unknown') = (cost_confidence = 'unknown')),
    -- An estimate says by which prices.
    CHECK (cost_source = 'unknown' OR pricing_version IS NOT NULL),
    CHECK ((computed_nanousd IS NULL) = (computed_version IS NULL)),
    CHECK (cost_source <> 'provider_reported' OR cost_nanousd IS billed_nanousd),
    CHECK ((runtime_ms IS NULL) = (runtime_source = 'missing'))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX session_usage_current ON session_usage (session_key) WHERE superseded_at_ms IS NULL;
CREATE INDEX session_usage_bucket ON session_usage (bucket_id) WHERE superseded_at_ms IS NULL;

-- Sessions that the sums below do not show as they are now, with what the sums show of them: nothing (NULL) for one
-- that is new. Sums plus what is said here are exact at every moment; a job of the scorer moves the one into the other.
CREATE TABLE usage_pending (
    session_key     INTEGER PRIMARY KEY,
    bucket_id       INTEGER,
    started_at_ms   INTEGER,
    status          TEXT,
    runtime_ms      INTEGER,
    runtime_source  TEXT,
    input_uncached  INTEGER,
    cache_read      INTEGER,
    cache_write_5m  INTEGER,
    cache_write_1h  INTEGER,
    output_visible  INTEGER,
    reasoning       INTEGER,
    total_tokens    INTEGER,
    token_source    TEXT,
    usage_anomaly   TEXT,
    cost_nanousd    INTEGER,
    billed_nanousd  INTEGER,
    computed_nanousd INTEGER,
    cost_source     TEXT
) STRICT;

-- The first change after a summing keeps what was summed; later ones leave it.
CREATE TRIGGER usage_added AFTER INSERT ON session_usage WHEN new.superseded_at_ms IS NULL
BEGIN
    INSERT INTO usage_pending (session_key) VALUES (new.session_key) ON CONFLICT (session_key) DO NOTHING;
END;

CREATE TRIGGER usage_changed AFTER UPDATE ON session_usage WHEN old.superseded_at_ms IS NULL
BEGIN
    INSERT INTO usage_pending
    VALUES (old.session_key, old.bucket_id, old.started_at_ms, old.status, old.runtime_ms, old.runtime_source,
            old.input_uncached, old.cache_read, old.cache_write_5m, old.cache_write_1h, old.output_visible,
            old.reasoning, old.total_tokens, old.token_source, old.usage_anomaly, old.cost_nanousd,
            old.billed_nanousd, old.computed_nanousd, old.cost_source)
    ON CONFLICT (session_key) DO NOTHING;
END;

CREATE TRIGGER usage_removed AFTER DELETE ON session_usage WHEN old.superseded_at_ms IS NULL
BEGIN
    INSERT INTO usage_pending
    VALUES (old.session_key, old.bucket_id, old.started_at_ms, old.status, old.runtime_ms, old.runtime_source,
            old.input_uncached, old.cache_read, old.cache_write_5m, old.cache_write_1h, old.output_visible,
            old.reasoning, old.total_tokens, old.token_source, old.usage_anomaly, old.cost_nanousd,
            old.billed_nanousd, old.computed_nanousd, old.cost_source)
    ON CONFLICT (session_key) DO NOTHING;
END;

-- Sums for a day: of all sessions, and of those of an agent, a model, a kind of task, and of each two and all three of
-- these, so that every question reads one row a day. `scope` says which of the three names count (1 agent, 2 model,
-- 4 task); the others are ''.
CREATE TABLE daily_usage_agg (
    scope             INTEGER NOT NULL CHECK (scope BETWEEN 0 AND 7),
    agent_id          TEXT    NOT NULL,
    model_id          TEXT    NOT NULL,
    task_category     TEXT    NOT NULL,
    day               INTEGER NOT NULL,
    runs              INTEGER NOT NULL,
    queued            INTEGER NOT NULL,
    running           INTEGER NOT NULL,
    success           INTEGER NOT NULL,
    failed            INTEGER NOT NULL,
    killed            INTEGER NOT NULL,
    cancelled         INTEGER NOT NULL,
    tokens            INTEGER NOT NULL,
    input_uncached    INTEGER NOT NULL,
    cache_read        INTEGER NOT NULL,
    cache_write_5m    INTEGER NOT NULL,
    cache_write_1h    INTEGER NOT NULL,
    output_visible    INTEGER NOT NULL,
    reasoning         INTEGER NOT NULL,
    runtime_ms        INTEGER NOT NULL,
    cost_nanousd      INTEGER NOT NULL,
    -- Of sessions with both a bill and a computed cost.
    drift_runs        INTEGER NOT NULL,
    drift_nanousd     INTEGER NOT NULL,
    anomalies         INTEGER NOT NULL,
    -- How many sessions by the source of the figure.
    tokens_reported   INTEGER NOT NULL,
    tokens_derived    INTEGER NOT NULL,
    tokens_missing    INTEGER NOT NULL,
    runtime_reported  INTEGER NOT NULL,
    runtime_derived   INTEGER NOT NULL,
    runtime_missing   INTEGER NOT NULL,
    cost_reported     INTEGER NOT NULL,
    cost_estimated    INTEGER NOT NULL,
    cost_unknown      INTEGER NOT NULL,
    PRIMARY KEY (scope, agent_id, model_id, task_category, day)
) STRICT, WITHOUT ROWID;

-- How the ended sessions of a model went on a day: of all, and of those of an agent, a kind of task, or both (`scope`
-- as above, without the model). The sketches are mergeable histograms of runtimes and costs.
CREATE TABLE model_perf_agg (
    scope           INTEGER NOT NULL CHECK (scope IN (0, 1, 4, 5)),
    agent_id        TEXT    NOT NULL,
    task_category   TEXT    NOT NULL,
    day             INTEGER NOT NULL,
    model_id        TEXT    NOT NULL,
    runs            INTEGER NOT NULL,
    success         INTEGER NOT NULL,
    failed          INTEGER NOT NULL,
    runtime_sketch  BLOB    NOT NULL,
    cost_sketch     BLOB    NOT NULL,
    PRIMARY KEY (scope, agent_id, task_category, day, model_id)
) STRICT, WITHOUT ROWID;

-- What became of each `helicarrier import ledger`.
CREATE TABLE import_report (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    file           TEXT    NOT NULL,
    sha256         TEXT    NOT NULL CHECK (length(sha256) = 64),
    dry_run        INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    started_at_ms  INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL,
    imported_by    TEXT    NOT NULL,
    rows_read      INTEGER NOT NULL CHECK (rows_read >= 0),
    rows_written   INTEGER NOT NULL CHECK (rows_written >= 0),
    rows_skipped   INTEGER NOT NULL CHECK (rows_skipped >= 0),
    rows_failed    INTEGER NOT NULL CHECK (rows_failed >= 0),
    -- The report as it was printed.
    report         TEXT    NOT NULL CHECK (json_valid(report))
) STRICT;
