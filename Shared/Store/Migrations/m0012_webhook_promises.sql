-- What a subscription may ask for, and what is known of its receiver's health.

-- JSON: fields of `data`, and the values that each may have.
ALTER TABLE subscription ADD COLUMN filter TEXT;
-- 1: one delivery at a time, in the order of the events; one that fails holds up those behind it.
ALTER TABLE subscription ADD COLUMN ordered INTEGER NOT NULL DEFAULT 0 CHECK (ordered IN (0, 1));
ALTER TABLE subscription ADD COLUMN signature TEXT NOT NULL DEFAULT 'v1' CHECK (signature IN ('v1', 'v1a'));
-- How many attempts may be under way at once, over all notifiers.
ALTER TABLE subscription ADD COLUMN max_in_flight INTEGER NOT NULL DEFAULT 8 CHECK (max_in_flight BETWEEN 1 AND 64);
-- The token bucket: how many attempts may start in a second, and at once after a pause.
ALTER TABLE subscription ADD COLUMN rate_per_second INTEGER NOT NULL DEFAULT 100
    CHECK (rate_per_second BETWEEN 1 AND 1000);
-- The theoretical arrival time of the bucket, in microseconds (the generic cell rate algorithm, ITU-T I.371).
ALTER TABLE subscription ADD COLUMN bucket_us INTEGER NOT NULL DEFAULT 0;
-- The token that created it; NULL where nobody knows.
ALTER TABLE subscription ADD COLUMN created_by TEXT;
-- When the receiver echoed the challenge of the URL that it has now.
ALTER TABLE subscription ADD COLUMN verified_at_ms INTEGER;
-- 1: somebody who may do so activated it without a challenge.
ALTER TABLE subscription ADD COLUMN verification_skipped INTEGER NOT NULL DEFAULT 0
    CHECK (verification_skipped IN (0, 1));
-- Failures since the last success, and when the first of them was.
ALTER TABLE subscription ADD COLUMN consecutive_failures INTEGER NOT NULL DEFAULT 0 CHECK (consecutive_failures >= 0);
ALTER TABLE subscription ADD COLUMN failing_since_ms INTEGER;
-- How much of the way to being disabled has been told; 0 again when it recovers.
ALTER TABLE subscription ADD COLUMN failing_notice INTEGER NOT NULL DEFAULT 0
    CHECK (failing_notice IN (0, 50, 70, 90, 100));
ALTER TABLE subscription ADD COLUMN last_attempt_at_ms INTEGER;
ALTER TABLE subscription ADD COLUMN last_success_at_ms INTEGER;
-- The breaker. NULL: closed. Later than now: open. Past: half open, one attempt shows whether it closes.
ALTER TABLE subscription ADD COLUMN breaker_until_ms INTEGER;
-- Attempts before this do not count for the breaker: it closed then.
ALTER TABLE subscription ADD COLUMN breaker_since_ms INTEGER NOT NULL DEFAULT 0;
-- When something may start that waits for nothing but time. NULL: nothing waits, or an attempt that ends makes room.
ALTER TABLE subscription ADD COLUMN next_start_ms INTEGER;

CREATE INDEX subscription_next_start ON subscription (next_start_ms) WHERE next_start_ms IS NOT NULL;

-- A secret (`whsec_`) that both sides know, or a pair (`whsk_`) of which all may know the public half (`whpk_`).
ALTER TABLE subscription_key ADD COLUMN kind TEXT NOT NULL DEFAULT 'hmac' CHECK (kind IN ('hmac', 'ed25519'));
ALTER TABLE subscription_key ADD COLUMN public_key TEXT;

-- The place in the order of its subscription.
ALTER TABLE delivery ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
-- The delivery that was sent again.
ALTER TABLE delivery ADD COLUMN original_id TEXT;
-- 0: says nothing about the receiver's health, as a replay of old events.
ALTER TABLE delivery ADD COLUMN counts INTEGER NOT NULL DEFAULT 1 CHECK (counts IN (0, 1));
-- The job of the attempt that is under way or about to be; NULL while the delivery waits for its turn.
ALTER TABLE delivery ADD COLUMN job_id INTEGER;

UPDATE delivery
   SET position = (SELECT sequence FROM event WHERE event.id = event_id),
       job_id = (SELECT job.id FROM job
                  WHERE unique_key = 'deliver-webhook:' || delivery.id AND unique_held = 1
                    AND delivery.state = 'pending');
UPDATE subscription SET next_start_ms = 0
 WHERE EXISTS (SELECT 1 FROM delivery
                WHERE subscription_id = subscription.id AND delivery.state = 'pending' AND job_id IS NULL);

CREATE INDEX delivery_position ON delivery (subscription_id, position);
CREATE INDEX delivery_waiting ON delivery (subscription_id, next_attempt_at_ms, position)
 WHERE state = 'pending' AND job_id IS NULL;
CREATE INDEX delivery_under_way ON delivery (subscription_id) WHERE job_id IS NOT NULL;
CREATE INDEX delivery_in_order ON delivery (subscription_id, position) WHERE state = 'pending';
CREATE INDEX delivery_ended ON delivery (ended_at_ms) WHERE ended_at_ms IS NOT NULL;
CREATE INDEX event_by_time ON event (occurred_at_ms);

-- As its delivery says; here too, because the breaker counts attempts of a subscription.
ALTER TABLE delivery_attempt ADD COLUMN subscription_id TEXT;
ALTER TABLE delivery_attempt ADD COLUMN counts INTEGER NOT NULL DEFAULT 1 CHECK (counts IN (0, 1));

UPDATE delivery_attempt
   SET subscription_id = (SELECT subscription_id FROM delivery WHERE delivery.id = delivery_id);

CREATE INDEX delivery_attempt_health ON delivery_attempt (subscription_id, started_at_ms, error_class) WHERE counts = 1;

-- What became of attempts, counted for as long as the database lives, so that totals never go back.
CREATE TABLE delivery_count (
    -- 'ok' or the error class.
    outcome TEXT    NOT NULL,
    -- Which length of time: 'total' of the attempt; 'wait' from the event to the end of a first attempt.
    what    TEXT    NOT NULL CHECK (what = 'total' OR what = 'wait'),
    -- The upper bound of the bucket, in milliseconds; four buckets to a doubling.
    le_ms   INTEGER NOT NULL,
    amount  INTEGER NOT NULL,
    sum_ms  INTEGER NOT NULL,
    PRIMARY KEY (outcome, what, le_ms)
) STRICT, WITHOUT ROWID;
