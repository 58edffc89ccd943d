-- What a claim and an end write: fewer pages of the log each, and less work in the triggers. Nothing that is promised
-- or shown changes.

-- What runs stands right before what waits, so that a claim moves its entry within one page, and an end takes it from
-- the same page. What waits and what runs had an index each, so a claim wrote to two. A lease is read from the
-- job itself: few jobs run, and a heartbeat leaves the index alone.
CREATE INDEX job_live ON job (state DESC, kind, claim_order, priority) WHERE state = 'ready' OR state = 'running';
DROP INDEX job_ready;
DROP INDEX job_running;

-- Served only the deletion of old jobs, and cost a page of the log for each job that ended. Numbers rise with time, so
-- what is old is found by number.
DROP INDEX job_finished;

-- How many jobs of a kind and priority are in each of the states that can hold very many. A row for all of them, made
-- when the first job comes: a job that moves from one state to another changes one row, in one place.
CREATE TABLE queue_stock (
    stage     TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    priority  INTEGER NOT NULL,
    ready     INTEGER NOT NULL,
    -- Never tried.
    scheduled INTEGER NOT NULL,
    -- Scheduled after a failure.
    retrying  INTEGER NOT NULL,
    dead      INTEGER NOT NULL,
    PRIMARY KEY (stage, kind, priority)
) STRICT;

INSERT INTO queue_stock (stage, kind, priority, ready, scheduled, retrying, dead)
SELECT stage, kind, priority, sum(CASE WHEN state = 'ready' THEN 1 ELSE 0 END),
       sum(CASE WHEN state = 'scheduled' AND attempt = 0 THEN 1 ELSE 0 END),
       sum(CASE WHEN state = 'scheduled' AND attempt > 0 THEN 1 ELSE 0 END),
       sum(CASE WHEN state = 'dead' THEN 1 ELSE 0 END)
  FROM job GROUP BY stage, kind, priority;

DROP TRIGGER queue_depth_enqueued;
DROP TRIGGER queue_depth_left;
DROP TRIGGER queue_depth_joined;
DROP TRIGGER queue_depth_deleted;
DROP TABLE queue_depth;

-- The same, a row for each state.
CREATE VIEW queue_depth (stage, kind, state, priority, jobs) AS
SELECT stage, kind, 'ready', priority, ready FROM queue_stock
 UNION ALL SELECT stage, kind, 'scheduled', priority, scheduled FROM queue_stock
 UNION ALL SELECT stage, kind, 'retrying', priority, retrying FROM queue_stock
 UNION ALL SELECT stage, kind, 'dead', priority, dead FROM queue_stock;

CREATE TRIGGER queue_stock_enqueued AFTER INSERT ON job
BEGIN
    INSERT INTO queue_stock (stage, kind, priority, ready, scheduled, retrying, dead)
    VALUES (NEW.stage, NEW.kind, NEW.priority, NEW.state = 'ready', NEW.state = 'scheduled' AND NEW.attempt = 0,
            NEW.state = 'scheduled' AND NEW.attempt > 0, NEW.state = 'dead')
    ON CONFLICT (stage, kind, priority) DO UPDATE
       SET ready = ready + excluded.ready, scheduled = scheduled + excluded.scheduled,
           retrying = retrying + excluded.retrying, dead = dead + excluded.dead;
    -- Refuses the producer, whoever it is. Jobs that come back after a failure are never refused.
    SELECT RAISE(ABORT, 'the stage is full')
      FROM queue_limit
     WHERE target = NEW.stage AND (NEW.state = 'ready' OR NEW.state = 'scheduled')
       AND max_depth < (SELECT sum(ready + scheduled + retrying) FROM queue_stock WHERE stage = NEW.stage);
END;

-- Inserts nothing, so that a claim, which is told not to undo single statements, keeps no copy of the pages it changes.
CREATE TRIGGER queue_stock_moved AFTER UPDATE OF state, attempt ON job
  WHEN OLD.state <> 'running' OR (NEW.state <> 'done' AND NEW.state <> 'running')
BEGIN
    UPDATE queue_stock
       SET ready = ready - (OLD.state = 'ready') + (NEW.state = 'ready'),
           scheduled = scheduled - (OLD.state = 'scheduled' AND OLD.attempt = 0)
                       + (NEW.state = 'scheduled' AND NEW.attempt = 0),
           retrying = retrying - (OLD.state = 'scheduled' AND OLD.attempt > 0)
                      + (NEW.state = 'scheduled' AND NEW.attempt > 0),
           dead = dead - (OLD.state = 'dead') + (NEW.state = 'dead')
     WHERE stage = OLD.stage AND kind = OLD.kind AND priority = OLD.priority;
END;

-- No process of ours does it; whoever does is counted too. The trigger above has counted the state under the old name.
CREATE TRIGGER queue_stock_renamed AFTER UPDATE OF stage, kind, priority ON job
  WHEN OLD.stage <> NEW.stage OR OLD.kind <> NEW.kind OR OLD.priority <> NEW.priority
BEGIN
    UPDATE queue_stock
       SET ready = ready - (NEW.state = 'ready'),
           scheduled = scheduled - (NEW.state = 'scheduled' AND NEW.attempt = 0),
           retrying = retrying - (NEW.state = 'scheduled' AND NEW.attempt > 0), dead = dead - (NEW.state = 'dead')
     WHERE stage = OLD.stage AND kind = OLD.kind AND priority = OLD.priority;
    INSERT INTO queue_stock (stage, kind, priority, ready, scheduled, retrying, dead)
    VALUES (NEW.stage, NEW.kind, NEW.priority, NEW.state = 'ready', NEW.state = 'scheduled' AND NEW.attempt = 0,
            NEW.state = 'scheduled' AND NEW.attempt > 0, NEW.state = 'dead')
    ON CONFLICT (stage, kind, priority) DO UPDATE
       SET ready = ready + excluded.ready, scheduled = scheduled + excluded.scheduled,
           retrying = retrying + excluded.retrying, dead = dead + excluded.dead;
END;

CREATE TRIGGER queue_stock_deleted AFTER DELETE ON job
  WHEN OLD.state = 'ready' OR OLD.state = 'scheduled' OR OLD.state = 'dead'
BEGIN
    UPDATE queue_stock
       SET ready = ready - (OLD.state = 'ready'),
           scheduled = scheduled - (OLD.state = 'scheduled' AND OLD.attempt = 0),
           retrying = retrying - (OLD.state = 'scheduled' AND OLD.attempt > 0), dead = dead - (OLD.state = 'dead')
     WHERE stage = OLD.stage AND kind = OLD.kind AND priority = OLD.priority;
END;
