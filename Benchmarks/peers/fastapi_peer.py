"""The same lists of models from the same data, as one would write them with FastAPI on SQLite.

    fastapi_peer.py prepare --db OURS --into THEIRS     copies the newest publication into one wide table with indexes
    fastapi_peer.py serve --into THEIRS                 serves it on a free port and prints `port N`
    fastapi_peer.py settings --into THEIRS              the pragmas of a connection, read back

A wide table with an index for each sort and each filter is what makes such a service fast; nothing is joined when it
is asked. Each worker thread has a connection of its own.
"""

import argparse
import json
import socket
import sqlite3
import threading

COLUMNS = """id, provider, rank, adoption, ecosystem, velocity, total, downloads, likes, trending, created, modified,
    gated, library, pipeline, license, license_name, license_class, parameters, root, relation, capabilities, delta24h,
    delta7d, likes24h, likes7d, rank_change, anomaly_state, anomaly_downloads, anomaly_velocity"""

COPY = f"""
CREATE TABLE model ({COLUMNS});
INSERT INTO model
SELECT name, card.provider, rank, adoption, ecosystem, velocity, total, downloads, likes, trending, card.created_at_ms,
       card.last_modified_ms, gated, library, pipeline, license, license_name, license_class, parameters, family_root,
       relation, capabilities, downloads_24h, downloads_7d, likes_24h, likes_7d, rank_change, anomaly_state,
       anomaly_downloads, anomaly_velocity
  FROM ours.standing
  JOIN ours.listing ON listing.key = standing.key
  JOIN ours.model AS known ON known.id = (standing.key & 4294967295)
  JOIN ours.model_card AS card ON card.feed_id = 1 AND card.model_id = known.id
 WHERE standing.key >> 32 = (SELECT snapshot_key FROM ours.publication ORDER BY serial DESC LIMIT 1);
"""

SORTS = {
    "score": "total", "downloads": "downloads", "likes": "likes", "trending": "trending", "delta24h": "delta24h",
    "delta7d": "delta7d", "rankChange": "rank_change", "updated": "modified", "created": "created", "name": "id",
    "parameters": "parameters",
}
EQUAL = {"provider": "provider", "license": "license", "library": "library", "pipeline": "pipeline", "gated": "gated"}
LEAST = {"minDownloads": "downloads", "minLikes": "likes"}


def connect(path):
    connection = sqlite3.connect(path, check_same_thread=False, uri=True)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA mmap_size = 17179869184")
    return connection


def prepare(options):
    connection = connect(options.into)
    connection.execute("ATTACH ? AS ours", [f"file:{options.db}?mode=ro"])
    connection.executescript(COPY)
    # The largest first, as the sorts that are asked for; equal ones by id, so that a page is read from the index alone.
    for column in sorted(set(SORTS.values()) - {"id"}):
        connection.execute(f"CREATE INDEX model_by_{column} ON model ({column} DESC, id)")
    connection.execute("CREATE UNIQUE INDEX model_by_id ON model (id)")
    for column in EQUAL.values():
        connection.execute(f"CREATE INDEX model_of_{column} ON model ({column} COLLATE NOCASE)")
    connection.execute("ANALYZE main")
    connection.commit()
    count = connection.execute("SELECT count(*) FROM model").fetchone()[0]
    print(json.dumps({"models": count}))


def conditions(parameters):
    """The filter as SQL with its values. Only names from the tables above get into the text."""
    parts, values = [], []
    for name in dict.fromkeys(parameters.keys()):
        given = parameters.getlist(name)
        if name in EQUAL:
            parts.append(f"{EQUAL[name]} COLLATE NOCASE IN ({', '.join('?' * len(given))})")
            values += given
        elif name in LEAST:
            parts.append(f"{LEAST[name]} >= ?")
            values.append(int(given[0]))
        elif name == "q":
            for word in given[0].split():
                parts.append("id LIKE ?")
                values.append(f"%{word}%")
        elif name == "capability":
            for capability in given:
                parts.append("instr(char(10) || capabilities, ?) > 0")
                values.append(f"\n{capability} ")
        elif name not in ("sort", "limit"):
            raise ValueError(name)
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def body(row):
    """The members that our answer has, as far as a reader of this table can know them."""
    name = row["id"].split("/")[-1]
    return {
        "id": row["id"], "slug": name.lower(), "name": name, "provider": row["provider"], "status": "ready",
        "rank": row["rank"],
        "metrics": {
            "downloads": row["downloads"], "likes": row["likes"], "trendingScore": row["trending"],
            "lastModified": row["modified"], "createdAt": row["created"],
        },
        "delta": {
            "downloads24h": row["delta24h"], "downloads7d": row["delta7d"], "likes24h": row["likes24h"],
            "likes7d": row["likes7d"], "rankChange": row["rank_change"],
        },
        "scores": {key: row[key] for key in ("adoption", "ecosystem", "velocity", "total")},
        "anomaly": {
            "state": row["anomaly_state"], "downloads": row["anomaly_downloads"], "velocity": row["anomaly_velocity"],
        },
        "capabilities": [line.split(" ")[0] for line in row["capabilities"].splitlines()],
        "family": {"root": row["root"] or row["id"], "relation": row["relation"]},
        "parameters": {"total": row["parameters"]},
        "license": {"id": row["license"], "name": row["license_name"], "class": row["license_class"]},
        "library": row["library"], "pipeline": row["pipeline"], "gated": row["gated"],
        "source": "https://huggingface.co/" + row["id"],
    }


def application(path):
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

    app = FastAPI()
    own = threading.local()

    @app.get("/api/v4/models")
    def models(request: Request):
        if not hasattr(own, "connection"):
            own.connection = connect(path)
        parameters = request.query_params
        where, values = conditions(parameters)
        sort = parameters.get("sort", "-score")
        column, direction = SORTS[sort.lstrip("-")], "DESC" if sort.startswith("-") else "ASC"
        limit = int(parameters.get("limit", 25))
        total = own.connection.execute("SELECT count(*) FROM model" + where, values).fetchone()[0]
        # Descending, SQLite has NULL last anyway.
        order = f"{column} {direction}" + (" NULLS LAST" if direction == "ASC" else "")
        rows = own.connection.execute(
            f"SELECT * FROM model{where} ORDER BY {order}, id LIMIT ?", [*values, limit]
        ).fetchall()
        return JSONResponse({"models": [body(row) for row in rows], "page": {"limit": limit, "total": total}})

    return app


def serve(options):
    import uvicorn

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    print("port", listener.getsockname()[1], flush=True)
    # No connection is closed because the machine was slow for a moment.
    config = uvicorn.Config(
        application(options.into), log_level="error", access_log=False, timeout_keep_alive=600)
    uvicorn.Server(config).run(sockets=[listener])


def settings(options):
    connection = connect(options.into)
    names = ["journal_mode", "synchronous", "cache_size", "mmap_size", "page_size"]
    answer = {name: str(connection.execute("PRAGMA " + name).fetchone()[0]) for name in names}
    answer["sqlite_version()"] = sqlite3.sqlite_version
    print(json.dumps(answer))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["prepare", "serve", "settings"])
    parser.add_argument("--db")
    parser.add_argument("--into", required=True)
    options = parser.parse_args()
    {"prepare": prepare, "serve": serve, "settings": settings}[options.role](options)


if __name__ == "__main__":
    main()
