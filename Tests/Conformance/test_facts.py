#!/usr/bin/env python3
"""Computes what is derived about each model of the recorded week's newest listing, by itself, and compares it with
what the service answers through /api/v4/models.

It reads the recording in samples/ and the tables in config/, and shares no code with the service: tags are parents,
parents lead to roots; identifiers are licences with a class; tables and names are sizes. The address is in
HELICARRIER_URL; nothing else is contacted. Exits 0 and prints a count when both agree on every model.
"""

import collections
import gzip
import json
import os
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
if not URL:
    sys.exit("set HELICARRIER_URL to the address of a service with the recorded week in it")

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELATIONS = ("finetune", "quantized", "adapter", "merge")
checks = 0
faults = []


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        faults.append(what)


def table(name: str) -> dict:
    return json.loads((ROOT / "config" / f"{name}.json").read_text())


def recorded() -> dict:
    newest = sorted((ROOT / "samples" / "hub-week").glob("*.json.gz"))[-1]
    with gzip.open(newest) as file:
        return json.load(file)


def ask(path: str, query: dict) -> dict:
    with urllib.request.urlopen(f"{URL}{path}?{urllib.parse.urlencode(query)}", timeout=60) as answer:
        return json.load(answer)


def await_publication(observed: str) -> None:
    """The recordings are published one after the other; the service shows each as soon as it hears of it."""
    for _ in range(300):
        if ask("/api/v4/models", {"limit": "1"})["snapshot"]["observedAt"] == observed:
            return
        time.sleep(0.2)
    sys.exit(f"failed: the service does not show the snapshot of {observed}")


def answered() -> dict:
    """Every model of the newest snapshot, all pages walked."""
    models, cursor = {}, None
    while True:
        body = ask("/api/v4/models", {"limit": "100"} | ({"cursor": cursor} if cursor else {}))
        for model in body["models"]:
            if model["id"] in models:
                sys.exit(f"failed: {model['id']} comes twice")
            models[model["id"]] = model
        cursor = body["page"]["nextCursor"]
        if not cursor:
            return models


# Families.


def parent_of(row: dict, bare: bool = True):
    stated = [tag.split(":")[1:] for tag in row["tags"] or [] if tag.startswith("base_model:")]
    typed = [(words[1], words[0]) for words in stated if len(words) == 2 and words[0] in RELATIONS]
    untyped = [(words[0], "unspecified") for words in stated if len(words) == 1] if bare else []
    return next((pair for pair in typed + untyped if pair[0] and pair[0] != row["id"]), None)


def root_of(model: str, parents: dict) -> str:
    walked = [model]
    while walked[-1] in parents:
        step = parents[walked[-1]]
        if step in walked:
            return min(walked[walked.index(step) :], key=str.encode)
        walked.append(step)
    return walked[-1]


# Licences.

LICENSES = table("licenses")
CLASSES = {entry["id"]: entry for entry in LICENSES["licenses"]}


def license_of(row: dict):
    stated = next((tag[8:].lower() for tag in row["tags"] or [] if tag.startswith("license:") and tag[8:]), None)
    if stated in (None, "unknown"):
        return None
    known = CLASSES.get(stated, {})
    return {"id": stated, "name": known.get("name"), "class": known.get("class")}


# Parameters.

SIZES = {entry["id"]: (entry["total"], entry.get("active")) for entry in table("parameters")["models"]}
BOUNDS = {
    1: "lt1b", 3: "1b-3b", 8: "3b-8b", 15: "8b-15b", 40: "15b-40b", 100: "40b-100b", 300: "100b-300b",
}
PACKED = set(
    "gguf awq gptq autoround bnb exl2 exl3 imatrix i1 mlx onnx unsloth hf fp4 fp8 fp16 f16 bf16 nvfp4 nvfp4a16 mxfp4 "
    "int4 int8 w4a16 w8a8 w8a16 q4 q8 ud qat dynamic static quant quantized g128 dq 1bit 2bit 3bit 4bit 5bit 6bit "
    "8bit".split()
)
SERVANTS = re.compile("eagle|dflash|speculator|medusa|tokenizer|mmproj")
EDGE = r"(?<![a-z0-9]){}(?![a-z0-9])"
NUMBER = r"(\d{1,4}(?:\.\d{1,4})?)"


def size_class(total: int) -> str:
    return next((name for bound, name in BOUNDS.items() if total < bound * 10**9), "gt300b")


def bare(name: str) -> str:
    words = [word for word in re.split("[-_]+", name.lower()) if word]
    while len(words) > 1 and words[-1] in PACKED:
        words.pop()
    return "-".join(words)


NAMED = collections.defaultdict(list)
for model, size in SIZES.items():
    NAMED[bare(model.split("/")[-1])].append(size)


