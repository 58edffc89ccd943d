#!/usr/bin/env python3
"""Does what docs/webhooks.md says: runs its receiver, then every `curl` line in order, and compares each status.

Needs a running api and notifier that may reach 127.0.0.0/8 (HELICARRIER_WEBHOOK_ALLOW), the address of the api in
HELICARRIER_URL and a token with the scope for webhooks in HELICARRIER_TOKEN.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
if not URL or not TOKEN:
    sys.exit("set HELICARRIER_URL and HELICARRIER_TOKEN")
PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
PAUSE = threading.Event()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(path: str) -> dict:
    request = urllib.request.Request(URL + path, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def until(holds, what: str) -> None:
    for _ in range(400):
        if holds():
            return
        PAUSE.wait(0.05)
    sys.exit(f"failed: {what}")


def run(line: str, names: dict) -> "tuple[str, str, str]":
    """The status that the line's comment wants, the one that came, and the body."""
    command, _, comment = line.strip().partition("  # ")
    command = command.replace("http://127.0.0.1:8080", URL).replace("http://127.0.0.1:9000", names["RECEIVER"])
    command = command.replace("curl ", "curl -sS -m 20 -w '\\n%{http_code}' ", 1)
    ran = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, env={**os.environ, **names})
    body, _, status = ran.stdout.rpartition("\n")
    return comment.strip() or "200", status or ran.stderr, body


def main() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL).group(1)
    lines = [line for line in PAGE.splitlines() if line.startswith("    curl ")]
    port = free_port()
    names = {"TOKEN": TOKEN, "RECEIVER": f"http://127.0.0.1:{port}"}
    good = bad = 0
    with tempfile.TemporaryDirectory() as folder:
        secrets, script = pathlib.Path(folder, "secrets"), pathlib.Path(folder, "receiver.py")
        secrets.write_text("")
        script.write_text(code)
        receiver = subprocess.Popen(
            [sys.executable, str(script)], env={**os.environ, "SECRETS": str(secrets), "PORT": str(port)},
            stdout=subprocess.PIPE, text=True)
        printed: "list[str]" = []
        threading.Thread(target=lambda: printed.extend(iter(receiver.stdout.readline, "")), daemon=True).start()
        try:
            for line in lines:
                if "$DELIVERY" in line and "DELIVERY" not in names:
                    found = get(f"/api/v4/webhooks/{names['ID']}/deliveries?state=succeeded")["deliveries"]
                    names["DELIVERY"] = found[0]["id"]
                if line.endswith("/test  # 202"):
                    until(lambda: get(f"/api/v4/webhooks/{names['ID']}")["state"] == "active", "it becomes active")
                wanted, came, body = run(line, names)
                if came != wanted:
                    bad += 1
                    print(f"{line.strip()}: {came} instead of {wanted}\n{body}")
                    continue
                good += 1
                if wanted == "201" or line.endswith("/rotate"):
                    made = json.loads(body)
                    names["ID"] = made["id"]
                    secrets.write_text(made["secret"] + "\n")
                if line.endswith("/test  # 202"):
                    until(lambda: any("subscription.test" in text for text in printed), "the test event arrives")
            until(
                lambda: not get(f"/api/v4/webhooks/{names['ID']}/deliveries?state=pending")["deliveries"],
                "nothing stays pending")
            states = {d["state"] for d in get(f"/api/v4/webhooks/{names['ID']}/deliveries?limit=100")["deliveries"]}
            once = sum("subscription.test" in text for text in printed)
            for holds, what in ((once == 1, "a resent event is done once"), ("failed" not in states, "nothing failed")):
                good, bad = good + holds, bad + (not holds)
                if not holds:
                    print(f"failed: {what}: {printed} {states}")
        finally:
            receiver.terminate()
            receiver.wait(10)
    print(f"{good} of {good + bad} checks passed")
    sys.exit(1 if bad or good < 18 else 0)


main()
