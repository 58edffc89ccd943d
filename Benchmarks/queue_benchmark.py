"""Measures the job queue, and the Python queues on SQLite beside it, and writes the figures down as JSON.

    queue_benchmark.py --bin FOLDER --into FILE [--quick]

Every measurement has a fresh database on the file system of FILE. `report.py` makes the tables.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import machine
from processes import Failed, ask, play, seconds

HERE = Path(__file__).resolve().parent
PEERS = {"huey": "huey_peer.py", "litequeue": "litequeue_peer.py", "persist-queue": "persist_queue_peer.py"}
PAYLOAD = 100
# No measurement takes more jobs than this, however fast the machine is.
MOST = {1: 3_000, 10: 25_000, 100: 80_000}
# A measurement is not repeated once it has taken so long, nor once all together have.
LONGEST = 2.5
ALTOGETHER = 150


class Bench:
    def __init__(self, folder, into, quick):
        self.program = str(Path(folder) / "QueueBench")
        self.operator = str(Path(folder) / "helicarrier")
        self.scratch = into.parent / "scratch"
        self.quick = quick
        self.repeats = 1 if quick else 3
        self.until = time.monotonic() + ALTOGETHER
        self.workers = [1, 2] if quick else [1, 2, 4, 8]
        self.batches = [1, 100] if quick else [1, 10, 100]
        self.backlog = 20_000 if quick else 1_000_000
        self.templates = {}
        self.records = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def ours(self, role, path, sync="full", **more):
        options = [text for name, value in more.items() for text in ("--" + name, str(value))]
        return [self.program, role, "--db", str(path), "--sync", sync, "--payload", str(PAYLOAD), *options]

    def record(self, measure, **facts):
        self.records.append({"measure": measure, **facts})
        rates = facts.get("rates", [])
        said = {name: value for name, value in facts.items() if isinstance(value, (str, int))}
        print(measure, said, [round(rate) for rate in rates], flush=True)

    def fresh(self):
        """An empty folder; nothing of the measurement before is left in the file system's queue."""
        folder = self.scratch / "run"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.sync()
        return folder / "queue.sqlite"

    def filled(self, jobs):
        """A copy of a database with so many waiting jobs."""
        if jobs not in self.templates:
            path = self.scratch / f"jobs-{jobs}.sqlite"
            ask(self.ours("fill", path, "normal", jobs=jobs))
            self.templates[jobs] = path
        path = self.fresh()
        shutil.copyfile(self.templates[jobs], path)
        os.sync()
        return path

    def repetitions(self):
        """At least one; a disk that others keep busy makes it fewer, and does not make the whole endless."""
        began = time.monotonic()
        for count in range(self.repeats):
            now = time.monotonic()
            if count == 0 or (now - began < LONGEST and now < self.until):
                yield count

    # What the machine gives

    def probe(self):
        """How many jobs a measurement takes depends on the disk at that time, or a slow one would make it endless and
        a fast one too short to mean anything."""
        rate = 60 / seconds(play([self.ours("raw", self.fresh(), jobs=60)]))
        self.single = {"full": self.size(rate * 0.25, 1), "normal": 200 if self.quick else MOST[1]}

    def raw(self):
        """Commits of one row."""
        for sync in ["full", "normal"]:
            commits = self.single[sync] * 2
            rates = []
            for _ in self.repetitions():
                rates.append(commits / seconds(play([self.ours("raw", self.fresh(), sync, jobs=commits)])))
            self.record("raw", sync=sync, jobs=commits, rates=rates)

    def bare(self):
        """The least that a queue in a table does, by one process."""
        for sync in ["full", "normal"]:
            for batch in [1, 100]:
                jobs = self.jobs(batch, sync)
                rates = []
                for _ in self.repetitions():
                    answer = play([self.ours("bare", self.fresh(), sync, jobs=jobs, batch=batch)])
                    rates.append(jobs / seconds(answer))
                self.record("bare", sync=sync, batch=batch, jobs=jobs, rates=rates)

    def size(self, wished, batch):
        most = MOST[batch] // 20 if self.quick else MOST[batch]
        return max(100 * batch if batch < 100 else 4_000, min(most, int(wished) // 100 * 100))

    def jobs(self, batch, sync):
        if batch == 1:
            return self.single[sync]
        return MOST[batch] // 3 if sync == "normal" else self.size(self.single["full"] * batch, batch)

    # Our queue

    def enqueue(self, sync, batch, workers):
        each = self.jobs(batch, sync) // workers
        rates = []
        for _ in self.repetitions():
            path = self.fresh()
            ask(self.ours("fill", path, sync, jobs=0))
            answers = play([self.ours("enqueue", path, sync, jobs=each, batch=batch)] * workers)
            rates.append(each * workers / seconds(answers))
        self.record("enqueue", sync=sync, batch=batch, workers=workers, jobs=each * workers, rates=rates)

    def consume(self, role, sync, batch, workers):
        jobs = self.jobs(batch, sync)
        rates, shares = [], []
        for _ in self.repetitions():
            path = self.filled(jobs)
            answers = play([self.ours(role, path, sync, jobs=jobs, batch=batch)] * workers)
            outcome = ask(self.ours("outcome", path))
            if outcome["left"] or outcome["again"] or sum(outcome["shares"]) != jobs:
                raise Failed(f"{role}: {outcome} of {jobs} jobs")
            took = seconds(answers) if role != "worker" else (outcome["last"] - outcome["first"]) / 1e6
            rates.append(jobs / took)
            shares.append(outcome["shares"] + [0] * (workers - len(outcome["shares"])))
        self.record(role, sync=sync, batch=batch, workers=workers, jobs=jobs, rates=rates, shares=shares)

    def wake(self):
        rings = 20 if self.quick else 120
        asked, stored, one, two = [], [], [], []
        for _ in self.repetitions():
            path = self.fresh()
            ask(self.ours("fill", path, jobs=0))
            listen, ring = play([self.ours("listen", path, jobs=rings), self.ours("ring", path, jobs=rings)])
            asked += [began - at for began, at in zip(listen["began"], ring["asked"])]
            stored += [began - at for began, at in zip(listen["began"], ring["stored"])]
            # At once, because the disk is another one a minute later.
            pairs = play([self.ours("pairs", path, jobs=rings)])[0]
            one += pairs["one"]
            two += pairs["two"]
        self.record("wake", rings=len(asked), asked=asked, stored=stored, one=one, two=two)

    def large(self):
        """The same claims on a small and on a large backlog, by turns."""
        large = self.scratch / "large.sqlite"
        ask(self.ours("fill", large, "normal", jobs=self.backlog))
        plans = {}
        for batch in [1, 100]:
            jobs = (500 if batch == 1 else 10_000) // (10 if self.quick else 1)
            times = {"small": [], "large": []}
            for _ in range(self.repeats + 2):
                for name, path in [("small", self.filled(jobs)), ("large", large)]:
                    plans[name] = ask(self.ours("plan", path, batch=batch))["claim"]
                    # Empties the log: the longer it is, the longer SQLite looks for a page in it, and only the large
                    # one has a log from the turn before.
                    ask(self.ours("fill", path, "normal", jobs=0))
                    os.sync()
                    answer = play([self.ours("store", path, "normal", jobs=jobs, batch=batch)])[0]
                    times[name].append(answer["claiming"] / answer["jobs"] * batch)
            self.record("backlog", batch=batch, backlog=self.backlog, jobs=jobs, times=times, plans=plans)
        times = []
        for _ in range(self.repeats * 4):
            started = time.perf_counter()
            environment = dict(os.environ, HELICARRIER_DB_PATH=str(large))
            subprocess.run([self.operator, "queue", "list"], env=environment, check=True, stdout=subprocess.DEVNULL)
            times.append((time.perf_counter() - started) * 1e3)
        self.record("list", backlog=self.backlog, milliseconds=times)

    # The others

    def peer(self, name, role, path, sync, jobs=0):
        return [
            sys.executable, str(HERE / "peers" / PEERS[name]), role, "--db", str(path), "--sync", sync,
            "--jobs", str(jobs), "--payload", str(PAYLOAD),
        ]

    def beside(self, name, sync, workers):
        each = self.single[sync] // workers
        put, took, twice, shares = [], [], [], []
        for _ in self.repetitions():
            path = self.fresh()
            ask(self.peer(name, "settings", path, sync))
            put.append(each * workers / seconds(play([self.peer(name, "enqueue", path, sync, each)] * workers)))
            os.sync()
            answers = play([self.peer(name, "drain", path, sync)] * workers)
            taken = [number for answer in answers for number in answer["taken"]]
            if len(set(taken)) != each * workers:
                raise Failed(f"{name} lost jobs: {len(set(taken))} of {each * workers}")
            took.append(each * workers / seconds(answers))
            twice.append(len(taken) - len(set(taken)))
            shares.append([answer["jobs"] for answer in answers])
        facts = {"peer": name, "sync": sync, "workers": workers, "jobs": each * workers}
        self.record("peer enqueue", **facts, rates=put)
        self.record("peer drain", **facts, rates=took, twice=twice, shares=shares)

    def settings(self):
        for sync in ["full", "normal"]:
            answers = {"ours": ask(self.ours("settings", self.fresh(), sync))}
            for name in PEERS:
                answers[name] = ask(self.peer(name, "settings", self.fresh(), sync))
            for name, answer in answers.items():
                level = {"full": "2", "normal": "1"}[sync]
                if (answer["journal_mode"], answer["synchronous"]) != ("wal", level):
                    raise Failed(f"{name} is not aligned: {answer}")
            self.record("settings", sync=sync, answers=answers)

    def run(self):
        """What is compared is measured close together: a disk that others use changes its mind within minutes."""
        self.settings()
        self.probe()
        self.raw()
        self.bare()
        for workers in self.workers:
            self.probe()
            self.ours_at("full", workers, [batch for batch in self.batches if batch == 1])
            if workers in self.workers[::2]:
                for name in PEERS:
                    self.beside(name, "full", workers)
            self.ours_at("full", workers, [batch for batch in self.batches if batch > 1])
            if workers in self.workers[::2]:
                self.ours_at("normal", workers, [1, 100])
                for name in PEERS:
                    self.beside(name, "normal", workers)
        self.wake()
        self.large()

    def ours_at(self, sync, workers, batches):
        for batch in batches:
            self.consume("store", sync, batch, workers)
            self.consume("chain", sync, batch, workers)
            self.consume("worker", sync, batch, workers)
            self.enqueue(sync, batch, workers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--into", required=True, type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    began = time.time()
    load = [os.getloadavg()[0]]
    bench = Bench(options.bin, options.into, options.quick)
    try:
        bench.run()
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"queue benchmark: {error}")
    finally:
        shutil.rmtree(bench.scratch, ignore_errors=True)
    load.append(os.getloadavg()[0])
    options.into.write_text(json.dumps({
        "benchmark": "queue", "quick": options.quick, "began": began, "seconds": time.time() - began, "load": load,
        "machine": machine.facts(), "peers": {name: importlib.metadata.version(name) for name in PEERS},
        "payload": PAYLOAD, "records": bench.records,
    }, indent=1) + "\n")


if __name__ == "__main__":
    main()
