-- What the api remembers of requests, for all its processes.

-- How much of its limit an account has used: the generic cell rate algorithm (ITU-T I.371). Processes take slices of
-- many requests, so a row is written seldom.
CREATE TABLE request_rate (
    -- A token's id or an address.
    account    TEXT    PRIMARY KEY,
    -- The theoretical arrival time, in microseconds since 1970.
    arrival_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX request_rate_by_arrival ON request_rate (arrival_us);

-- Requests that named themselves with an Idempotency-Key, and what they were answered; written with what they did.
CREATE TABLE idempotency (
    -- The digest of the token's text, or of the secret: the same key of another one is another request.
    account       BLOB    NOT NULL CHECK (length(account) = 32),
    route         TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    -- Of what was sent.
    fingerprint   BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    created_at_ms INTEGER NOT NULL,
    status        INTEGER NOT NULL,
    -- `name: value` lines.
    headers       TEXT    NOT NULL,
    body          BLOB    NOT NULL,
    PRIMARY KEY (account, route, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_age ON idempotency (created_at_ms);
