"""What every peer does in a measurement: the same roles, the same answers as QueueBench."""

import argparse
import json
import os
import sys
import time


def microseconds():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000


def payload(number, length):
    """As long as the payload of QueueBench, and different for each job, so that a job given out twice is found."""
    head = '{"number":"%d-%d","text":"' % (os.getpid(), number)
    return head + "x" * max(0, length - len(head) - 2) + '"}'


def await_start():
    print("ready", flush=True)
    sys.stdin.readline()


def pragmas(connection):
    names = ["journal_mode", "synchronous", "wal_autocheckpoint", "cache_size", "page_size", "temp_store"]
    answer = {name: str(connection.execute("PRAGMA " + name).fetchone()[0]) for name in names}
    answer["sqlite_version()"] = connection.execute("SELECT sqlite_version()").fetchone()[0]
    return answer


def align(connection, sync):
    """The same level for everyone. It belongs to a connection, so each process sets it."""
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = " + sync.upper())


def enqueue(queue, options):
    texts = [payload(number, options.payload) for number in range(options.jobs)]
    await_start()
    started = microseconds()
    for text in texts:
        queue.put(text)
    return {"started": started, "ended": microseconds(), "jobs": len(texts)}


def drain(queue, options):
    await_start()
    taken = []
    started = microseconds()
    while (text := queue.take()) is not None:
        taken.append(text)
    return {
        "started": started, "ended": microseconds(), "jobs": len(taken),
        "taken": [json.loads(text)["number"] for text in taken],
    }


def play(open_queue):
    """`open_queue(path, sync)` gives an object with `put`, `take` (which also acknowledges) and `connection`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["enqueue", "drain", "settings"])
    parser.add_argument("--db", required=True)
    parser.add_argument("--sync", choices=["full", "normal"], default="full")
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--payload", type=int, default=100)
    options = parser.parse_args()
    queue = open_queue(options.db, options.sync)
    if options.role == "settings":
        answer = pragmas(queue.connection)
    else:
        answer = {"enqueue": enqueue, "drain": drain}[options.role](queue, options)
    print(json.dumps(answer), flush=True)
