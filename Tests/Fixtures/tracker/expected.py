#!/usr/bin/env python3
"""Computes from recordings, by the words of the tracker's contract alone, what the scorer has to answer.

    expected.py [--week DIR] [--daily FILE] [--config DIR] [--check]

Standard library only. It shares no code and no formats with the scorer: rows are dictionaries by id, sets are Python's,
and JSON is Python's. Writes the golden files beside itself; --check compares with those that are there instead.
"""

import argparse
import glob
import gzip
import json
import math
import os
import re
import statistics
import sys
from datetime import datetime, timedelta, timezone
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
DAY = timedelta(days=1)


def moment(text):
    if len(text) == 10:
        text += "T00:00:00Z"
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def written(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def snapshot(at, rows):
    models = {}
    for row in rows:
        models.setdefault(row["id"], row)
    return {"at": moment(at), "models": models}


def load_week(folder):
    names = sorted(glob.glob(os.path.join(folder, "*.json.gz")))
    recorded = [json.load(gzip.open(name, "rt")) for name in names]
    return [snapshot(one["fetchedAt"], one["models"]) for one in recorded]


def load_daily(name):
    with gzip.open(name, "rt") as lines:
        recorded = [json.loads(line) for line in lines if line.strip()]
    return [snapshot(one["date"], one["models"]) for one in sorted(recorded, key=lambda one: one["date"])]


def counter(row, key):
    value = row.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def step(before, after):
    """The cohort's figures and the verdict, from one snapshot to the next."""
    pairs = []
    for identifier in before["models"].keys() & after["models"].keys():
        old = counter(before["models"][identifier], "downloads")
        new = counter(after["models"][identifier], "downloads")
        if old is not None and new is not None and (old > 0 or new > 0):
            pairs.append((old, new))
    changed = sum(old != new for old, new in pairs)
    returns = [math.log((new + 1) / (old + 1)) for old, new in pairs]
    median = statistics.median(returns) if returns else 0.0
    mad = statistics.median([abs(one - median) for one in returns]) if returns else 0.0
    share = Fraction(changed, len(pairs)) if pairs else Fraction(0)
    if share < Fraction(1, 10):
        verdict = "none"
    elif share <= Fraction(1, 2):
        verdict = "suspect:partial"
    elif mad == 0:
        verdict = "suspect:no_spread"
    elif abs(math.exp(median) - 1) > 0.03:
        verdict = "suspect:implausible_median"
    else:
        verdict = "settled"
    return {
        "at": written(after["at"]), "cohort": len(pairs), "changed": changed, "median": median, "mad": mad,
        "verdict": verdict,
    }


def epochs_of(snapshots):
    steps = [step(before, after) for before, after in zip(snapshots, snapshots[1:])]
    epochs = [
        {"snapshot": after, "state": one["verdict"].split(":")[0]}
        for one, after in zip(steps, snapshots[1:]) if one["verdict"] != "none"
    ]
    return steps, epochs


def nearest(candidates, wanted, tolerance):
    within = [one for one in candidates if abs(one["at"] - wanted) <= tolerance]
    return min(within, key=lambda one: (abs(one["at"] - wanted), one["at"]), default=None)


def baselines(snapshots, epochs):
    newest = snapshots[-1]
    chosen = {"current": (None, "epoch_pending"), "downloads24h": (None, "epoch_pending"),
              "downloads7d": (None, "epoch_pending")}
    if epochs:
        last = epochs[-1]
        now = last["snapshot"]["at"]
        chosen["current"] = (last["snapshot"], "suspect_epoch" if last["state"] == "suspect" else None)
        previous = epochs[-2]["snapshot"] if len(epochs) > 1 else None
        if previous and not timedelta(hours=18) <= now - previous["at"] <= timedelta(hours=36):
            previous = None
        week = nearest([one["snapshot"] for one in epochs[:-1]], now - 7 * DAY, timedelta(hours=12))
        states = {id(one["snapshot"]): one["state"] for one in epochs}
        for name, found in (("downloads24h", previous), ("downloads7d", week)):
            if found is None:
                chosen[name] = (None, "missed_refresh")
            elif "suspect" in (last["state"], states[id(found)]):
                chosen[name] = (found, "suspect_epoch")
            else:
                chosen[name] = (found, None)
    for name, age, tolerance in (("likes24h", DAY, 6), ("likes7d", 7 * DAY, 12)):
        found = nearest(snapshots[:-1], newest["at"] - age, timedelta(hours=tolerance))
        chosen[name] = (found, None if found else "missed_refresh")
    return chosen


def tenths(value, cap):
    if value is None:
        return None
    exact = 1000 * min(1.0, math.log(1 + max(0, value)) / math.log(1 + cap))
    return int((Decimal(exact) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))


def scored(row, profiles, weights):
    caps = profiles["caps"]
    parts = {
        "adoption": tenths(counter(row, "downloads"), caps["downloads"]),
        "ecosystem": tenths(counter(row, "likes"), caps["likes"]),
        "velocity": tenths(counter(row, "trendingScore"), caps["trendingScore"]),
    }
    known = [name for name, value in parts.items() if value is not None]
    weight = sum(weights[name] for name in known)
    total = Fraction(sum(parts[name] * weights[name] for name in known), weight) if weight else Fraction(0)
    parts["total"] = math.floor(total + Fraction(1, 2))
    return parts


def ranked(snap, profiles, weights):
    scores = {identifier: scored(row, profiles, weights) for identifier, row in snap["models"].items()}
    order = sorted(scores, key=lambda identifier: (-scores[identifier]["total"], identifier.encode()))
    return scores, {identifier: place for place, identifier in enumerate(order, 1)}


def standings(snapshots, epochs, profiles):
    """Deltas with their reasons, scores and ranks of the newest snapshot, by id."""
    weights = next(one["weights"] for one in profiles["profiles"] if one["name"] == "default")
    newest = snapshots[-1]
    chosen = baselines(snapshots, epochs)
    first_seen = {}
    for snap in snapshots:
        for identifier in snap["models"]:
            first_seen.setdefault(identifier, snap["at"])
    scores, ranks = ranked(newest, profiles, weights)
    earlier_ranks = ranked(chosen["likes24h"][0], profiles, weights)[1] if chosen["likes24h"][0] else {}
    current = chosen["current"][0]

    def delta(name, identifier, now, then):
        baseline, reason = chosen[name]
        if reason:
            return reason
        if now is not None and then is not None:
            return now - then
        return "new_model" if first_seen[identifier] > baseline["at"] else "no_baseline"

    def at(snap, identifier, key):
        return counter(snap["models"].get(identifier, {}), key) if snap else None

    models = {}
    for identifier in newest["models"]:
        downloads = at(current, identifier, "downloads")
        likes = at(newest, identifier, "likes")
        places = delta("likes24h", identifier, ranks[identifier], earlier_ranks.get(identifier))
        models[identifier] = {
            "downloads24h": delta("downloads24h", identifier, downloads,
                                  at(chosen["downloads24h"][0], identifier, "downloads")),
            "downloads7d": delta("downloads7d", identifier, downloads,
                                 at(chosen["downloads7d"][0], identifier, "downloads")),
            "likes24h": delta("likes24h", identifier, likes, at(chosen["likes24h"][0], identifier, "likes")),
            "likes7d": delta("likes7d", identifier, likes, at(chosen["likes7d"][0], identifier, "likes")),
            "rankChange": -places if isinstance(places, int) else places,
            "rank": ranks[identifier], **scores[identifier],
        }
    named = {name: written(found["at"]) if found else None for name, (found, _) in chosen.items()}
    return {"observedAt": written(newest["at"]), "baselines": named, "models": models}


def plain(number):
    """A number as ECMAScript prints it, for the magnitudes that occur here."""
    return int(number) if float(number).is_integer() else float(number)


def rounded(value):
    return plain(math.floor(value * 10 + 0.5) / 10)


def spread(values):
    if not values:
        return {"min": 0, "max": 1}
    low, high = min(values), max(values)
    return {"min": 0 if low == 0 else low - 1, "max": high + 1} if low == high else {"min": low, "max": high}


def v3(snap, sources):
    """The unversioned snapshot; a curated model that the listing lacks answers 404."""
    models = []
    for source in sources:
        row = snap["models"].get(source["id"])
        slug = re.sub("[^a-z0-9]+", "-", source["displayName"].lower()).strip("-")
        model = {"id": source["id"], "slug": slug, "name": source["displayName"], "provider": source["provider"]}
        if source.get("focus"):
            model["focus"] = source["focus"]
        if row:
            modified = row.get("lastModified")
            recency = None
            if modified:
                elapsed = (snap["at"] - moment(modified)) / timedelta(milliseconds=1)
                recency = max(0, math.floor(elapsed / 86_400_000 + 0.5))
            model["metrics"] = {"downloads": row["downloads"], "likes": row["likes"], "lastModified": modified,
                                "recencyDays": recency}
            model |= {"status": "ready", "source": "https://huggingface.co/" + source["id"]}
        else:
            model["metrics"] = {"downloads": 0, "likes": 0, "lastModified": None, "recencyDays": None}
            model |= {"status": "error", "source": "https://huggingface.co",
                      "error": "Request failed with status 404"}
        models.append(model)
    ready = [model["metrics"] for model in models if model["status"] == "ready"]
    ranges = {
        "downloadRange": spread([one["downloads"] for one in ready]),
        "likeRange": spread([one["likes"] for one in ready]),
        "recencyRange": spread([one["recencyDays"] for one in ready if one["recencyDays"] is not None]),
    }

    def scale(value, span):
        return (min(max(value, span["min"]), span["max"]) - span["min"]) / (span["max"] - span["min"])

    for model in models:
        figures = model["metrics"]
        if model["status"] == "error":
            model["scores"] = {"adoption": 0, "ecosystem": 0, "velocity": 0, "total": 0}
            continue
        a = 100 * scale(figures["downloads"], ranges["downloadRange"])
        e = 100 * scale(figures["likes"], ranges["likeRange"])
        v = 50 if figures["recencyDays"] is None else 100 * (1 - scale(figures["recencyDays"], ranges["recencyRange"]))
        model["scores"] = {"adoption": rounded(a), "ecosystem": rounded(e), "velocity": rounded(v),
                           "total": rounded(0.45 * a + 0.35 * e + 0.2 * v)}
    models.sort(key=lambda model: -model["scores"]["total"])
    document = {
        "updatedAt": written(snap["at"]), "models": models,
        "metrics": {**ranges, "sourceCount": len(models), "readyCount": len(ready)},
        "scores": {"weights": {"adoption": 0.45, "ecosystem": 0.35, "velocity": 0.2}},
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def day_earlier_share(snapshots, models):
    """Of the models that the snapshot nearest to a day earlier showed, how many have a 24 h delta."""
    newest = snapshots[-1]
    before = nearest(snapshots[:-1], newest["at"] - DAY, timedelta(hours=6))
    both = [identifier for identifier in models if before and identifier in before["models"]]
    known = [identifier for identifier in both if isinstance(models[identifier]["downloads24h"], int)]
    return len(known), len(both)


def emit(name, data, check):
    place = os.path.join(HERE, name)
    content = gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data
    if not check:
        with open(place, "wb") as out:
            out.write(content)
        return True
    with open(place, "rb") as stored:
        kept = stored.read()
    # Compressors differ between versions; what they hold must not.
    return (gzip.decompress(kept) if name.endswith(".gz") else kept) == data


def compact(value):
    return (json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True) + "\n").encode()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--week", default=os.path.join(ROOT, "samples/hub-week"))
    options.add_argument("--daily", default=os.path.join(ROOT, "samples/transformers-js/hf_daily_2026.jsonl.gz"))
    options.add_argument("--config", default=os.path.join(ROOT, "config"))
    options.add_argument("--sample-config", default=os.path.join(ROOT, "samples/config"))
    options.add_argument("--check", action="store_true", help="compare with the golden files, write nothing")
    chosen = options.parse_args()
    with open(os.path.join(chosen.config, "profiles.json"), encoding="utf-8") as file:
        profiles = json.load(file)
    same = True
    for name, snapshots in (("week", load_week(chosen.week)), ("daily", load_daily(chosen.daily))):
        if not snapshots:
            sys.exit(f"no recordings for {name}")
        steps, epochs = epochs_of(snapshots)
        result = standings(snapshots, epochs, profiles)
        same &= emit(f"{name}-steps.json", compact(steps), chosen.check)
        same &= emit(f"{name}-standings.json.gz", compact(result), chosen.check)
        states = [one["verdict"] for one in steps if one["verdict"] != "none"]
        known, both = day_earlier_share(snapshots, result["models"])
        print(f"{name}: {len(snapshots)} snapshots, {len(epochs)} epochs", end=": ")
        print(", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))))
        print(f"  baselines {result['baselines']}")
        for key in ("downloads24h", "downloads7d", "likes24h", "likes7d", "rankChange"):
            values = [model[key] for model in result["models"].values()]
            reasons = sorted({value for value in values if isinstance(value, str)})
            print(f"  {key}: {sum(isinstance(value, int) for value in values)} known,",
                  {reason: values.count(reason) for reason in reasons})
        print(f"  24 h delta known for {known} of {both} models that were there a day earlier")
    newest = load_week(chosen.week)[-1]
    for name, folder in (("v3-default", chosen.config), ("v3-sample", chosen.sample_config)):
        with open(os.path.join(folder, "sources.json"), encoding="utf-8") as file:
            same &= emit(f"{name}.json", v3(newest, json.load(file)).encode(), chosen.check)
    if not same:
        sys.exit("the golden files differ from what the recordings give")


if __name__ == "__main__":
    main()
