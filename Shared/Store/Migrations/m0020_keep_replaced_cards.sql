-- Cards that a newer observation has replaced, while a publication from before it is kept. Whoever pages through that
-- publication finds each model by what was known of it then, whichever process answers and whenever it loaded it.
CREATE TABLE replaced_card (
    feed_id             INTEGER NOT NULL REFERENCES feed (id),
    model_id            INTEGER NOT NULL REFERENCES model (id),
    -- The moment of the observation that replaced it.
    replaced_at_ms      INTEGER NOT NULL,
    -- The rest as in model_card; the moment is that of the last observation that said so.
    observed_at_ms      INTEGER NOT NULL CHECK (observed_at_ms < replaced_at_ms),
    provider            TEXT    NOT NULL,
    downloads_all_time  INTEGER,
    created_at_ms       INTEGER,
    last_modified_ms    INTEGER,
    gated               TEXT,
    library             TEXT,
    pipeline            TEXT,
    private             INTEGER NOT NULL,
    license             TEXT,
    license_name        TEXT,
    license_class       TEXT,
    parameters          INTEGER,
    parameters_active   INTEGER,
    parameters_source   TEXT,
    parent              TEXT,
    relation            TEXT,
    parent_source       TEXT,
    capabilities        TEXT    NOT NULL,
    tags                TEXT    NOT NULL,
    PRIMARY KEY (feed_id, replaced_at_ms, model_id)
) STRICT;
