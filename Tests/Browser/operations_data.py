"""What the operations page is tested with, written straight into the database."""

import os
import sqlite3
import time

ERRORS = [
    ("fetch", "fetch-page", "upstream_429", "429 from the Hub, Retry-After 1080 s"),
    ("notify", "deliver-webhook", "tls", "hooks.example.net: certificate expired on 18 November 2026"),
    ("normalize", "normalize-refresh", "contract", "page 3, row 17, /downloads: expected a number, got \"n/a\""),
]


def connect():
    """One process checkpoints this database; this is not it."""
    database = sqlite3.connect(os.environ["HELICARRIER_DB_PATH"], timeout=10, isolation_level=None)
    database.execute("PRAGMA wal_autocheckpoint = 0")
    return database


def add_dead_jobs(database, count, error=0):
    """The newest failed a minute ago; each was tried first an hour before its end."""
    stage, kind, error_class, message = ERRORS[error]
    now = int(time.time() * 1000)
    added = []
    for number in range(count):
        ended = now - (number + 1) * 60_000
        row = database.execute(
            "INSERT INTO job (kind, stage, payload, state, claim_order, attempt, max_attempts, run_at_ms,"
            " created_at_ms, started_at_ms, finished_at_ms, error_class, error_message)"
            " VALUES (?, ?, '{}', 'dead', ?, 8, 8, ?, ?, ?, ?, ?, ?) RETURNING id",
            (kind, stage, ended, ended, ended, ended, ended, error_class, message)).fetchone()
        database.execute(
            "INSERT INTO job_attempt (job_id, attempt, ended_at_ms, outcome, error_class, message)"
            " VALUES (?, 1, ?, 'retried', ?, ?)", (row[0], ended - 3_600_000, error_class, message))
        added.append(row[0])
    return added


def remove_dead_jobs(database):
    database.execute("DELETE FROM job WHERE state = 'dead'")


def add_backlog(database):
    """A stage that is paused and far behind: the longest texts that its row gets."""
    database.execute("BEGIN IMMEDIATE")
    database.execute(
        "INSERT INTO pause (target, stage, reason, paused_by, since_ms)"
        " VALUES ('normalize', 'normalize', 'a long deploy', 'page:ada', 1)")
    for number in range(3184):
        due = int(time.time() * 1000) - 1_122_000 + number
        database.execute(
            "INSERT INTO job (kind, stage, payload, state, claim_order, max_attempts, run_at_ms, created_at_ms)"
            " VALUES ('normalize-refresh', 'normalize', '{}', 'ready', ?, 3, ?, ?)", (due, due, due))
    database.execute("COMMIT")


def remove_backlog(database):
    database.execute("BEGIN IMMEDIATE")
    database.execute("DELETE FROM job WHERE state = 'ready'")
    database.execute("DELETE FROM pause")
    database.execute("COMMIT")


def add_deliveries(database):
    """One that arrived, one that is tried again, one that was given up."""
    now = int(time.time() * 1000)
    database.execute(
        "INSERT OR IGNORE INTO subscription (id, url, types, state, created_at_ms, updated_at_ms)"
        " VALUES ('sub_ops', 'https://hooks.example.net/in/secret?key=1', 'model.*', 'active', ?, ?)", (now, now))
    cases = [("succeeded", 204, None, None), ("pending", None, "timeout", now + 180_000), ("failed", 500, None, None)]
    for number, (state, status, error, following) in enumerate(cases):
        created = now - number * 30_000
        database.execute(
            "INSERT INTO event (id, type, origin_key, occurred_at_ms, body)"
            " VALUES (?, 'snapshot.created', ?, ?, x'7b7d')",
            (f"evt_ops{number}", f"ops:{number}", created))
        database.execute(
            "INSERT INTO delivery (id, event_id, subscription_id, state, attempts, created_at_ms, ended_at_ms,"
            " next_attempt_at_ms) VALUES (?, ?, 'sub_ops', ?, ?, ?, ?, ?)",
            (f"dlv_ops{number}", f"evt_ops{number}", state, number + 1, created,
             None if state == "pending" else created + 100, following))
        database.execute(
            "INSERT INTO delivery_attempt (delivery_id, number, url, request_headers, body_sha256, key_ids,"
            " started_at_ms, total_ms, status, error_class, error_message, worker)"
            " VALUES (?, ?, 'https://hooks.example.net/in', '', zeroblob(32), '', ?, ?, ?, ?, ?, 'w')",
            (f"dlv_ops{number}", number + 1, created, 84 + number * 900, status, error, error))


def count(database, stage, kind, what, minute, amount, bound=0):
    if amount:
        database.execute(
            "INSERT INTO queue_count VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + ?",
            (stage, kind, what, minute, bound, amount, amount))


def count_done(database, stage, kind, amount):
    count(database, stage, kind, "done", int(time.time()) // 60 * 60_000, amount)


def tell_quota(database, remaining=388):
    now = int(time.time() * 1000)
    database.execute(
        "INSERT OR REPLACE INTO upstream_quota (id, remaining, quota, resets_at_ms, seen_at_ms)"
        " VALUES (1, ?, 1000, ?, ?)", (remaining, now + 220_000, now))


def sample_backlog(database, minutes, waiting):
    minute = (int(time.time()) // 60 - minutes) * 60_000
    for stage in ("fetch", "normalize", "score", "notify"):
        database.execute("INSERT OR REPLACE INTO queue_sample VALUES (?, ?, ?)", (stage, minute, waiting))


def add_flow(database):
    """A week of finished jobs, with a dip, as fine as the service keeps it, and what the upstream said of its limit."""
    minute = int(time.time()) // 60 * 60_000
    hour = minute // 3_600_000 * 3_600_000
    for stage, kind, each in (("fetch", "fetch-page", 212), ("normalize", "normalize-refresh", 68),
                              ("score", "score-snapshot", 20), ("notify", "deliver-webhook", 26)):
        for back in range(120):
            done = each + (back * 7919 + each) % 23 - (each // 2 if 8 < back < 18 else 0)
            at = minute - back * 60_000
            count(database, stage, kind, "done", at, done)
            count(database, stage, kind, "run", at, done, 320)
            count(database, stage, kind, "run", at, done // 12, 1280)
            count(database, stage, kind, "retried", at, 1 if back % 20 == 0 else 0)
        for back in range(3, 200):
            done = each * 40 + (back * 7919) % (each * 12)
            at = hour - back * 3_600_000
            for part in range(6 if back < 48 else 1):
                count(database, stage, kind, "done", at + part * 600_000, done // (6 if back < 48 else 1))
            count(database, stage, kind, "run", at, done, 384)
            count(database, stage, kind, "retried", at, 3)
    tell_quota(database)
