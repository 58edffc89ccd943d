"""Measures a walk over a whole Hub through all stages, and writes the figures down as JSON.

    sweep_benchmark.py --bin FOLDER --into FILE [--quick] [--sizes N,N,…]

A made-up Hub on this machine answers page after page; fetcher, normalizer, scorer and api do what they do in a
deployment, at the pace of the slowest: the walk is set to take a minute. What the walk has brought is counted in the
end, in the database and in the api's export. `report.py` makes the tables.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import machine
from processes import Failed
from tracker_processes import Daemon, Reader, tables

SIZES = [100_000]
STAGES = ["fetcher", "normalizer", "scorer"]
HUB = Path(__file__).resolve().parent / "peers" / "hub_peer.py"


class Bench:
    def __init__(self, folder, into):
        self.folder = folder
        self.scratch = into.parent / "sweep-scratch"
        self.records = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def measure(self, size):
        hub = subprocess.Popen(
            [sys.executable, str(HUB), str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = int(hub.stdout.readline())
            path = self.scratch / f"{size}" / "helicarrier.sqlite"
            path.parent.mkdir()
            record = self.walk(size, path, port)
            hub.stdin.close()
            record["calls"] = int(hub.stdout.readline())
        finally:
            hub.kill()
            hub.wait()
        self.records.append(record)
        print(json.dumps(record), flush=True)
        shutil.rmtree(path.parent)

    def walk(self, size, path, port):
        settings = {
            "HELICARRIER_HUB_URL": f"http://127.0.0.1:{port}", "HELICARRIER_SWEEP": "1m", "HELICARRIER_REFRESH": "off",
            "HELICARRIER_HUB_BUDGET": "1000000/1d",
        }
        subprocess.run(
            [f"{self.folder}/helicarrier", "migrate"], check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "HELICARRIER_DB_PATH": str(path)})
        began = time.monotonic()
        running = [Daemon(self.folder, name, path, settings) for name in STAGES]
        try:
            ends = {}
            for state, ended in [("fetched", self.is_fetched), ("stored", self.is_stored), ("shown", self.is_shown)]:
                self.wait(path, running, ended)
                ends[state] = time.monotonic() - began
            processes = {
                name: {"cpu": daemon.seconds_of_cpu(), "peak": daemon.peak()} for name, daemon in zip(STAGES, running)}
        finally:
            for daemon in running:
                daemon.__exit__()
        return {
            "measure": "sweep", "models": size, "seconds": ends, "processes": processes, "tables": tables(path),
            "file": os.path.getsize(path), "load": os.getloadavg()[0], **self.count(path),
        }

    @staticmethod
    def wait(path, running, ended, limit=7_200):
        until = time.monotonic() + limit
        while time.monotonic() < until:
            for daemon in running:
                daemon.still_runs()
            try:
                reader = Reader(path)
                dead = reader.connection.execute(
                    "SELECT kind, error_message FROM job WHERE state = 'dead' LIMIT 1").fetchone()
                if dead:
                    raise Failed(f"a job of {dead[0]} is dead: {dead[1]}")
                if ended(reader.connection):
                    return
            except sqlite3.OperationalError:
                pass  # The schema is not there yet.
            time.sleep(0.2)
        raise Failed(f"{ended.__name__} did not come true within {limit} s")

    @staticmethod
    def is_fetched(db):
        return db.execute("SELECT 1 FROM refresh WHERE state IN ('fetched', 'normalized')").fetchone()

    @staticmethod
    def is_stored(db):
        return db.execute("SELECT 1 FROM refresh WHERE state = 'normalized'").fetchone()

    @staticmethod
    def is_shown(db):
        return db.execute("SELECT 1 FROM publication").fetchone()

    def count(self, path):
        """What the walk has brought, in the database and to readers."""
        reader = Reader(path).connection
        ready, rejected = reader.execute("SELECT ready_count, rejected_count FROM snapshot").fetchone()
        (listed,) = reader.execute("SELECT count(*) FROM listing").fetchone()
        with Daemon(self.folder, "api", path) as api:
            after = api.wait_for_address("/api/v4/models?feed=whole-hub&limit=1")
            export = api.read_all("/api/v4/export?feed=whole-hub&format=csv")
            return {
                "ready": ready, "rejected": rejected, "listed": listed, "exported": export["lines"] - 1,
                "api": {"seconds": after, "resident": api.resident(), "peak": api.peak()},
            }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--into", required=True, type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")])
    options = parser.parse_args()
    began = time.time()
    load = [os.getloadavg()[0]]
    bench = Bench(options.bin, options.into)
    try:
        for size in options.sizes or ([2_500] if options.quick else SIZES):
            bench.measure(size)
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"sweep benchmark: {error}")
    finally:
        shutil.rmtree(bench.scratch, ignore_errors=True)
    load.append(os.getloadavg()[0])
    options.into.write_text(json.dumps({
        "benchmark": "sweep", "quick": options.quick, "began": began, "seconds": time.time() - began, "load": load,
        "machine": machine.facts(), "peers": {}, "records": bench.records,
    }, indent=1) + "\n")


if __name__ == "__main__":
    main()
