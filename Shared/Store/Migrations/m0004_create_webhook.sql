-- A webhook endpoint and what it wants to hear.
CREATE TABLE subscription (
    id             TEXT    PRIMARY KEY,
    url            TEXT    NOT NULL,
    -- Event types, one a line; `model.*` stands for all that begin so.
    types          TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('pending', 'active', 'disabled')),
    allow_http     INTEGER NOT NULL DEFAULT 0 CHECK (allow_http IN (0, 1)),
    description    TEXT,
    -- What a receiver must echo before the subscription becomes active.
    challenge      TEXT,
    -- Nothing is sent before that moment: the receiver asked for time.
    throttled_until_ms INTEGER,
    -- Counts the changes that a reader of the subscription can see.
    version        INTEGER NOT NULL DEFAULT 1,
    created_at_ms  INTEGER NOT NULL,
    updated_at_ms  INTEGER NOT NULL,
    disabled_reason TEXT,
    CHECK ((state = 'disabled') = (disabled_reason IS NOT NULL))
) STRICT;

-- A signing key. During a rotation several are valid; the one without an end is the current one.
CREATE TABLE subscription_key (
    id              TEXT    PRIMARY KEY,
    subscription_id TEXT    NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    secret          TEXT    NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    expires_at_ms   INTEGER
) STRICT;

CREATE INDEX subscription_key_of ON subscription_key (subscription_id, created_at_ms);

-- The outbox: something that happened, with the exact bytes that receivers get. Written with the change it reports.
CREATE TABLE event (
    sequence       INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT    NOT NULL UNIQUE,
    type           TEXT    NOT NULL,
    -- The same happening is written once, whoever writes it first.
    origin_key     TEXT    NOT NULL UNIQUE,
    occurred_at_ms INTEGER NOT NULL,
    body           BLOB    NOT NULL CHECK (length(body) < 20000),
    traceparent    TEXT
) STRICT;

-- One event for one endpoint.
CREATE TABLE delivery (
    id              TEXT    PRIMARY KEY,
    event_id        TEXT    NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    subscription_id TEXT    NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    trigger         TEXT    NOT NULL DEFAULT 'scheduled'
                    CHECK (trigger IN ('scheduled', 'manual', 'test', 'replay')),
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'succeeded', 'failed', 'cancelled')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at_ms   INTEGER NOT NULL,
    ended_at_ms     INTEGER,
    next_attempt_at_ms INTEGER,
    -- A delivery that has ended is not tried again.
    CHECK ((state = 'pending') = (ended_at_ms IS NULL)),
    CHECK (state = 'pending' OR next_attempt_at_ms IS NULL)
) STRICT;

CREATE INDEX delivery_of_subscription ON delivery (subscription_id, created_at_ms);
CREATE INDEX delivery_of_event ON delivery (event_id);

-- One HTTP try, as it was: what was sent where, and what came back. Times of steps are lengths.
CREATE TABLE delivery_attempt (
    id               INTEGER PRIMARY KEY,
    delivery_id      TEXT    NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number           INTEGER NOT NULL CHECK (number >= 1),
    -- Without the query, which often holds a token.
    url              TEXT    NOT NULL,
    address          TEXT,
    http_version     TEXT,
    tls_version      TEXT,
    -- `name: value` lines; signatures are left out.
    request_headers  TEXT    NOT NULL,
    body_sha256      BLOB    NOT NULL CHECK (length(body_sha256) = 32),
    -- One a line, the current key first.
    key_ids          TEXT    NOT NULL,
    started_at_ms    INTEGER NOT NULL,
    dns_ms           INTEGER,
    connect_ms       INTEGER,
    tls_ms           INTEGER,
    first_byte_ms    INTEGER,
    total_ms         INTEGER NOT NULL CHECK (total_ms >= 0),
    status           INTEGER,
    -- `name: value` lines of an allow-list.
    response_headers TEXT,
    response_body    BLOB    CHECK (length(response_body) <= 16384),
    response_truncated INTEGER NOT NULL DEFAULT 0 CHECK (response_truncated IN (0, 1)),
    error_class      TEXT
                     CHECK (error_class IN ('dns', 'connect', 'tls', 'timeout', 'refused_address', 'http_3xx',
                                            'http_4xx', 'http_5xx', 'too_large', 'protocol')),
    error_message    TEXT,
    retry_after_ms   INTEGER,
    next_attempt_at_ms INTEGER,
    worker           TEXT    NOT NULL,
    traceparent      TEXT,
    CHECK ((error_class IS NULL) = (error_message IS NULL)),
    UNIQUE (delivery_id, number)
) STRICT;
