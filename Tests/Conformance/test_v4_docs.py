#!/usr/bin/env python3
"""Runs every `curl` line of docs/v4-api.md against a live service and compares the status with the line's comment.

Needs the address of an api with the recorded week in HELICARRIER_URL and a token in HELICARRIER_TOKEN.
"""

import os
import pathlib
import subprocess
import sys

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
if not URL or not TOKEN:
    sys.exit("set HELICARRIER_URL and HELICARRIER_TOKEN")
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "v4-api.md"

good, bad = 0, 0
for line in PAGE.read_text().splitlines():
    if not line.startswith("    curl "):
        continue
    command, _, comment = line.strip().partition(" # ")
    wanted = comment.strip() or "200"
    command = command.strip().replace("http://127.0.0.1:8080", URL)
    command = command.replace("curl ", "curl -sS -m 20 -o /dev/null -w '%{http_code}' ", 1)
    ran = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, env={**os.environ, "TOKEN": TOKEN}
    )
    if ran.stdout == wanted:
        good += 1
    else:
        bad += 1
        print(f"{line.strip()}: {ran.stdout or ran.stderr.strip()} instead of {wanted}")
print(f"{good} of {good + bad} checks passed")
sys.exit(1 if bad or good < 25 else 0)
