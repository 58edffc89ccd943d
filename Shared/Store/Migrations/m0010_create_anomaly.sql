-- Changes of models that stand out, from the epoch that showed them to the next one that did not.

-- Epochs whose day has been judged. They outlive their snapshots, as long as an anomaly reaches back to them.
CREATE TABLE anomaly_epoch (
    feed_id            INTEGER NOT NULL REFERENCES feed (id),
    -- When the snapshot was observed that represents the epoch, and its id.
    at_ms              INTEGER NOT NULL,
    epoch              TEXT    NOT NULL,
    thresholds_version INTEGER NOT NULL,
    -- The moments of the epochs that it was judged by. One that comes late asks for another verdict; one that is no
    -- longer kept does not.
    evidence           TEXT    NOT NULL,
    PRIMARY KEY (feed_id, at_ms)
) STRICT, WITHOUT ROWID;

-- What stood out at a judged epoch, with the figures that say so. `anomaly` is made from it.
CREATE TABLE anomaly_mark (
    feed_id          INTEGER NOT NULL,
    at_ms            INTEGER NOT NULL,
    model_id         INTEGER NOT NULL REFERENCES model (id),
    rule             TEXT    NOT NULL CHECK (rule = 'downloads' OR rule = 'velocity'),
    downloads_return REAL,
    cohort_z         REAL,
    own_z            REAL,
    downloads_change INTEGER,
    own_returns      INTEGER,
    likes_gained     INTEGER,
    likes_z          REAL,
    like_days        INTEGER,
    PRIMARY KEY (feed_id, at_ms, model_id, rule),
    FOREIGN KEY (feed_id, at_ms) REFERENCES anomaly_epoch (feed_id, at_ms) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- One row from the first epoch that flags a model until the next judged one that does not.
CREATE TABLE anomaly (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    feed_id            INTEGER NOT NULL REFERENCES feed (id),
    model_id           INTEGER NOT NULL REFERENCES model (id),
    rule               TEXT    NOT NULL CHECK (rule = 'downloads' OR rule = 'velocity'),
    opened_epoch       TEXT    NOT NULL,
    opened_at_ms       INTEGER NOT NULL,
    closed_epoch       TEXT,
    closed_at_ms       INTEGER CHECK (closed_at_ms > opened_at_ms),
    -- Of the epoch that opened it.
    thresholds_version INTEGER NOT NULL,
    downloads_return   REAL,
    cohort_z           REAL,
    own_z              REAL,
    downloads_change   INTEGER,
    own_returns        INTEGER,
    likes_gained       INTEGER,
    likes_z            REAL,
    like_days          INTEGER,
    CHECK ((closed_epoch IS NULL) = (closed_at_ms IS NULL)),
    UNIQUE (feed_id, model_id, rule, opened_at_ms)
) STRICT;

-- The newest first, for lists and their cursors.
CREATE INDEX anomaly_newest ON anomaly (feed_id, opened_at_ms, id);

-- The licence that a feed's publications last showed of a model, so that a change of it can be told. An unknown licence
-- changes nothing.
CREATE TABLE shown_license (
    feed_id  INTEGER NOT NULL REFERENCES feed (id),
    model_id INTEGER NOT NULL REFERENCES model (id),
    license  TEXT    NOT NULL,
    PRIMARY KEY (feed_id, model_id)
) STRICT, WITHOUT ROWID;

-- 1: the history no longer reaches back to this snapshot, and its rows are being deleted in small batches.
ALTER TABLE snapshot ADD COLUMN pruning INTEGER NOT NULL DEFAULT 0 CHECK (pruning = 0 OR pruning = 1);
