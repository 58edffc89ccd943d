-- Sessions of an agent, a status or a model are counted by two filters and more without looking at the sessions
-- themselves: of a million, one agent's failures took half a second.
DROP INDEX session_by_agent;
DROP INDEX session_by_status;
DROP INDEX session_by_model;
CREATE INDEX session_by_agent ON session_ledger (agent_id, started_at_ms DESC, session_id, status, model_id);
CREATE INDEX session_by_status ON session_ledger (status, started_at_ms DESC, session_id, agent_id, model_id);
CREATE INDEX session_by_model ON session_ledger (model_id, started_at_ms DESC, session_id, agent_id, status);

-- What is taken is counted by each process for itself, as all its requests are: a replay writes nothing.
DROP TABLE ingest_count;
