-- Requests with an Idempotency-Key that are under way in one of the api processes. The row goes when the answer is
-- kept, in the same transaction; of a process that was killed it is over when its lease is.
CREATE TABLE idempotency_claim (
    account        BLOB    NOT NULL CHECK (length(account) = 32),
    route          TEXT    NOT NULL,
    key            TEXT    NOT NULL,
    fingerprint    BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    -- Names one run: whoever lost the lease keeps nothing.
    holder         TEXT    NOT NULL,
    lease_until_ms INTEGER NOT NULL,
    PRIMARY KEY (account, route, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_claim_by_lease ON idempotency_claim (lease_until_ms);

-- Of the jobs of a subscription's deliveries: its owner's plan says it.
ALTER TABLE subscription ADD COLUMN priority INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -10 AND 10);

CREATE INDEX subscription_of_token ON subscription (created_by) WHERE created_by IS NOT NULL;
