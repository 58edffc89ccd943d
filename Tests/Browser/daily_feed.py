"""More feeds for the pages: the recorded daily listings, `transformers-js`, 95 days with trends and anomalies; and
`hostile`, whose names and facts are what somebody writes who wants to break a page."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request

from gates import URL

DAILY = pathlib.Path(__file__).parents[2] / "samples" / "transformers-js" / "hf_daily_2026.jsonl.gz"


HOSTILE = ["<script>alert(1)</script>", "\"onmouseover=alert(1) x=\"", "'><img src=x onerror=alert(1)>",
           "\u202etxt.exe\u202c", "\u200f\u05d0\u05d1\u05d2", "🦙🦙🏽‍♂️", "n" * 180, "-" * 90, "w " * 60, "&lt;b&gt;",
           "%3Cscript%3E", "{{7*7}}", "a\u0300" * 40]


def import_into(feed, file):
    command = pathlib.Path(os.environ["HELICARRIER_BIN"]) / "helicarrier"
    subprocess.run([command, "import", "hub", "--wait", "--feed", feed, file], check=True, capture_output=True)


def load_hostile():
    """Names as far as the Hub's rules let them through, and everything else as bad as it gets."""
    rows = []
    for place, text in enumerate(HOSTILE):
        rows.append({"id": f"owner-{place}/{text}", "downloads": 10 ** 12 - place, "likes": 2 ** 40,
                     "tags": [text, f"license:{text}", f"base_model:finetune:owner-0/{text}"], "pipeline_tag": text,
                     "library_name": text, "gated": "manual", "createdAt": "2024-01-01T00:00:00.000Z"})
        rows.append({"id": f"{'o' * 40}-{place}/{'Long-Name-' * 9}{place}", "downloads": place, "likes": 0,
                     "tags": [text, f"license:{text}"], "pipeline_tag": text, "library_name": text})
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "2026-05-04T0000Z.json"
        file.write_text(json.dumps(rows))
        import_into("hostile", file)
    for _ in range(100):
        with urllib.request.urlopen(f"{URL}/api/v4/feeds") as answer:
            if '"hostile"' in answer.read().decode():
                return
        time.sleep(0.2)
    raise AssertionError("the hostile feed does not appear")


def load():
    """Imports the daily listings, and waits until the service answers with the last."""
    import_into("transformers-js", DAILY)
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
