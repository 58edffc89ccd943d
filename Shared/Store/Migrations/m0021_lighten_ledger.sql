-- Taking a session writes less, and no list looks at more sessions than it shows.

-- A session that was taken under its own key (its id and how it stood) says so itself: its fingerprint and the moment
-- stand here, and a row of `ingest_key` would say the same again. 0: its key stands there.
ALTER TABLE session_ledger ADD COLUMN own_key INTEGER NOT NULL DEFAULT 0;

-- How many sessions of an agent, a model or a status there are on which day stands in `daily_usage_agg`, and which
-- these are under `session_usage_bucket`. What is left is the order of time and those of the sorts, each with what
-- filters need, so that a walk looks at the index alone.
DROP INDEX session_by_agent;
DROP INDEX session_by_status;
DROP INDEX session_by_model;
DROP INDEX session_newest;
DROP INDEX session_by_runtime;
DROP INDEX session_by_cost;
CREATE INDEX session_newest ON session_ledger (started_at_ms DESC, session_id, agent_id, status, model_id);
CREATE INDEX session_by_runtime
    ON session_ledger (runtime_ms DESC, started_at_ms DESC, session_id, agent_id, status, model_id);
CREATE INDEX session_by_cost
    ON session_ledger (cost_nanousd DESC, started_at_ms DESC, session_id, agent_id, status, model_id);
