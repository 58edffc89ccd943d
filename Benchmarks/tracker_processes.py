"""The processes of the tracker's benchmark, watched from outside, and what they have left in the database."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

from processes import Failed

ROOT = Path(__file__).resolve().parent.parent


class Daemon:
    """A process that runs until the block ends."""

    def __init__(self, folder, name, path, settings=None):
        usual = {
            "HELICARRIER_DB_PATH": str(path), "HELICARRIER_CONFIG_DIR": str(ROOT / "config"),
            "HELICARRIER_LISTEN": "127.0.0.1:0", "HELICARRIER_HUB_URL": "off", "HELICARRIER_LOG": "info"}
        environment = {**os.environ, **usual, **(settings or {})}
        self.path = path
        self.start([str(Path(folder) / name)], environment, path.parent / (name + ".log"))

    @classmethod
    def program(cls, command):
        own = cls.__new__(cls)
        own.path = None
        own.start(command, dict(os.environ), None)
        return own

    def start(self, command, environment, log):
        self.began = time.monotonic()
        self.name = command[0]
        self.log = log
        output = open(log, "wb") if log else subprocess.PIPE
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT if log else None)
        if log:
            output.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def still_runs(self):
        if self.process.poll() is not None:
            tail = self.log.read_text()[-2_000:] if self.log else ""
            raise Failed(f"{self.name} ended with status {self.process.returncode}: {tail}")

    def wait_for(self, kind, limit=3_600):
        """Until a job of the kind has ended and no other job of its stage is to be done before it."""
        reader = Reader(self.path)
        until = time.monotonic() + limit
        while time.monotonic() < until:
            self.still_runs()
            states = reader.states(kind)
            if "dead" in states:
                raise Failed(f"a job of {kind} is dead: {reader.fault(kind)}")
            if states == ["done"]:
                return
            time.sleep(0.1)
        raise Failed(f"{kind} was not done within {limit} s")

    def wait_for_address(self, target="/api/v4/models?limit=1", limit=900):
        """Seconds from the start until a target is answered, such as the first list of models."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            self.still_runs()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.log.read_text())
            if found:
                self.port = int(found.group(1))
                if Reader.status(self.port, target) == 200:
                    return time.monotonic() - self.began
            time.sleep(0.05)
        raise Failed(f"{self.name} did not get ready within {limit} s")

    def wait_for_port(self, limit=60):
        line = self.process.stdout.readline().decode()
        self.port = int(line.split()[1])
        until = time.monotonic() + limit
        while Reader.status(self.port, "/") is None:
            self.still_runs()
            if time.monotonic() > until:
                raise Failed(f"{self.name} does not answer")
            time.sleep(0.05)

    def memory(self, field):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+) kB", text).group(1)) * 1_024

    def seconds_of_cpu(self):
        """What the process has computed: nearly the same on a machine that others use, where wall time is not."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        return self.memory("VmRSS")

    def peak(self):
        return self.memory("VmHWM")

    def read_all(self, target):
        """Reads a long answer piece by piece. The rows counted are lines."""
        before = self.resident()
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("GET", target)
        answer = connection.getresponse()
        lines, size, most, next_look = 0, 0, before, 0
        while piece := answer.read(1 << 20):
            lines += piece.count(b"\n")
            size += len(piece)
            if size >= next_look:
                most = max(most, self.resident())
                next_look = size + (8 << 20)
        connection.close()
        return {"seconds": time.monotonic() - began, "lines": lines, "bytes": size, "before": before, "most": most}


class Reader:
    """Looks at a database that others write. It cannot write, so closing it makes no checkpoint."""

    def __init__(self, path):
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)

    def states(self, kind):
        return [state for (state,) in self.connection.execute(
            "SELECT DISTINCT state FROM job WHERE kind = ?", [kind])]

    def fault(self, kind):
        return self.connection.execute(
            "SELECT error_message FROM job WHERE kind = ? AND state = 'dead'", [kind]).fetchone()[0]

    def jobs(self, kind):
        """Milliseconds from the start of the last attempt to the commit of all that it wrote."""
        return self.connection.execute(
            "SELECT kind, finished_at_ms - started_at_ms FROM job WHERE kind = ? AND state = 'done'", [kind]).fetchall()

    @staticmethod
    def status(port, target):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", target)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status
        except OSError:
            return None

    @staticmethod
    def answers(port, targets):
        """Of each list the ids and how many there are in all."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        found = []
        for target in targets:
            connection.request("GET", target)
            body = json.loads(connection.getresponse().read())
            found.append(([model["id"] for model in body["models"]], body["page"]["total"]))
        connection.close()
        return found


def tables(path):
    """Rows and bytes of each table with its indexes; what is not told apart is `others`."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    owners = dict(connection.execute("SELECT name, tbl_name FROM sqlite_schema WHERE type IN ('table', 'index')"))
    wanted = ["listing", "score", "history_block", "standing", "model", "model_card"]
    sizes = {name: {"bytes": 0} for name in [*wanted, "others"]}
    for name, size in connection.execute("SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = TRUE GROUP BY name"):
        owner = owners.get(name, "others")
        sizes[owner if owner in sizes else "others"]["bytes"] += size
    for name in wanted:
        sizes[name]["rows"] = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    return sizes
