-- What operators watch: how much waits, how fast it goes, and what it may grow to.

-- How many jobs are in each of the states that can hold very many. Kept by triggers, so it is right whoever writes, and
-- the backlog of a million jobs is read as fast as an empty one.
CREATE TABLE queue_depth (
    stage    TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    -- 'ready', 'scheduled' (never tried), 'retrying' (scheduled after a failure) or 'dead'.
    state    TEXT    NOT NULL,
    priority INTEGER NOT NULL,
    jobs     INTEGER NOT NULL,
    PRIMARY KEY (stage, kind, state, priority)
) STRICT, WITHOUT ROWID;

INSERT INTO queue_depth (stage, kind, state, priority, jobs)
SELECT stage, kind, CASE WHEN state = 'scheduled' AND attempt > 0 THEN 'retrying' ELSE state END, priority, count(*)
  FROM job WHERE state = 'ready' OR state = 'scheduled' OR state = 'dead' GROUP BY 1, 2, 3, 4;

-- What a stage or kind may take. A row that is missing, or a NULL, means no limit.
CREATE TABLE queue_limit (
    target       TEXT PRIMARY KEY,
    -- Of a stage: how many jobs may wait in it before producers are refused.
    max_depth    INTEGER CHECK (max_depth > 0),
    -- Of a kind: how many jobs may run at once over all processes.
    max_running  INTEGER CHECK (max_running > 0),
    -- Of a stage: how old its oldest waiting job may become before somebody should look.
    objective_ms INTEGER CHECK (objective_ms > 0)
) STRICT;

INSERT INTO queue_limit (target, max_depth, objective_ms)
VALUES ('fetch', 5000000, 300000), ('normalize', 5000000, 60000), ('score', 5000000, 60000),
       ('notify', 5000000, 60000);
-- Two at once could store the older of what they have read last.
INSERT INTO queue_limit (target, max_running) VALUES ('publish-feed', 1);

CREATE TRIGGER queue_depth_enqueued AFTER INSERT ON job
  WHEN NEW.state = 'ready' OR NEW.state = 'scheduled' OR NEW.state = 'dead'
BEGIN
    INSERT INTO queue_depth (stage, kind, state, priority, jobs)
    VALUES (NEW.stage, NEW.kind,
            CASE WHEN NEW.state = 'scheduled' AND NEW.attempt > 0 THEN 'retrying' ELSE NEW.state END, NEW.priority, 1)
    ON CONFLICT (stage, kind, state, priority) DO UPDATE SET jobs = jobs + 1;
    -- Refuses the producer, whoever it is. Jobs that come back after a failure are never refused.
    SELECT RAISE(ABORT, 'the stage is full')
      FROM queue_limit
     WHERE target = NEW.stage AND NEW.state <> 'dead'
       AND max_depth < (SELECT sum(jobs) FROM queue_depth WHERE stage = NEW.stage AND state <> 'dead');
END;

CREATE TRIGGER queue_depth_left AFTER UPDATE OF state, attempt, stage, kind, priority ON job
  WHEN OLD.state = 'ready' OR OLD.state = 'scheduled' OR OLD.state = 'dead'
BEGIN
    UPDATE queue_depth SET jobs = jobs - 1
     WHERE stage = OLD.stage AND kind = OLD.kind AND priority = OLD.priority
       AND state = CASE WHEN OLD.state = 'scheduled' AND OLD.attempt > 0 THEN 'retrying' ELSE OLD.state END;
END;

CREATE TRIGGER queue_depth_joined AFTER UPDATE OF state, attempt, stage, kind, priority ON job
  WHEN NEW.state = 'ready' OR NEW.state = 'scheduled' OR NEW.state = 'dead'
BEGIN
    INSERT INTO queue_depth (stage, kind, state, priority, jobs)
    VALUES (NEW.stage, NEW.kind,
            CASE WHEN NEW.state = 'scheduled' AND NEW.attempt > 0 THEN 'retrying' ELSE NEW.state END, NEW.priority, 1)
    ON CONFLICT (stage, kind, state, priority) DO UPDATE SET jobs = jobs + 1;
END;

CREATE TRIGGER queue_depth_deleted AFTER DELETE ON job
  WHEN OLD.state = 'ready' OR OLD.state = 'scheduled' OR OLD.state = 'dead'
BEGIN
    UPDATE queue_depth SET jobs = jobs - 1
     WHERE stage = OLD.stage AND kind = OLD.kind AND priority = OLD.priority
       AND state = CASE WHEN OLD.state = 'scheduled' AND OLD.attempt > 0 THEN 'retrying' ELSE OLD.state END;
END;

