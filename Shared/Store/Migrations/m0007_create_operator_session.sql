-- Operators at the web pages: who is signed in, and which act each of them has been asked to confirm.

-- The cookie holds the id of a session; only its SHA-256 is kept, so a copy of the database signs nobody in.
CREATE TABLE operator_session (
    sha256        BLOB    PRIMARY KEY CHECK (length(sha256) = 32),
    -- The token that it was opened with. Once that ends, so does the session.
    token_id      TEXT    REFERENCES token (id) ON DELETE CASCADE,
    -- Of a session opened with the deployment's secret: HMAC-SHA-256 of the session's id under that secret. Another
    -- secret ends the session, and nothing here helps to guess it.
    secret_mac    BLOB    CHECK (length(secret_mac) = 32),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms > created_at_ms),
    CHECK ((token_id IS NULL) = (secret_mac IS NOT NULL))
) STRICT;

CREATE INDEX operator_session_of_token ON operator_session (token_id) WHERE token_id IS NOT NULL;

-- An act that a session was shown and has to confirm. Its token is good once, for this act and this session alone.
CREATE TABLE confirmation (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256         BLOB    NOT NULL UNIQUE CHECK (length(sha256) = 32),
    session_sha256 BLOB    NOT NULL REFERENCES operator_session (sha256) ON DELETE CASCADE,
    -- The act as a form writes it: name=value&….
    act            TEXT    NOT NULL,
    expires_at_ms  INTEGER NOT NULL,
    used_at_ms     INTEGER,
    -- What came of it, as a sentence.
    result         TEXT,
    CHECK (result IS NULL OR used_at_ms IS NOT NULL)
) STRICT;

CREATE INDEX confirmation_of_session ON confirmation (session_sha256);

-- Dead jobs by error, the newest first: what the page lists, counted without the rows themselves. SQLite 3.40 asks for
-- the state although the index says it, so it stands there.
CREATE INDEX job_dead_error ON job (error_class, finished_at_ms DESC, id DESC, stage, state) WHERE state = 'dead';

-- Deliveries of all subscriptions, the newest first.
CREATE INDEX delivery_newest ON delivery (created_at_ms);
