#!/usr/bin/env python3
"""Walks all pages of many filters and sorts of /api/v4/models, and compares each walk with the same selection and order
computed here from the whole list; then reads the exports as a spreadsheet does.

A walk must have each model once, in order, with missing values last; a CSV must be RFC 4180 with its formulas inert,
and its lines of JSON must be the API's own models. The address is in HELICARRIER_URL. Exits 0 and prints a count.
"""

import csv
import io
import itertools
import json
import os
import random
import sys
import urllib.parse
import urllib.request

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
if not URL:
    sys.exit("set HELICARRIER_URL to the address of a service with the recorded week in it")

checks = 0
faults = []


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        faults.append(what)


def fetch(path: str, query=()) -> tuple:
    request = urllib.request.Request(f"{URL}{path}?{urllib.parse.urlencode(list(query))}")
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read(), answer.headers


def walk(query: list, limit: int) -> list:
    models, target = [], "/api/v4/models?" + urllib.parse.urlencode(query + [("limit", limit)])
    total = None
    while target:
        with urllib.request.urlopen(URL + target, timeout=120) as answer:
            body, link = json.load(answer), answer.headers["Link"]
        models += body["models"]
        total = body["page"]["total"]
        target = link.split(">")[0].lstrip("<") if link else None
        check((body["page"]["nextCursor"] is None) == (link is None), f"{query}: Link and nextCursor agree")
    check(len(models) == total, f"{query}: {len(models)} of {total}")
    return models


FIGURES = {
    "score": lambda m: m["scores"]["total"],
    "downloads": lambda m: m["metrics"]["downloads"],
    "likes": lambda m: m["metrics"]["likes"],
    "trending": lambda m: m["metrics"]["trendingScore"],
    "delta24h": lambda m: m["delta"]["downloads24h"],
    "delta7d": lambda m: m["delta"]["downloads7d"],
    "rankChange": lambda m: m["delta"]["rankChange"],
    "updated": lambda m: m["metrics"]["lastModified"],
    "created": lambda m: m["metrics"]["createdAt"],
    "parameters": lambda m: (m["parameters"] or {}).get("total"),
    "name": lambda m: m["name"].encode(),
}
FILTERS = {
    (): lambda m: True,
    (("q", "qwen"),): lambda m: "qwen" in m["id"].lower(),
    (("capability", "tools"), ("capability", "chat")): lambda m: {"tools", "chat"} <= set(m["capabilities"]),
    (("license", "permissive"),): lambda m: bool(m["license"]) and m["license"]["class"] == "permissive",
    (("license", "mit"), ("license", "copyleft")): lambda m: bool(m["license"])
    and (m["license"]["id"] == "mit" or m["license"]["class"] == "copyleft"),
    (("parameterClass", "3b-8b"), ("parameterClass", "gt300b")): lambda m: bool(m["parameters"])
    and m["parameters"]["class"] in ("3b-8b", "gt300b"),
    (("relation", "quantized"),): lambda m: bool(m["family"]) and m["family"]["relation"] == "quantized",
    (("pipeline", "text-generation"), ("minLikes", "50")): lambda m: m["pipeline"] == "text-generation"
    and (m["metrics"]["likes"] or 0) >= 50,
    (("minDownloads", "1000000"),): lambda m: (m["metrics"]["downloads"] or 0) >= 1_000_000,
    (("gated", "manual"), ("gated", "auto")): lambda m: m["gated"] in ("manual", "auto"),
    (("createdSince", "2026-01-01T00:00:00Z"),): lambda m: (m["metrics"]["createdAt"] or "") >= "2026-01-01",
    (("access", "private"),): lambda m: m["access"] == "private",
    (("status", "stale"),): lambda m: m["status"] == "stale",
    (("status", "stale"), ("status", "ready"), ("status", "error")): lambda m: True,
}


