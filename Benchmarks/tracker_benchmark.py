"""Measures the model tracker at several sizes, and a FastAPI service on SQLite beside it, and writes the figures down
as JSON.

    tracker_benchmark.py --bin FOLDER --into FILE [--quick] [--sizes N,N,…]

Every size has a fresh database on the file system of FILE. `report.py` makes the tables.
"""

import argparse
import importlib.metadata
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
from tracker_processes import Daemon, Reader, tables

HERE = Path(__file__).resolve().parent
PEERS = ["fastapi", "uvicorn", "uvloop", "httptools"]
SIZES = [1_000, 100_000]
DAYS = 30
CONNECTIONS = 64
# Normalizing holds a refresh in memory: sizes above this are normalized once, and this one is for the rate.
USUAL_LOAD = 100_000
# Days of so many models are packed once they are not the newest any more (PackHistory.least).
PACKED = 16_384
SORTS = ["-score", "-downloads", "-likes", "-trending", "-delta24h", "-delta7d", "-updated", "-created"]
WORDS = ["amber", "cedar", "delta", "ember", "fjord", "kelp", "lumen", "onyx", "quartz", "zephyr"]


def targets(count, seed, limits):
    """Addresses of first pages: half of them sorted only, half with one to three filters as well."""
    draw = random.Random(seed)
    filters = [
        lambda: "provider=team-%d" % draw.randrange(40),
        lambda: "license=" + draw.choice(["mit", "apache-2.0", "gpl-3.0", "cc-by-nc-4.0"]),
        lambda: "library=" + draw.choice(["transformers", "diffusers", "gguf", "peft", "mlx"]),
        lambda: "pipeline=" + draw.choice(["text-generation", "text-to-image", "fill-mask", "translation"]),
        lambda: "gated=" + draw.choice(["no", "auto", "manual"]),
        lambda: "capability=" + draw.choice(["chat", "tools"]),
        lambda: "minDownloads=%d" % draw.choice([100, 1_000, 50_000, 1_000_000]),
        lambda: "minLikes=%d" % draw.choice([10, 100, 1_000]),
        lambda: "q=" + draw.choice(WORDS),
    ]
    found = {}
    while len(found) < count:
        parts = [made() for made in draw.sample(filters, draw.randrange(1, 4))] if draw.random() < 0.8 else []
        parts += ["sort=" + draw.choice(SORTS), "limit=%d" % draw.choice(limits)]
        found["/api/v4/models?" + "&".join(parts)] = True
    return list(found)


