-- What lists ask of a session, in the order of their numbers and without their texts: a search looks here at each
-- session in whose text its words occur, and at no other. New sessions come at its end, so taking one writes less than
-- the two indices took that it replaces.
DROP INDEX session_by_model;
DROP INDEX session_unsuccessful;
CREATE INDEX session_brief
    ON session_ledger (id, started_at_ms, status, agent_id, model_id, runtime_ms, cost_nanousd);
