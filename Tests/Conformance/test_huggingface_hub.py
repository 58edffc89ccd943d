#!/usr/bin/env python3
"""Reads a replayed Hub with the Hub's own client library (PyPI `huggingface_hub`).

Start one with `helicarrier replay FILE…` and give its address in HELICARRIER_REPLAY_URL. Nothing else is contacted.
Exits 0 and prints a count when the library finds nothing to complain about.
"""

import os
import sys

URL = os.environ.get("HELICARRIER_REPLAY_URL", "").rstrip("/")
if not URL:
    sys.exit("set HELICARRIER_REPLAY_URL to the address that `helicarrier replay` prints")

os.environ["HF_ENDPOINT"] = URL
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"

from huggingface_hub import HfApi  # noqa: E402
from huggingface_hub.errors import RepositoryNotFoundError  # noqa: E402

api = HfApi(endpoint=URL, token=False)
checks = 0


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        sys.exit(f"failed: {what}")


everything = list(api.list_models())
check(len(everything) > 0, "a listing has models")
ids = [model.id for model in everything]
check(len(set(ids)) == len(ids), "no model comes twice")

first = list(api.list_models(limit=7))
check([model.id for model in first] == ids[:7], "a limit gives the first of them")

by_downloads = list(api.list_models(sort="downloads", limit=50))
counts = [model.downloads for model in by_downloads]
check(counts == sorted(counts, reverse=True), "sorted by downloads, largest first")
by_likes = [model.likes for model in api.list_models(sort="likes", limit=50)]
check(by_likes == sorted(by_likes, reverse=True), "sorted by likes, largest first")
modified = [model.last_modified for model in api.list_models(sort="last_modified", limit=50)]
check(modified == sorted(modified, reverse=True), "sorted by the last commit, newest first")


class SmallPages:
    """Makes the library ask for pages of 13 rows, so that it follows `Link` many times."""

    def __init__(self):
        import huggingface_hub.hf_api as module

        self.module = module
        self.original = module.paginate

    def __enter__(self):
        def paginate(path, params, headers):
            return self.original(path, {**params, "limit": 13}, headers)

        self.module.paginate = paginate

    def __exit__(self, *_):
        self.module.paginate = self.original


with SmallPages():
    paged = [model.id for model in api.list_models()]
check(paged == ids, "pages put together are the whole listing")

author = everything[0].id.split("/")[0]
own = list(api.list_models(author=author))
check(own and all(model.id.startswith(author + "/") for model in own), "filtered by author")
check(ids[0] in [model.id for model in api.list_models(search=ids[0].split("/")[1][:8])], "found by search")
tagged = next((model for model in everything if model.tags), None)
if tagged is not None:
    found = list(api.list_models(filter=tagged.tags[0]))
    check(found and all(tagged.tags[0] in model.tags for model in found), "filtered by tag")
task = next((model.pipeline_tag for model in everything if model.pipeline_tag), None)
if task is not None:
    check(all(m.pipeline_tag == task for m in api.list_models(pipeline_tag=task)), "filtered by task")

expanded = list(api.list_models(expand=["downloads", "likes"], limit=3))
check(all(model.downloads is not None and model.tags is None for model in expanded), "expand gives what was named")

info = api.model_info(ids[0])
check(info.id == ids[0] and info.downloads == everything[0].downloads, "one model is the same as in the listing")
check(info.created_at is None or info.created_at.year >= 2022, "its time is a time")

try:
    api.model_info("nobody/nothing-at-all")
    check(False, "an unknown model is an error")
except RepositoryNotFoundError:
    check(True, "an unknown model is the library's own error")

print(f"{checks} checks passed with {len(ids)} models")