class Bench:
    def __init__(self, folder, into, sizes, quick):
        self.folder = Path(folder)
        self.program = str(self.folder / "TrackerBench")
        self.scratch = into.parent / "tracker-scratch"
        self.sizes = sizes
        self.quick = quick
        self.records = []
        # Of the peer, from another run.
        self.known = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def record(self, measure, **facts):
        self.records.append({"measure": measure, "load": os.getloadavg()[0], **facts})
        said = {name: value for name, value in facts.items() if isinstance(value, (str, int, float))}
        print(measure, said, flush=True)
        # What was measured before something went wrong is not lost.
        (self.scratch.parent / "tracker.partial.json").write_text(json.dumps(self.records))

    @staticmethod
    def is_of_peer(record):
        return record["measure"] == "peer" or record.get("who") == "fastapi"

    def role(self, name, path=None, **more):
        options = [text for key, value in more.items() for text in ("--" + key, str(value))]
        place = ["--db", str(path)] if path else []
        return ask([self.program, name, *place, *options])

    def fresh(self, name):
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.sync()
        return folder / "helicarrier.sqlite"

    # The pipeline

    def normalize(self, size):
        """From raw pages, as the fetcher stores them, to a snapshot of canonical listings."""
        path = self.fresh("load")
        made = self.role("pages", path, models=size)
        with Daemon(self.folder, "normalizer", path) as normalizer:
            normalizer.wait_for("normalize-refresh")
            peak, cpu = normalizer.peak(), normalizer.seconds_of_cpu()
        # A refresh of a whole Hub is normalized in parts, a job each.
        took = [milliseconds for _, milliseconds in Reader(path).jobs("normalize-refresh")]
        self.record(
            "normalize", models=size, milliseconds=sum(took), jobs=len(took), cpu=cpu, json=made["bytes"], peak=peak)
        shutil.rmtree(path.parent)

    def fill(self, size):
        path = self.fresh("month")
        filled = self.role("fill", path, models=size, days=DAYS)
        self.record("fill", models=size, rows=filled["rows"], milliseconds=filled["took"] / 1e3)
        return path

    def score(self, size, path):
        """The newest day, by the product's own process."""
        with Daemon(self.folder, "scorer", path) as scorer:
            scorer.wait_for("publish-feed")
            peak, cpu = scorer.peak(), scorer.seconds_of_cpu()
            if size >= PACKED:
                # The two days before the newest, which no publication shows.
                began = time.monotonic()
                scorer.wait_for("pack-feed")
                self.record(
                    "packed", models=size, days=2, milliseconds=(time.monotonic() - began) * 1e3,
                    cpu=scorer.seconds_of_cpu() - cpu)
        jobs = Reader(path).jobs("score-snapshot") + Reader(path).jobs("publish-feed")
        self.record(
            "scored", models=size, jobs=dict(jobs), milliseconds=sum(took for _, took in jobs), cpu=cpu, peak=peak)
        figures = self.role("figure", path)
        self.record("parts", **{**figures, "models": size})
        sizes = tables(path)
        self.record("storage", models=size, tables=sizes, bytes=sum(each["bytes"] for each in sizes.values()))

    # The api

    def run_api(self, size, path):
        with Daemon(self.folder, "api", path) as api:
            ready = api.wait_for_address()
            self.record(
                "start", models=size, milliseconds=ready * 1e3, cpu=api.seconds_of_cpu(), resident=api.resident(),
                peak=api.peak())
            self.pages(size, "ours", api)
            self.alone(size, api)
            self.export(size, api)
            self.record("memory", models=size, resident=api.resident(), peak=api.peak())
            return Reader.answers(api.port, self.compared())

    def crowd(self, server, wanted, requests, seconds=0, connections=CONNECTIONS):
        file = self.scratch / "targets"
        file.write_text("\n".join(wanted) + "\n")
        answer = self.role(
            "ask", port=server.port, file=file, connections=connections, requests=requests, seconds=seconds)
        if answer["refused"]:
            raise Failed(f"{answer['refused']} answers were not 200")
        return answer

    def pages(self, size, who, server, seconds=60):
        """Cold: lists that nobody has asked for. Warm index: the same lists with pages of another length, so that every
        body is made anew. Warm: addresses that have been asked for."""
        count = 60 if self.quick else 240
        cold = targets(count, 1, [25])
        fresh = [target.replace("limit=25", f"limit={limit}") for limit in range(10, 25) for target in cold]
        random.Random(2).shuffle(fresh)
        for state, wanted, requests in [
            ("cold", cold, len(cold)), ("warm index", fresh, len(fresh)), ("warm", cold, 200 if self.quick else 20_000),
        ]:
            cpu = server.seconds_of_cpu()
            answer = self.crowd(server, wanted, requests, seconds)
            self.record(
                "pages", models=size, who=who, state=state, took=answer["took"], requests=answer["requests"],
                cpu=(server.seconds_of_cpu() - cpu) / answer["requests"],
                rate=answer["requests"] / answer["elapsed"] * 1e6, bytes=answer["bytes"] / answer["requests"])

    def alone(self, size, api):
        """One reader at a time: what the server takes for a page, nobody else waiting."""
        lists = targets(60, 1, [25])
        new = [target.replace("limit=25", "limit=26") for target in lists]
        self.crowd(api, lists, len(lists), connections=1)
        for name, wanted, requests in [
            ("list, new body", new, len(new)), ("list, same body", new, 600),
            ("leaderboard, pages never shown", [f"/?page={page}" for page in range(2, 40)], 38),
            ("leaderboard, pages shown before", [f"/?page={page}" for page in range(2, 40)], 380),
        ]:
            answer = self.crowd(api, wanted, requests, connections=1)
            self.record("alone", models=size, name=name, took=answer["took"])

    def export(self, size, api):
        """All models in one answer; memory is looked at while it is read."""
        for kind in ["csv", "ndjson"]:
            facts = api.read_all(f"/api/v4/export?format={kind}")
            self.record("export", models=size, format=kind, **facts)

    def compared(self):
        return targets(60, 1, [25])

    # The others

    def peer(self, role, path, *more):
        return [sys.executable, str(HERE / "peers" / "fastapi_peer.py"), role, "--into", str(path), *more]

    def run_peer(self, size, path, ours):
        into = path.parent / "peer.sqlite"
        began = time.monotonic()
        ask(self.peer("prepare", into, "--db", str(path)))
        prepared = time.monotonic() - began
        with Daemon.program(self.peer("serve", into)) as service:
            service.wait_for_port()
            theirs = Reader.answers(service.port, self.compared())
            if theirs != ours:
                wrong = [one for one, left, right in zip(self.compared(), ours, theirs) if left != right]
                raise Failed(f"the peer answers {len(wrong)} lists otherwise, such as {wrong[0]}")
            self.pages(size, "fastapi", service, seconds=30)
            self.record(
                "peer", models=size, prepared=prepared, resident=service.resident(), bytes=into.stat().st_size,
                settings=ask(self.peer("settings", into)))

    def limit(self):
        """No answer of ours can be faster than the bare server."""
        for size in [1_000, 25_000]:
            with Daemon.program([self.program, "serve", "--bytes", str(size)]) as server:
                server.wait_for_port()
                answer = self.crowd(server, ["/bare"], 500 if self.quick else 50_000)
                self.record(
                    "bare", bytes=size, took=answer["took"], rate=answer["requests"] / answer["elapsed"] * 1e6)

    def run(self):
        self.limit()
        for size in self.sizes:
            path = self.fill(size)
            self.score(size, path)
            answers = self.run_api(size, path)
            known = [record for record in self.known if record["models"] == size]
            self.records += [{**record, "earlier": True} for record in known]
            if not known:
                self.run_peer(size, path, answers)
            shutil.rmtree(path.parent)
            self.normalize(size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--into", required=True, type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument(
        "--peer-of", type=Path, help="the records of a run: FastAPI is not measured again at the sizes that it has")
    options = parser.parse_args()
    sizes = options.sizes or ([1_000] if options.quick else SIZES)
    began = time.time()
    load = [os.getloadavg()[0]]
    bench = Bench(options.bin, options.into, sizes, options.quick)
    if options.peer_of:
        bench.known = [record for record in json.loads(options.peer_of.read_text()) if Bench.is_of_peer(record)]
    try:
        bench.run()
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"tracker benchmark: {error}")
    finally:
        shutil.rmtree(bench.scratch, ignore_errors=True)
    load.append(os.getloadavg()[0])
    options.into.write_text(json.dumps({
        "benchmark": "tracker", "quick": options.quick, "began": began, "seconds": time.time() - began, "load": load,
        "machine": machine.facts(), "peers": {name: importlib.metadata.version(name) for name in PEERS},
        "days": DAYS, "connections": CONNECTIONS, "records": bench.records,
    }, indent=1) + "\n")


if __name__ == "__main__":
    main()
