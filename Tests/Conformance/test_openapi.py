#!/usr/bin/env python3
"""Lets Schemathesis read `openapi.json` of a live service and try whatever it makes of it, with all of its checks.

Needs the address of an api with the recorded week in HELICARRIER_URL and a token in HELICARRIER_TOKEN. Nothing but that
address is contacted. The stream is left out: it has no end that could be waited for. So is v3's refresh, which waits
for the Hub and makes the recorded week the past.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
if not URL or not TOKEN:
    sys.exit("set HELICARRIER_URL and HELICARRIER_TOKEN")
HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 65

with tempfile.TemporaryDirectory() as folder:
    ran = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run",
            f"{URL}/api/v4/openapi.json", "--header", f"Authorization:Bearer {TOKEN}", "--checks", "all",
            "--exclude-path", "/api/v4/stream", "--exclude-path", "/api/snapshot/refresh",
            "--max-time", str(SECONDS), "--generation-deterministic",
            "--max-examples", "25", "--continue-on-failure", "--no-color", "--request-timeout", "10",
        ],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)},
    )
if ran.returncode != 0:
    print(ran.stdout[-20000:], ran.stderr[-4000:])
print(f"{int(ran.returncode == 0)} of 1 checks passed")
sys.exit(ran.returncode)
