#!/usr/bin/env python3
"""Runs the examples of docs/ledger.md, in their order and in one place, against a live service, and looks at what the
ledger then holds.

The address is in HELICARRIER_URL, a token with every scope in HELICARRIER_TOKEN, the executables in HELICARRIER_BIN and
the database in HELICARRIER_DB_PATH, as scripts/with-service sets them.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
if not URL:
    sys.exit("run it in scripts/with-service")
ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ledger.md").read_text()
ENVIRONMENT = {**os.environ, "PATH": f"{os.environ['HELICARRIER_BIN']}:{os.environ['PATH']}"}
checks, faults = 0, []


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        faults.append(what)


def ask(path: str) -> dict:
    headers = {"Authorization": f"Bearer {os.environ['HELICARRIER_TOKEN']}"}
    with urllib.request.urlopen(urllib.request.Request(URL + path, headers=headers), timeout=30) as answer:
        return json.load(answer)


def answers(output: str) -> list:
    """The JSON texts of an output, one behind the other."""
    found, place, decoder = [], 0, json.JSONDecoder()
    while place < len(output):
        if output[place].isspace():
            place += 1
            continue
        value, place = decoder.raw_decode(output, place)
        found.append(value)
    return found


def main() -> None:
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.S)).replace("http://127.0.0.1:8080", URL)
    ran = subprocess.run(
        ["bash", "-ec", shell], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False
    )
    check(ran.returncode == 0, f"the commands end with {ran.returncode}: {ran.stderr}")
    said = answers(ran.stdout)
    check(len(said) == 6, f"six answers: {ran.stdout}")
    if len(said) != 6:
        return
    check(said[0] == said[1] == {"ok": True}, f"both are taken: {said[:2]}")
    shown = said[2]
    check(shown["ledger"]["status"] == "success" and shown["ledger"]["taskTitle"] == "Mend the import", f"{shown}")
    check(shown["usage"]["costUsd"] == 0.0214 and len(shown["events"]) == 1, f"{shown}")
    fields = [detail["field"] for detail in said[3]["error"]["details"]]
    check(fields == ["run.startedAt", "run.state"], f"{said[3]}")
    check(said[4] == {"rows": [], "total": 0}, f"nothing has failed so far: {said[4]}")
    check(said[5]["scopeRef"] == "planner" and said[5]["dedupCooldownSec"] == 300, f"{said[5]}")

    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "tell.py"
        script.write_text(example)
        environment = {**ENVIRONMENT, "TOKEN": os.environ["HELICARRIER_TOKEN"]}
        for _ in range(2):
            ran = subprocess.run(
                [sys.executable, script], capture_output=True, text=True, env=environment, timeout=60, check=False
            )
            check(ran.returncode == 0, f"the script ends with {ran.returncode}: {ran.stderr}")
    found = ask("/api/v3/ledger?agent=planner&status=failed&from=2026-05-01&to=2026-05-31&q=tool+answer&sort=cost")
    check([row["sessionId"] for row in found["rows"]] == ["run-43"], f"told twice, there once: {found}")


main()
for fault in faults:
    print(f"failed: {fault}")
print(f"{checks - len(faults)} of {checks} checks passed")
sys.exit(1 if faults else 0)
