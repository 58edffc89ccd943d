"""Measures the session ledger, and a plain FastAPI service on SQLite beside it, and writes the figures down as JSON.

    ledger_benchmark.py --bin FOLDER --into FILE [--quick] [--sessions N]

Databases are on the file system of FILE. `report.py` makes the tables.
"""

import argparse
import importlib.metadata
import json
import os
import random
import shutil
import sys
import time
from pathlib import Path

import machine
from processes import Failed, ask
from tracker_processes import Daemon, Reader

HERE = Path(__file__).resolve().parent
PEERS = ["fastapi", "uvicorn", "uvloop", "httptools"]
DAYS = 90
WORDS = ["amber", "cedar", "delta", "ember", "fjord", "kelp", "lumen", "onyx", "quartz", "zephyr"]
MODELS = ["gpt-5", "gpt-4o", "claude-sonnet-4-5", "gemini-2.5-pro"]
SECRET = "secret"


def spans(draw):
    """Both inclusive: a week, a month, or all."""
    length = draw.choice([7, 30, 90])
    first = draw.randrange(0, DAYS - length + 1)
    begin = time.gmtime(1_788_220_800 + first * 86_400)
    end = time.gmtime(1_788_220_800 + (first + length - 1) * 86_400)
    return "from=%s&to=%s" % (time.strftime("%Y-%m-%d", begin), time.strftime("%Y-%m-%d", end))


def questions(seed, count):
    """What dashboards ask for, by kind."""
    draw = random.Random(seed)

    def agent():
        return "agent=agent-%d" % draw.randrange(25)

    def model():
        return "model=" + draw.choice(MODELS)

    def word():
        return "%s%d" % (draw.choice(WORDS), draw.randrange(50))

    def some(*parts):
        return [part() for part in draw.sample(parts, draw.randrange(0, len(parts) + 1))]

    def listed():
        return some(agent, model, lambda: "status=" + draw.choice(["failed", "running", "success"]))

    made = {
        "list": lambda: "/api/v3/ledger?" + "&".join(listed() + ["page=%d" % draw.randrange(1, 6)]),
        "list, a span": lambda: "/api/v3/ledger?" + "&".join(listed() + [spans(draw)]),
        "list by cost or runtime": lambda: "/api/v3/ledger?" + "&".join(
            listed() + ["sort=" + draw.choice(["cost", "runtime"])]),
        "search": lambda: "/api/v3/ledger?" + "&".join(
            listed() + some(lambda: spans(draw)) + ["q=" + "+".join(word() for _ in range(draw.randrange(1, 4)))]),
        "usage": lambda: "/api/v3/analytics/usage?" + "&".join(some(agent, model) + [spans(draw)]),
        "performance": lambda: "/api/v3/analytics/performance?" + "&".join(some(agent) + [spans(draw)]),
    }
    return {kind: list(dict.fromkeys(make() for _ in range(count))) for kind, make in made.items()}


