-- What the operations page compares with, and what keeps its sign-in from being guessed at.

-- How many jobs waited in a stage, looked at once a minute: depth is not counted over time, because every enqueue would
-- then have to write to one more row.
CREATE TABLE queue_sample (
    stage     TEXT    NOT NULL,
    minute_ms INTEGER NOT NULL,
    waiting   INTEGER NOT NULL,
    PRIMARY KEY (stage, minute_ms)
) STRICT, WITHOUT ROWID;

-- How many more jobs wait in a stage than an hour ago. No row where nobody looked then, give or take five minutes.
CREATE VIEW queue_change (stage, change_1h) AS
WITH stage (name) AS (VALUES ('fetch'), ('normalize'), ('score'), ('notify')),
     then_waiting (stage, jobs) AS (
        SELECT name, (SELECT waiting FROM queue_sample
                       WHERE stage = name AND minute_ms <= now_ms - 3600000 AND minute_ms > now_ms - 3900000
                       ORDER BY minute_ms DESC LIMIT 1)
          FROM stage, wall_clock)
SELECT stage, coalesce((SELECT sum(jobs) FROM queue_depth
                         WHERE queue_depth.stage = then_waiting.stage AND state <> 'dead'), 0) - jobs
  FROM then_waiting WHERE jobs IS NOT NULL;

-- How soon somebody may try again to sign in: the generic cell rate algorithm, as in rate_limit. A table of its own,
-- because any row there makes every claim of jobs look for paces. A row that is in the past says nothing, and goes.
CREATE TABLE sign_in_limit (
    -- An address, or '' for all of them together.
    source  TEXT    PRIMARY KEY,
    -- The theoretical arrival time: when the next failure would be exactly on time.
    next_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
