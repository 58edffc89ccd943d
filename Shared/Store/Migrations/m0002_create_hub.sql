-- A named set of models that is observed together.
CREATE TABLE feed (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    created_at_ms INTEGER NOT NULL
) STRICT;

-- One observation of a feed, from the first page to the snapshot. Its id becomes the snapshot's.
CREATE TABLE refresh (
    id             TEXT    PRIMARY KEY,
    feed_id        INTEGER NOT NULL REFERENCES feed (id),
    origin         TEXT    NOT NULL CHECK (origin IN ('upstream', 'import')),
    observed_at_ms INTEGER NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('fetching', 'fetched', 'normalized', 'failed')),
    calls_used     INTEGER NOT NULL DEFAULT 0,
    started_at_ms  INTEGER NOT NULL,
    ended_at_ms    INTEGER,
    error          TEXT,
    UNIQUE (feed_id, observed_at_ms)
) STRICT;

CREATE INDEX refresh_by_start ON refresh (started_at_ms);

-- One raw upstream body, as received, compressed. Evidence: nothing rewrites it.
CREATE TABLE page (
    refresh_id    TEXT    NOT NULL REFERENCES refresh (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    -- A listing has many rows; a model page has one, and names the model that was asked for.
    shape         TEXT    NOT NULL CHECK (shape IN ('listing', 'model')),
    model         TEXT,
    url           TEXT    NOT NULL,
    status        INTEGER NOT NULL,
    etag          TEXT,
    next_url      TEXT,
    fetched_at_ms INTEGER NOT NULL,
    sha256        BLOB    NOT NULL CHECK (length(sha256) = 32),
    raw_bytes     INTEGER NOT NULL,
    body_gzip     BLOB    NOT NULL,
    PRIMARY KEY (refresh_id, number),
    CHECK ((shape = 'model') = (model IS NOT NULL))
) STRICT;

CREATE INDEX page_by_url ON page (url, fetched_at_ms);

-- Rows that broke the upstream contract. row_index -1 stands for the whole page.
CREATE TABLE rejected_row (
    refresh_id TEXT    NOT NULL REFERENCES refresh (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    row_index  INTEGER NOT NULL CHECK (row_index >= -1),
    model      TEXT,
    pointer    TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    excerpt    TEXT    NOT NULL,
    PRIMARY KEY (refresh_id, number, row_index)
) STRICT;

-- Every canonical id ever seen, as a small number.
CREATE TABLE model (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE
) STRICT;

-- What the newest observation in a feed said about a model, counters aside.
CREATE TABLE model_card (
    feed_id             INTEGER NOT NULL REFERENCES feed (id),
    model_id            INTEGER NOT NULL REFERENCES model (id),
    -- The moment of the first and of the newest observation, whatever the order in which they arrived.
    first_seen_ms       INTEGER NOT NULL,
    observed_at_ms      INTEGER NOT NULL,
    provider            TEXT    NOT NULL,
    downloads_all_time  INTEGER,
    created_at_ms       INTEGER,
    last_modified_ms    INTEGER,
    gated               TEXT    CHECK (gated IN ('no', 'auto', 'manual')),
    library             TEXT,
    pipeline            TEXT,
    private             INTEGER NOT NULL CHECK (private = 0 OR private = 1),
    license             TEXT,
    license_name        TEXT,
    license_class       TEXT,
    parameters          INTEGER,
    parameters_active   INTEGER,
    parameters_source   TEXT,
    -- The model that it was made from, how, and who says so.
    parent              TEXT,
    relation            TEXT,
    parent_source       TEXT,
    -- Lines of `capability source`.
    capabilities        TEXT    NOT NULL,
    tags                TEXT    NOT NULL,
    CHECK ((parameters IS NULL) = (parameters_source IS NULL)),
    CHECK ((parent IS NULL) = (relation IS NULL)),
    CHECK ((parent IS NULL) = (parent_source IS NULL)),
    PRIMARY KEY (feed_id, model_id)
) STRICT;

CREATE TABLE snapshot (
    key            INTEGER PRIMARY KEY CHECK (key BETWEEN 1 AND 2147483647),
    id             TEXT    NOT NULL UNIQUE,
    feed_id        INTEGER NOT NULL REFERENCES feed (id),
    origin         TEXT    NOT NULL CHECK (origin IN ('upstream', 'import')),
    observed_at_ms INTEGER NOT NULL,
    source_count   INTEGER NOT NULL,
    ready_count    INTEGER NOT NULL,
    rejected_count INTEGER NOT NULL,
    calls_used     INTEGER NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    scored_at_ms   INTEGER,
    UNIQUE (feed_id, observed_at_ms)
) STRICT;

-- The history: one row per model and snapshot. The key is snapshot.key << 32 | model.id, because one packed integer
-- takes about 19 bytes a row and reads several times faster than two columns with an index.
CREATE TABLE listing (
    key       INTEGER PRIMARY KEY,
    downloads INTEGER,
    likes     INTEGER,
    trending  REAL
) STRICT;

-- Models that were asked for one by one and not got, with the upstream's answer.
CREATE TABLE upstream_error (
    snapshot_key INTEGER NOT NULL REFERENCES snapshot (key) ON DELETE CASCADE,
    model        TEXT    NOT NULL,
    status       INTEGER,
    message      TEXT    NOT NULL,
    PRIMARY KEY (snapshot_key, model)
) STRICT;

-- Calls to the upstream, counted over every fetcher. A call is open until it has ended; both ends bound its moment.
CREATE TABLE upstream_call (
    id             INTEGER PRIMARY KEY,
    reserved_at_ms INTEGER NOT NULL,
    -- Until the call has ended, the latest moment at which it can still be under way.
    counts_at_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX upstream_call_by_time ON upstream_call (counts_at_ms);

-- What the upstream last said about its own limit, and until when nobody calls it.
CREATE TABLE upstream_quota (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    remaining        INTEGER,
    quota            INTEGER,
    resets_at_ms     INTEGER,
    seen_at_ms       INTEGER,
    blocked_until_ms INTEGER NOT NULL DEFAULT 0,
    blocked_reason   TEXT
) STRICT;