def in_order(models: list, key: str, descending: bool) -> list:
    """Missing ones last in both directions; equal ones by id, bytewise."""
    by_id = sorted(models, key=lambda m: m["id"].encode())
    figure = FIGURES[key]
    known = sorted((m for m in by_id if figure(m) is not None), key=figure, reverse=False)
    if descending:
        groups = [list(group) for _, group in itertools.groupby(known, key=figure)]
        known = [m for group in reversed(groups) for m in group]
    return known + [m for m in by_id if figure(m) is None]


def walks() -> list:
    ready = walk([], 100)
    everybody = walk([("status", "ready"), ("status", "stale"), ("status", "error")], 100)
    check(len({m["id"] for m in everybody}) == len(everybody), "everybody: each once")
    check({m["id"] for m in ready} <= {m["id"] for m in everybody}, "everybody: the ready ones are among them")
    stale = [m for m in everybody if m["status"] != "ready"]
    check(bool(stale), "models have left the listings in a week")
    for model in stale:
        check(model["rank"] is None and model["scores"]["total"] is None, f"{model['id']}: neither rank nor score")
        check(all(model["delta"][k] is None for k in ("downloads24h", "likes24h")), f"{model['id']}: no change")
    chance = random.Random(4)
    for filters, holds in FILTERS.items():
        pool = everybody if any(name == "status" for name, _ in filters) else ready
        for key, descending in [(key, d) for key in FIGURES for d in (False, True) if chance.random() < 0.5]:
            query = [*filters, ("sort", ("-" if descending else "") + key)]
            found = [m["id"] for m in walk(query, chance.choice([7, 33, 100]))]
            wanted = [m["id"] for m in in_order([m for m in pool if holds(m)], key, descending)]
            check(found == wanted, f"{query}: {len(found)} models, {len(wanted)} wanted, or in another order")
    return ready


NUMBERS = (
    "rank score adoption ecosystem velocity downloads downloads24h downloads7d likes likes24h likes7d trendingScore"
    " parameters"
).split()


def exports(ready: list) -> None:
    raw, headers = fetch("/api/v4/export", [("format", "csv")])
    check(headers["Content-Type"].startswith("text/csv"), "CSV: its type")
    check(headers["Content-Disposition"].startswith("attachment; filename="), "CSV: a file")
    check(raw.count(b"\r\n") == len(ready) + 1 and raw.endswith(b"\r\n"), "CSV: a line each, ended by CR LF")
    rows = list(csv.DictReader(io.StringIO(raw.decode(), newline=""), strict=True))
    check([row["id"].lstrip("'") for row in rows] == [m["id"] for m in ready], "CSV: the models in order")
    by_id = {m["id"]: m for m in ready}
    for row in rows:
        check(None not in row and None not in row.values(), f"{row['id']}: as many fields as columns")
        model = by_id[row["id"].lstrip("'")]
        for name, value in row.items():
            if name in NUMBERS:
                check(value == "" or float(value) is not None, f"{row['id']}: {name} is a number")
            else:
                check(not value.startswith(tuple("=+-@\t\r")), f"{row['id']}: {name} is inert")
        change = model["delta"]["downloads24h"]
        check(row["downloads24h"] == ("" if change is None else str(change)), f"{row['id']}: its change")
        check(row["capabilities"] == ";".join(model["capabilities"]), f"{row['id']}: capabilities")
    lines, _ = fetch("/api/v4/export", [("format", "ndjson"), ("sort", "name")])
    twins = [json.loads(line) for line in lines.splitlines()]
    check(twins == in_order(ready, "name", False), "NDJSON is the API's own models")
    some, _ = fetch("/api/v4/export", [("format", "csv"), ("minLikes", "1000")])
    many = [m for m in ready if (m["metrics"]["likes"] or 0) >= 1_000]
    check(some.count(b"\r\n") == len(many) + 1, "CSV: filters hold")


def main() -> None:
    exports(walks())
    for fault in faults[:20]:
        print("fault:", fault)
    if faults:
        sys.exit(f"failed: {len(faults)} of {checks} checks")
    print(f"{checks} checks: walks and exports agree with the list as a whole")


if __name__ == "__main__":
    main()
