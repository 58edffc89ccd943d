-- Lists and percentiles of an agent or a model look at the index alone: it has of each session what they are made of.

DROP INDEX session_usage_bucket;
CREATE INDEX session_usage_bucket
    ON session_usage (bucket_id, status, started_at_ms, runtime_ms, cost_nanousd, superseded_at_ms)
 WHERE superseded_at_ms IS NULL;

-- Sessions that are under way and say how long they took: hardly any, so hardly anything is written for it. The others
-- under way end the list by runtime, and are found there without a walk past all that have ended.
CREATE INDEX session_open_timed
    ON session_ledger (runtime_ms DESC, started_at_ms DESC, session_id, agent_id, status, model_id)
 WHERE runtime_ms IS NOT NULL AND status IN ('running', 'queued');
