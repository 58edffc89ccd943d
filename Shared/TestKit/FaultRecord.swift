package import SQLite

extension Connection {
    /// Makes a queue remember what must happen once: effects, ends, and the firings of periodic jobs.
    package func keepFaultRecord() throws(SQLiteError) {
        try runScript(
            """
            CREATE TABLE effect (job INTEGER NOT NULL, attempt INTEGER NOT NULL, worker TEXT NOT NULL, ballast BLOB);
            CREATE TABLE finish (job INTEGER NOT NULL);
            CREATE TRIGGER finish_seen AFTER UPDATE OF state ON job WHEN NEW.state = 'done'
                BEGIN INSERT INTO finish (job) VALUES (NEW.id); END;
            CREATE TABLE firing (tick INTEGER NOT NULL);
            CREATE TRIGGER firing_seen AFTER UPDATE OF last_at_ms ON periodic
                BEGIN INSERT INTO firing (tick) VALUES (NEW.next_at_ms); END;
            """)
    }
}
