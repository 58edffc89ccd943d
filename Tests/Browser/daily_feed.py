"""The recorded daily listings as a second feed, `transformers-js`: 95 days, so that there are trends and anomalies."""

import json
import os
import pathlib
import subprocess
import time
import urllib.request

from gates import URL

DAILY = pathlib.Path(__file__).parents[2] / "samples" / "transformers-js" / "hf_daily_2026.jsonl.gz"


def load():
    """Imports the feed once, and waits until the service answers with it."""
    command = pathlib.Path(os.environ["HELICARRIER_BIN"]) / "helicarrier"
    subprocess.run([command, "import", "hub", "--wait", "--feed", "transformers-js", DAILY], check=True,
                   capture_output=True)
    newest = None
    for _ in range(200):
        with urllib.request.urlopen(f"{URL}/api/v4/feeds") as answer:
            if "transformers-js" in answer.read().decode():
                with urllib.request.urlopen(f"{URL}/api/v4/snapshot?feed=transformers-js") as snapshot:
                    seen = json.load(snapshot)["snapshot"]["id"]
                    # The last listing is published last; until then earlier ones follow each other.
                    if seen == newest and seen.endswith("0000Z"):
                        return
                    newest = seen
        time.sleep(1)
    raise AssertionError("the second feed does not appear")
