-- Words that are looked for among an agent's, a model's or the unsuccessful sessions: the text index says in which
-- sessions the words occur, and these say which of them are meant, so that the others are not looked at. Of a million
-- sessions, a common word beside an agent took 60 ms.
CREATE INDEX session_by_model ON session_ledger (model_id, agent_id);
-- Most sessions end well; nothing is written for them.
CREATE INDEX session_unsuccessful ON session_ledger (status) WHERE status <> 'success';

-- The words of a session's error are those of its code, too.
DROP TRIGGER session_text_insert;
DROP TRIGGER session_text_delete;
DROP TRIGGER session_text_update;
DROP TABLE session_text;

CREATE VIRTUAL TABLE session_text USING fts5 (
    task_title, task_text, error_message, error_code,
    content = 'session_ledger', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER session_text_insert AFTER INSERT ON session_ledger
BEGIN
    INSERT INTO session_text (rowid, task_title, task_text, error_message, error_code)
    VALUES (new.id, new.task_title, new.task_text, new.error_message, new.error_code);
END;

CREATE TRIGGER session_text_delete AFTER DELETE ON session_ledger
BEGIN
    INSERT INTO session_text (session_text, rowid, task_title, task_text, error_message, error_code)
    VALUES ('delete', old.id, old.task_title, old.task_text, old.error_message, old.error_code);
END;

CREATE TRIGGER session_text_update
AFTER UPDATE OF id, task_title, task_text, error_message, error_code ON session_ledger
WHEN old.id <> new.id OR old.task_title IS NOT new.task_title OR old.task_text IS NOT new.task_text
     OR old.error_message IS NOT new.error_message OR old.error_code IS NOT new.error_code
BEGIN
    INSERT INTO session_text (session_text, rowid, task_title, task_text, error_message, error_code)
    VALUES ('delete', old.id, old.task_title, old.task_text, old.error_message, old.error_code);
    INSERT INTO session_text (rowid, task_title, task_text, error_message, error_code)
    VALUES (new.id, new.task_title, new.task_text, new.error_message, new.error_code);
END;

INSERT INTO session_text (session_text) VALUES ('rebuild');