class Bench:
    def __init__(self, folder, into, sessions, quick):
        self.folder = Path(folder)
        self.program = str(self.folder / "LedgerBench")
        self.scratch = into.parent / "ledger-scratch"
        self.sessions = sessions
        self.quick = quick
        self.records = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def record(self, measure, **facts):
        self.records.append({"measure": measure, "load": os.getloadavg()[0], **facts})
        said = {name: value for name, value in facts.items() if isinstance(value, (str, int, float))}
        print(measure, said, flush=True)

    def role(self, name, **more):
        options = [text for key, value in more.items() for text in ("--" + key, str(value))]
        answer = ask([self.program, name, *options])
        if answer.get("refused"):
            raise Failed(f"{answer['refused']} answers were not 200")
        return answer

    def fresh(self, name):
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.sync()
        return folder / "helicarrier.sqlite"

    def peer(self, role, path, *more):
        return [sys.executable, str(HERE / "peers" / "ledger_peer.py"), role, "--into", str(path), *more]

    # Taking sessions

    def sending(self, who, port):
        """Sessions are told as they end; last come those of 90 days, in no order, as one that catches up sends them."""
        first = 0
        for connections, events, requests, days in [
                (1, 0, 3_000, 0), (16, 0, 40_000, 0), (1, 5, 3_000, 0), (16, 5, 20_000, 0), (16, 0, 20_000, DAYS)]:
            requests = requests if who == "ours" else requests // 4
            self.send(who, port, connections, events, requests, first, days=days, before=0)
            first += requests

    def send(self, who, port, connections, events, requests, first, days, before):
        """Each connection waits for its answer, which comes after the commit, before it sends the next."""
        answer = self.role(
            "send", port=port, secret=SECRET, connections=connections, events=events,
            requests=200 if self.quick else requests, first=first, days=days, seconds=60)
        self.record(
            "send", who=who, connections=connections, events=events, days=days, before=before, took=answer["took"],
            rate=answer["requests"] / answer["elapsed"] * 1e6)

    def ingest(self):
        path = self.fresh("ingest")
        os.environ["HELICARRIER_SECRET"] = SECRET
        with Daemon(self.folder, "api", path) as api:
            api.wait_for_address("/readyz")
            with Daemon(self.folder, "scorer", path):
                self.sending("ours", api.port)
            self.record("cpu", who="ours", seconds=api.seconds_of_cpu(), peak=api.peak())
        theirs = path.parent / "peer.sqlite"
        ask(self.peer("prepare", theirs))
        with Daemon.program(self.peer("serve", theirs)) as service:
            service.wait_for_port()
            self.sending("fastapi", service.port)
        shutil.rmtree(path.parent)

    # Answering

    def asking(self, who, port, seconds):
        for kind, targets in questions(1, 40 if self.quick else 400).items():
            file = self.scratch / "targets"
            file.write_text("\n".join(targets) + "\n")
            answer = self.role(
                "ask", port=port, secret=SECRET, file=file, connections=1, requests=len(targets), seconds=seconds)
            self.record(
                "ask", who=who, kind=kind, took=answer["took"], bytes=answer["bytes"] / max(1, answer["requests"]))

    def million(self):
        path = self.fresh("million")
        filled = self.role("fill", db=path, sessions=self.sessions, days=DAYS, events=0)
        self.record("fill", sessions=self.sessions, bytes=path.stat().st_size, **{
            name: filled[name] / 1e6 for name in ("recording", "summing")})
        with Daemon(self.folder, "api", path) as api:
            api.wait_for_address("/readyz")
            self.asking("ours", api.port, 120)
            self.record("memory", who="ours", peak=api.peak())
            with Daemon(self.folder, "scorer", path):
                self.send("ours", api.port, 16, 0, 20_000, self.sessions, days=0, before=self.sessions)
        theirs = path.parent / "peer.sqlite"
        ask(self.peer("prepare", theirs, "--db", str(path)))
        with Daemon.program(self.peer("serve", theirs)) as service:
            service.wait_for_port()
            self.asking("fastapi", service.port, 30)
            first = self.sessions + 20_000  # Its copy has those that were sent above.
            self.send("fastapi", service.port, 16, 0, 5_000, first, days=0, before=self.sessions)
        shutil.rmtree(path.parent)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin", required=True)
    arguments.add_argument("--into", required=True)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--sessions", type=int, default=1_000_000)
    options = arguments.parse_args()
    into = Path(options.into).resolve()
    sessions = 5_000 if options.quick else options.sessions
    bench = Bench(options.bin, into, sessions, options.quick)
    result = {
        "began": time.time(), "quick": options.quick, "machine": machine.facts(), "load": [os.getloadavg()[0]],
        "peers": {name: importlib.metadata.version(name) for name in PEERS}, "sessions": sessions, "days": DAYS,
    }
    bench.ingest()
    bench.million()
    shutil.rmtree(bench.scratch)
    result["records"] = bench.records
    result["seconds"] = time.time() - result["began"]
    result["load"].append(os.getloadavg()[0])
    into.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
