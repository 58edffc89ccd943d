"""What the tests on a real systemd share: calling it, waiting for what it does, asking the service, and counting."""

import hashlib
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

URL = "http://127.0.0.1:8080"
STATE = pathlib.Path("/var/lib/helicarrier")
DATABASE = STATE / "helicarrier.sqlite"
WORKERS = ("fetcher", "normalizer", "scorer", "notifier")


class Checks:
    """Counts what holds and prints what does not."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.since = time.monotonic()

    def __call__(self, holds, what: str, more: object = "") -> bool:
        if holds:
            self.passed += 1
            print(f"ok    {time.monotonic() - self.since:5.1f} s  {what}")
        else:
            self.failed += 1
            print(f"FAIL  {time.monotonic() - self.since:5.1f} s  {what}: {more}")
        sys.stdout.flush()
        return bool(holds)


check = Checks()


def run(*words: str, timeout: float = 120, **more) -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, text=True, timeout=timeout, **more)


def must(*words: str, **more) -> str:
    done = run(*words, **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def prop(unit: str, name: str) -> str:
    return must("systemctl", "show", "-P", name, unit).strip()


def main_process(unit: str) -> int:
    return int(prop(unit, "MainPID") or 0)


def is_active(unit: str) -> bool:
    return run("systemctl", "is-active", "--quiet", unit).returncode == 0


def eventually(what, limit: float = 30, pace: float = 0.02):
    """What the look gives when it gives something, or nothing when the time is over."""
    end = time.monotonic() + limit
    while True:
        found = what()
        if found or time.monotonic() > end:
            return found
        time.sleep(pace)


def replaced(unit: str, before: int, limit: float) -> float | None:
    """Seconds until the unit is active with another process."""
    start = time.monotonic()
    done = eventually(lambda: main_process(unit) not in (0, before) and is_active(unit), limit, 0.01)
    return time.monotonic() - start if done else None


def journal(*words: str) -> list[dict]:
    return [json.loads(line) for line in must("journalctl", "-o", "json", "--no-pager", *words).splitlines()]


def ask(path: str, headers: dict | None = None, timeout: float = 30) -> tuple[int, bytes]:
    request = urllib.request.Request(URL + path, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 0, str(error).encode()


def answer_json(path: str) -> dict:
    return json.loads(ask(path)[1] or b"{}")


def helicarrier(*words: str, timeout: float = 120) -> subprocess.CompletedProcess:
    """The operator's command as an operator types it: as root, with nothing set."""
    return run("helicarrier", *words, timeout=timeout)


def sql(statement: str) -> list[str]:
    """As the service's user: a file that root made beside the database, nobody else could use."""
    return must("runuser", "-u", "helicarrier", "--", "sqlite3", "-readonly", str(DATABASE), statement).splitlines()


def digest(path: str) -> str:
    """The body of an answer, without what changes by itself."""
    status, body = ask(path)
    return f"{status} {len(body)} {hashlib.sha256(body).hexdigest()[:16]}"
