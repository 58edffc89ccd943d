-- An API token. Only the SHA-256 of its text is kept.
CREATE TABLE token (
    id            TEXT    PRIMARY KEY,
    sha256        BLOB    NOT NULL UNIQUE CHECK (length(sha256) = 32),
    -- JSON array of scopes.
    scopes        TEXT    NOT NULL,
    plan          TEXT,
    label         TEXT,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    revoked_at_ms INTEGER
) STRICT;

-- What operators did, and with what result.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    action TEXT    NOT NULL,
    target TEXT    NOT NULL,
    result TEXT    NOT NULL
) STRICT;

-- Secrets of the service itself, shared by its processes: what cursors are sealed with.
CREATE TABLE service_key (
    name  TEXT PRIMARY KEY,
    bytes BLOB NOT NULL CHECK (length(bytes) >= 16)
) STRICT;
