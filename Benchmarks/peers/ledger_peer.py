"""The same ledger as one would write it plainly with FastAPI on SQLite.

    ledger_peer.py prepare --db OURS --into THEIRS     copies our sessions, events and usage into its tables
    ledger_peer.py serve --into THEIRS                 serves them on a free port and prints `port N`

It takes a session with one transaction and one commit (synchronous=FULL), as ours promises: checked for the fields that
have to be there, once under its id. It has three tables, the indexes that its lists need, and a full-text index; it
prices by a dictionary, has no versions, no revisions, no aggregates and no percentiles but the median.
"""

import argparse
import hashlib
import json
import socket
import sqlite3
import statistics
import threading
from datetime import datetime

SCHEMA = """
CREATE TABLE session (id INTEGER PRIMARY KEY, session_id TEXT UNIQUE, fingerprint TEXT, agent TEXT, model TEXT,
    provider TEXT, title TEXT, text TEXT, category TEXT, status TEXT, started INTEGER, ended INTEGER, runtime INTEGER,
    prompt INTEGER, completion INTEGER, cost REAL);
CREATE TABLE event (session_id TEXT, event_id TEXT, seq INTEGER, type TEXT, at INTEGER, payload TEXT,
    PRIMARY KEY (session_id, event_id));
CREATE INDEX session_started ON session (started DESC, session_id);
CREATE INDEX session_agent ON session (agent, started DESC);
CREATE INDEX session_model ON session (model, started DESC);
CREATE INDEX session_status ON session (status, started DESC);
CREATE INDEX session_cost ON session (cost DESC);
CREATE INDEX session_runtime ON session (runtime DESC);
CREATE VIRTUAL TABLE session_text USING fts5 (title, text, content='session', content_rowid='id');
CREATE TRIGGER session_added AFTER INSERT ON session BEGIN
    INSERT INTO session_text (rowid, title, text) VALUES (new.id, new.title, new.text);
END;
"""
COPY = """
INSERT INTO session
SELECT ledger.id, ledger.session_id, '', agent_id, model_id, ledger.provider, task_title, task_text, task_category,
       ledger.status, ledger.started_at_ms, ended_at_ms, ledger.runtime_ms, input_uncached, output_visible,
       ledger.cost_nanousd / 1e9
  FROM ours.session_ledger AS ledger
  JOIN ours.session_usage AS usage ON usage.session_key = ledger.id AND superseded_at_ms IS NULL;
INSERT INTO event SELECT session_id, event_id, seq, event_type, event_at_ms, payload FROM ours.session_events;
"""
PRICES = {"gpt-5": (1.25, 10), "gpt-5-mini": (0.25, 2), "gpt-4o": (2.5, 10), "claude-sonnet-4-5": (3, 15)}


def connect(path):
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def prepare(options):
    connection = connect(options.into)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(SCHEMA)
    if options.db:
        connection.execute("ATTACH ? AS ours", [f"file:{options.db}?mode=ro"])
        connection.executescript("BEGIN;" + COPY + "COMMIT; ANALYZE main;")
    print(json.dumps({"sessions": connection.execute("SELECT count(*) FROM session").fetchone()[0]}))