-- What happened, counted by minute; by hour once it is older than three hours; in the row of minute 0 after eight days,
-- so that totals never go back.
CREATE TABLE queue_count (
    stage     TEXT    NOT NULL,
    -- '' for what belongs to no kind.
    kind      TEXT    NOT NULL,
    -- Ends of attempts: 'done', 'retried', 'dead', 'released', 'snoozed', 'cancelled', 'expired', 'fenced'.
    -- Times: 'wait' from due to started, 'run' from started to ended, with their sums 'wait_ms' and 'run_ms'.
    -- 'busy': waits for the write lock.
    what      TEXT    NOT NULL,
    minute_ms INTEGER NOT NULL,
    -- Of times: the upper bound of the bucket that the row counts; four buckets to a doubling. Else 0.
    le_ms     INTEGER NOT NULL,
    amount    INTEGER NOT NULL,
    PRIMARY KEY (stage, kind, what, minute_ms, le_ms)
) STRICT, WITHOUT ROWID;

-- How fast jobs with a key may start: the generic cell rate algorithm (ITU-T I.371), in microseconds.
CREATE TABLE rate_limit (
    -- A kind, or the rate key of jobs.
    key         TEXT    PRIMARY KEY,
    interval_us INTEGER NOT NULL CHECK (interval_us > 0),
    -- How many may start at once after a pause.
    burst       INTEGER NOT NULL CHECK (burst > 0),
    -- The theoretical arrival time: when the next start would be exactly on time.
    next_us     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The only place that asks the database for the time: a view has no other way.
CREATE VIEW wall_clock (now_ms) AS SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER);

-- The backlog by stage, in the order of the flow. Commands, pages and metrics read it from here.
CREATE VIEW queue_backlog
    (stage, ready, scheduled, running, retrying, dead, oldest_ready_age_s, done_1h, p50_ms, p95_ms, paused,
     depth_limit, objective_s, retried_1h, dead_1h, paused_why) AS
WITH stage (name, place) AS (VALUES ('fetch', 1), ('normalize', 2), ('score', 3), ('notify', 4)),
     depth (stage, ready, scheduled, retrying, dead) AS (
        SELECT stage, sum(CASE WHEN state = 'ready' THEN jobs END), sum(CASE WHEN state = 'scheduled' THEN jobs END),
               sum(CASE WHEN state = 'retrying' THEN jobs END), sum(CASE WHEN state = 'dead' THEN jobs END)
          FROM queue_depth GROUP BY stage),
     running (stage, jobs) AS (SELECT stage, count(*) FROM job WHERE state = 'running' GROUP BY stage),
     -- Of one kind and priority, the next one is the oldest.
     oldest (stage, run_at_ms) AS (
        SELECT stage, min((SELECT claim_order + priority * 600000 FROM job
                            WHERE kind = queue_depth.kind AND priority = queue_depth.priority AND state = 'ready'
                            ORDER BY claim_order LIMIT 1))
          FROM queue_depth WHERE state = 'ready' AND jobs > 0 GROUP BY stage),
     recent (stage, what, le_ms, amount) AS (
        SELECT stage, what, le_ms, sum(amount) FROM queue_count, wall_clock
         WHERE minute_ms > now_ms - 3600000 GROUP BY stage, what, le_ms),
     run (stage, le_ms, upto, total) AS (
        SELECT stage, le_ms, sum(amount) OVER (PARTITION BY stage ORDER BY le_ms),
               sum(amount) OVER (PARTITION BY stage)
          FROM recent WHERE what = 'run'),
     pauses (stage, words) AS (
        SELECT stage, group_concat(target || ': ' || reason, '; ') FROM pause, wall_clock
         WHERE until_ms IS NULL OR until_ms > now_ms GROUP BY stage)
SELECT stage.name, coalesce(depth.ready, 0), coalesce(depth.scheduled, 0), coalesce(running.jobs, 0),
       coalesce(depth.retrying, 0), coalesce(depth.dead, 0),
       CASE WHEN oldest.run_at_ms IS NULL THEN NULL
            WHEN oldest.run_at_ms > now_ms THEN 0.0 ELSE (now_ms - oldest.run_at_ms) / 1000.0 END,
       coalesce((SELECT sum(amount) FROM recent WHERE stage = stage.name AND what = 'done'), 0),
       (SELECT min(le_ms) FROM run WHERE stage = stage.name AND upto * 2 >= total),
       (SELECT min(le_ms) FROM run WHERE stage = stage.name AND upto * 100 >= total * 95),
       CASE WHEN pauses.stage IS NULL THEN 0 ELSE 1 END,
       queue_limit.max_depth, queue_limit.objective_ms / 1000,
       coalesce((SELECT sum(amount) FROM recent
                  WHERE stage = stage.name AND (what = 'retried' OR what = 'expired')), 0),
       coalesce((SELECT sum(amount) FROM recent WHERE stage = stage.name AND what = 'dead'), 0),
       pauses.words
  FROM stage CROSS JOIN wall_clock
       LEFT JOIN depth ON depth.stage = stage.name
       LEFT JOIN running ON running.stage = stage.name
       LEFT JOIN oldest ON oldest.stage = stage.name
       LEFT JOIN pauses ON pauses.stage = stage.name
       LEFT JOIN queue_limit ON queue_limit.target = stage.name
 ORDER BY stage.place;
