"""Measures what the server takes for a page at several sizes of a feed, and writes the figures down as JSON.

    pages_benchmark.py --bin FOLDER --into FILE [--quick] [--sizes N,N,…]

One reader asks for one page after the other, so each figure is the server's time and the client's part of it. Every
address is new: nothing but the index is warm. `report.py` makes the tables.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import machine
from processes import Failed, ask
from tracker_benchmark import targets
from tracker_processes import Daemon, Reader

SIZES = [1_000, 100_000]
# A week and a day: both deltas have their baseline. Pages read the newest snapshot from the index, and from the
# database only the trends of the rows that they show.
DAYS = 9


class Bench:
    def __init__(self, folder, into, quick):
        self.folder = Path(folder)
        self.program = str(self.folder / "TrackerBench")
        self.scratch = into.parent / "pages-scratch"
        self.quick = quick
        self.records = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def role(self, name, *options):
        return ask([self.program, name, *[str(option) for option in options]])

    def measure(self, size):
        path = self.scratch / f"{size}" / "helicarrier.sqlite"
        path.parent.mkdir()
        self.role("fill", "--db", path, "--models", size, "--days", DAYS)
        with Daemon(self.folder, "scorer", path) as scorer:
            scorer.wait_for("publish-feed")
        with Daemon(self.folder, "api", path) as api:
            api.wait_for_address()
            for name, wanted in self.pages(api.port, size):
                # The first page of a kind may make what the index makes once: orders, counts of the menus.
                self.ask(api, wanted[:3])
                took = self.ask(api, wanted[3:])
                record = {"measure": "page", "models": size, "name": name, "took": took, "load": os.getloadavg()[0]}
                self.records.append(record)
                print(size, name, sorted(took)[len(took) // 2], "µs", flush=True)
        shutil.rmtree(path.parent)

    def ask(self, api, wanted):
        file = self.scratch / "targets"
        file.write_text("\n".join(wanted) + "\n")
        answer = self.role(
            "ask", "--port", api.port, "--file", file, "--connections", 1, "--requests", len(wanted), "--seconds", 0)
        if answer["refused"]:
            raise Failed(f"{answer['refused']} answers were not 200")
        return answer["took"]

    def pages(self, port, size):
        """Kinds of pages, each with addresses that nobody has asked for."""
        count = 23 if self.quick else 203
        draw = random.Random(7)
        last = max(2, size // 25)
        listed = [target.split("?", 1)[1].rsplit("&limit", 1)[0] for target in targets(4 * count, 5, [25])]
        filtered = [f"/?{query}" for query in listed if query.count("=") > 1][:count]
        found, cursor = [], ""
        while len(found) < 2 * count:
            body = json.loads(self.get(port, f"/api/v4/models?limit=100&sort=-downloads{cursor}"))
            found += [model["id"] for model in body["models"]]
            if not body["page"]["nextCursor"]:
                break
            cursor = f"&cursor={body['page']['nextCursor']}"
        models = draw.sample(found, min(count, len(found) // 2))
        return [
            ("leaderboard, a page of it", [f"/?page={draw.randrange(2, last)}&density=compact" for _ in range(count)]),
            ("leaderboard, filtered and sorted", filtered),
            ("one model", [f"/models/{name}" for name in models]),
            ("comparison of four", [
                "/compare?" + "&".join(f"model={name.replace('/', '%2F')}" for name in draw.sample(found, 4))
                for _ in range(count)]),
            ("families, a page of them", [f"/families?page={number}" for number in range(1, min(count, last) + 1)]),
            ("anomalies", [f"/anomalies?rule={rule}&page={number}" for number in range(1, count // 2)
                           for rule in ["downloads", "velocity"]]),
        ]

    @staticmethod
    def get(port, target):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("GET", target)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise Failed(f"{target} is answered {answer.status}")
        return body


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--into", required=True, type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")])
    options = parser.parse_args()
    began = time.time()
    load = [os.getloadavg()[0]]
    bench = Bench(options.bin, options.into, options.quick)
    try:
        for size in options.sizes or ([1_000] if options.quick else SIZES):
            bench.measure(size)
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"pages benchmark: {error}")
    finally:
        shutil.rmtree(bench.scratch, ignore_errors=True)
    load.append(os.getloadavg()[0])
    options.into.write_text(json.dumps({
        "benchmark": "pages", "quick": options.quick, "began": began, "seconds": time.time() - began, "load": load,
        "machine": machine.facts(), "peers": {}, "days": DAYS, "records": bench.records,
    }, indent=1) + "\n")


if __name__ == "__main__":
    main()