def from_name(model: str):
    """(total, active) by the name of a curated model, else by the figures in the name."""
    name = model.split("/")[-1].lower()
    namesakes = NAMED.get(bare(name), [])
    if namesakes and len({total for total, _ in namesakes}) == 1:
        return namesakes[0][0], max((active for _, active in namesakes if active), default=None)
    if SERVANTS.search(name) or re.search(EDGE.format(r"\d+e"), name):
        return None
    # A point between digits joins them, and so does an underscore after a lone 0 or 1; any other point parts words.
    name = re.sub(r"(?<![a-z0-9.])([01])_(?=\d)", r"\1.", name)
    name = re.sub(r"(?<!\d)\.|\.(?!\d)", "-", name)
    words = re.split(r"[^a-z0-9.]+", name)
    sizes, active, effective, trillions = [], None, None, None
    for word in words:
        if match := re.fullmatch(r"(\d{1,3})x" + NUMBER + "b", word):
            sizes.append(int(match[1]) * float(match[2]) * 1e9)
        elif match := re.fullmatch(NUMBER + r"bx(\d{1,3})", word):
            sizes.append(int(match[2]) * float(match[1]) * 1e9)
        elif match := re.fullmatch(r"(\d)b(\d)", word):
            sizes.append(float(f"{match[1]}.{match[2]}") * 1e9)
        elif match := re.fullmatch("a" + NUMBER + "b", word):
            active = float(match[1]) * 1e9
        elif match := re.fullmatch("e" + NUMBER + "b", word):
            effective = 2 * float(match[1]) * 1e9
        elif match := re.fullmatch("[a-uw-z]?" + NUMBER + "b", word):
            sizes.append(float(match[1]) * 1e9)
        elif (match := re.fullmatch("[a-z]*" + NUMBER + "m", word)) and float(match[1]) >= 10:
            sizes.append(float(match[1]) * 1e6)
        elif (match := re.fullmatch(NUMBER + "t", word)) and float(match[1]) < 10 and len(word) <= 4:
            trillions = float(match[1]) * 1e12
    sizes = [size for size in sizes if size > 0]
    mixture = "moe" in name
    total = (max(sizes) if mixture else sizes[0]) if sizes else effective or trillions
    if not total:
        return None
    if mixture and sizes and active is None and sizes[0] < total:
        active = sizes[0]
    return round(total), round(active) if active and active < total else None


def size_of(row: dict, parent) -> tuple | None:
    """(total, active, source); the recording counts nothing itself."""
    if row["id"] in SIZES:
        return SIZES[row["id"]] + ("curated",)
    if parent and parent[1] in ("quantized", "adapter") and parent[0] in SIZES:
        return SIZES[parent[0]] + ("curated",)
    named = from_name(row["id"])
    if named is None and parent and parent[1] in ("finetune", "quantized", "adapter"):
        named = SIZES.get(parent[0]) or from_name(parent[0])
    return named + ("name",) if named else None


def main() -> None:
    recording = recorded()
    rows = recording["models"]
    await_publication(recording["fetchedAt"])
    models = answered()
    check(set(models) == {row["id"] for row in rows}, "the service has the models of the recording")
    parents = {row["id"]: pair for row in rows if (pair := parent_of(row))}
    edges = {model: pair[0] for model, pair in parents.items()}
    curated = {entry["id"]: entry["parent"] for entry in table("families")["models"]}
    listed = {row["id"] for row in rows}
    for model in listed - set(edges):
        if model in curated:
            edges[model] = curated[model]
            parents[model] = (curated[model], "finetune")

    roots = {model: root_of(model, edges) for model in listed}
    typed = {row["id"]: pair[0] for row in rows if (pair := parent_of(row, bare=False))}
    tagged = {row["id"]: pair[0] for row in rows if (pair := parent_of(row))}
    check(len({root_of(model, typed) for model in listed}) == 585, "tags with a relation lead to 585 roots")
    check(sum(parent in listed for parent in typed.values()) == 379, "379 of the 528 parents are listed")
    check(len({root_of(model, tagged) for model in listed}) == 582, "with the four bare tags there are 582")
    check(len(set(roots.values())) == 582, "the curated parents change no figure of the recording")
    check(len({model["family"]["root"] for model in models.values()}) == 582, "the service has 582 roots")
    members = collections.Counter(roots.values())

    without_class, classes, sizes = collections.Counter(), collections.Counter(), collections.Counter()
    for row in rows:
        model = models.get(row["id"])
        if model is None:
            continue
        family, parent = model["family"], parents.get(row["id"])
        check(family["root"] == roots[row["id"]], f"{row['id']}: root {family['root']}")
        stated = parent if roots[row["id"]] != row["id"] else None
        check((family["parent"], family["relation"]) == (stated or (None, None)), f"{row['id']}: parent {family}")
        size = members[roots[row["id"]]] + (roots[row["id"]] not in listed)
        check(family["size"] == size, f"{row['id']}: a family of {family['size']}, not {size}")

        expected = license_of(row)
        check(model["license"] == expected, f"{row['id']}: licence {model['license']}, not {expected}")
        if expected:
            classes[expected["class"]] += 1
            if expected["class"] is None:
                without_class[expected["id"]] += 1

        figures, expected = model["parameters"], size_of(row, parent)
        found = figures and (figures["total"], figures["active"], figures["source"])
        check(found == expected, f"{row['id']}: parameters {found}, not {expected}")
        if figures:
            sizes[figures["class"]] += 1
            check(figures["class"] == size_class(figures["total"]), f"{row['id']}: class {figures['class']}")
            check(figures["estimated"] == (figures["source"] == "name"), f"{row['id']}: estimated")

        named = model["capabilities"]
        check(set(model["capabilitySources"] or {}) == set(named), f"{row['id']}: each capability has its source")
        check("vision" in named or row["pipelineTag"] != "image-text-to-text", f"{row['id']}: takes images")
        check("chat" in named or "conversational" not in row["tags"], f"{row['id']}: converses")

    print("licences by class:", dict(classes), "without a class:", dict(without_class))
    print("parameters by class:", dict(sizes), "unknown:", len(rows) - sizes.total())
    print("capabilities:", dict(collections.Counter(name for m in models.values() for name in m["capabilities"])))
    sources = collections.Counter(source for m in models.values() for source in (m["capabilitySources"] or {}).values())
    print("their sources:", dict(sources))
    if faults:
        print(*faults[:20], sep="\n")
        sys.exit(f"failed: {len(faults)} of {checks} checks")
    print(f"{checks} checks passed with {len(rows)} models")


main()