def milliseconds(text):
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def application(path):
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

    app = FastAPI()
    local = threading.local()
    lock = threading.Lock()

    def database():
        if not hasattr(local, "connection"):
            local.connection = connect(path)
        return local.connection

    def refused(request):
        if request.headers.get("x-secret-key") != "secret":
            return JSONResponse({"error": "Unauthorized"}, 401)

    @app.post("/api/v3/ingest/session")
    async def ingest(request: Request):
        body = json.loads(await request.body())
        if refusal := refused(request):
            return refusal
        session = body["payload"]["session"]
        wrong = [name for name in ("sessionId", "state", "agentId", "modelId", "startedAt") if not session.get(name)]
        if wrong:
            return JSONResponse({"error": wrong}, 400)
        fingerprint = hashlib.sha256(json.dumps(body["payload"], sort_keys=True).encode()).hexdigest()
        start = milliseconds(session["startedAt"])
        end = milliseconds(session["endedAt"]) if session.get("endedAt") else None
        prompt, completion = session.get("promptTokens"), session.get("completionTokens")
        cost = session.get("billedCostUsd")
        if cost is None and session["modelId"] in PRICES:
            into, out = PRICES[session["modelId"]]
            cost = (prompt * into + completion * out) / 1e6
        # One writer at a time is all that SQLite has; waiting here is cheaper than in its busy handler.
        with lock:
            db = database()
            db.execute("BEGIN IMMEDIATE")
            known = db.execute(
                "SELECT fingerprint FROM session WHERE session_id = ?", [session["sessionId"]]).fetchone()
            if not known:
                db.execute(
                    "INSERT INTO session VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [session["sessionId"], fingerprint, session["agentId"], session["modelId"],
                     session.get("provider"), session.get("title"), session.get("task"), session.get("taskCategory"),
                     session["state"], start, end, end and end - start, prompt, completion, cost])
                db.executemany(
                    "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?)",
                    [(session["sessionId"], event["eventId"], event["seq"], event["eventType"],
                      milliseconds(event["eventTs"]), json.dumps(event["payload"]))
                     for event in body["payload"].get("events", [])])
            db.execute("COMMIT")
        return {"ok": True}

    def filters(agent, model, status, start, end):
        parts, values = ["started BETWEEN ? AND ?"], [
            milliseconds(start + "T00:00:00+00:00") if start else 0,
            milliseconds(end + "T23:59:59.999+00:00") if end else 1 << 60]
        for name, value in (("agent", agent), ("model", model), ("status", status)):
            if value:
                parts.append(f"{name} = ?")
                values.append(value)
        return " AND ".join(parts), values

    from fastapi import Query

    @app.get("/api/v3/ledger")
    def ledger(request: Request, agent: str = "", model: str = "", status: str = "", q: str = "",
               sort: str = "newest", page: int = 1, pageSize: int = 20, to: str = "",
               since: str = Query("", alias="from")):
        if refusal := refused(request):
            return refusal
        where, values = filters(agent, model, status, since, to)
        if q:
            where += " AND id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?)"
            values.append(" ".join('"' + word.replace('"', '""') + '"' for word in q.split()))
        order = {"newest": "started DESC", "runtime": "runtime DESC", "cost": "cost DESC"}[sort]
        db = database()
        total = db.execute(f"SELECT count(*) FROM session WHERE {where}", values).fetchone()[0]
        rows = db.execute(
            f"SELECT * FROM session WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            values + [pageSize, (page - 1) * pageSize]).fetchall()
        return JSONResponse({"rows": [dict(row) for row in rows], "total": total})

    @app.get("/api/v3/analytics/usage")
    def usage(request: Request, agent: str = "", model: str = "", to: str = "", since: str = Query("", alias="from")):
        if refusal := refused(request):
            return refusal
        where, values = filters(agent, model, "", since, to)
        rows = database().execute(
            f"SELECT started / 86400000, count(*), sum(prompt + completion), sum(runtime), sum(cost) FROM session "
            f"WHERE {where} GROUP BY 1 ORDER BY 1", values).fetchall()
        return JSONResponse({"series": [list(row) for row in rows], "runs": sum(row[1] for row in rows)})

    @app.get("/api/v3/analytics/performance")
    def performance(request: Request, agent: str = "", to: str = "", since: str = Query("", alias="from")):
        if refusal := refused(request):
            return refusal
        where, values = filters(agent, "", "", since, to)
        models = {}
        for model, status, runtime, cost in database().execute(
                f"SELECT model, status, runtime, cost FROM session WHERE {where} AND status <> 'running'", values):
            models.setdefault(model, []).append((status, runtime, cost))
        return JSONResponse({"rows": [
            {"modelId": model, "runsTotal": len(runs), "failureCount": sum(run[0] == "failed" for run in runs),
             "medianRuntimeMs": statistics.median(run[1] for run in runs)} for model, runs in models.items()]})

    return app


def serve(options):
    import uvicorn

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    print(f"port {listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(application(options.into), log_level="critical", loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listening])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("role", choices=["prepare", "serve"])
    arguments.add_argument("--db")
    arguments.add_argument("--into", required=True)
    options = arguments.parse_args()
    {"prepare": prepare, "serve": serve}[options.role](options)


if __name__ == "__main__":
    main()
