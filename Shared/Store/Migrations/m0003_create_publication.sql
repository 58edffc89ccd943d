-- What two adjacent snapshots of a feed say about the daily refresh of the download counters.
CREATE TABLE epoch_step (
    snapshot_key  INTEGER PRIMARY KEY REFERENCES snapshot (key) ON DELETE CASCADE,
    previous_key  INTEGER NOT NULL,
    verdict       TEXT    NOT NULL CHECK (verdict IN ('none', 'settled', 'suspect')),
    reason        TEXT,
    cohort        INTEGER NOT NULL,
    changed       INTEGER NOT NULL,
    median        REAL,
    mad           REAL,
    CHECK ((verdict = 'suspect') = (reason IS NOT NULL))
) STRICT;

-- Score (in tenths, default profile) and place of each model in each snapshot; packed key as in `listing`.
CREATE TABLE score (
    key   INTEGER PRIMARY KEY,
    total INTEGER NOT NULL CHECK (total BETWEEN 0 AND 1000),
    rank  INTEGER NOT NULL CHECK (rank >= 1)
) STRICT;

-- The computed newest state of a feed, which readers show. Kept for the last few snapshots, for pinned cursors.
CREATE TABLE publication (
    snapshot_key      INTEGER PRIMARY KEY REFERENCES snapshot (key) ON DELETE CASCADE,
    feed_id           INTEGER NOT NULL REFERENCES feed (id),
    published_at_ms   INTEGER NOT NULL,
    -- Rises with every publication, so that a reader sees at once whether it holds the newest.
    serial            INTEGER NOT NULL,
    epoch_key         INTEGER,
    epoch_state       TEXT    NOT NULL CHECK (epoch_state IN ('settled', 'pending', 'suspect')),
    downloads_24h_key INTEGER,
    downloads_7d_key  INTEGER,
    likes_24h_key     INTEGER,
    likes_7d_key      INTEGER,
    history_days      INTEGER NOT NULL,
    snapshot_count    INTEGER NOT NULL,
    profile           TEXT    NOT NULL,
    profile_version   INTEGER NOT NULL,
    weight_adoption   INTEGER NOT NULL,
    weight_ecosystem  INTEGER NOT NULL,
    weight_velocity   INTEGER NOT NULL
) STRICT;

CREATE INDEX publication_by_feed ON publication (feed_id, serial);

-- One model's place in a published snapshot. A delta is a number, or a reason why there is none.
CREATE TABLE standing (
    key                  INTEGER PRIMARY KEY,
    rank                 INTEGER NOT NULL,
    adoption             INTEGER,
    ecosystem            INTEGER,
    velocity             INTEGER,
    total                INTEGER NOT NULL,
    downloads_24h        INTEGER,
    downloads_24h_reason TEXT,
    downloads_7d         INTEGER,
    downloads_7d_reason  TEXT,
    likes_24h            INTEGER,
    likes_24h_reason     TEXT,
    likes_7d             INTEGER,
    likes_7d_reason      TEXT,
    rank_change          INTEGER,
    rank_change_reason   TEXT,
    -- The root of the model's family; NULL where that is the model itself.
    family_root          TEXT,
    anomaly_state        TEXT    NOT NULL,
    anomaly_downloads    INTEGER,
    anomaly_velocity     INTEGER,
    downloads_return     REAL,
    cohort_z             REAL,
    own_z                REAL,
    downloads_change     INTEGER,
    own_returns          INTEGER,
    likes_gained         INTEGER,
    likes_z              REAL,
    like_days            INTEGER,
    CHECK ((downloads_24h IS NULL) = (downloads_24h_reason IS NOT NULL)),
    CHECK ((downloads_7d IS NULL) = (downloads_7d_reason IS NOT NULL)),
    CHECK ((likes_24h IS NULL) = (likes_24h_reason IS NOT NULL)),
    CHECK ((likes_7d IS NULL) = (likes_7d_reason IS NOT NULL)),
    CHECK ((rank_change IS NULL) = (rank_change_reason IS NOT NULL))
) STRICT;

-- Bodies that are computed once and served as they are.
CREATE TABLE document (
    name          TEXT    PRIMARY KEY,
    body          BLOB    NOT NULL,
    snapshot_id   TEXT    NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- The health of a part of the service, as the part itself last reported it.
CREATE TABLE component (
    name       TEXT    PRIMARY KEY,
    status     TEXT    NOT NULL CHECK (status IN ('ok', 'degraded', 'failed')),
    since_ms   INTEGER NOT NULL,
    last_error TEXT
) STRICT;
