#!/usr/bin/env python3
"""Reads the alert rules, the scrape configuration and the dashboard of deploy/, and asks a live service whether each
figure that they name exists.

Needs the address of an api in HELICARRIER_URL. Nothing but that address is contacted.
"""

import json
import os
import pathlib
import re
import sys
import urllib.request

import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
if not URL:
    sys.exit("set HELICARRIER_URL")
ROOT = pathlib.Path(__file__).resolve().parents[2]
# There only once something has happened: a backup, an answer of the Hub, a webhook, a limit.
SOMETIMES = {"helicarrier_backup_age_seconds", "helicarrier_backup_bytes", "helicarrier_upstream_quota_remaining",
             "helicarrier_queue_depth_limit", "helicarrier_checkpoint_age_seconds"}
checks = 0


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        sys.exit(f"failed: {what}")


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\bhelicarrier_[a-z0-9_]+", expression))


def is_balanced(expression: str) -> bool:
    open_, closes = [], {")": "(", "}": "{", "]": "["}
    for character in re.sub(r'"[^"]*"', "", expression):
        if character in "({[":
            open_.append(character)
        elif character in closes and (not open_ or open_.pop() != closes[character]):
            return False
    return not open_


with urllib.request.urlopen(URL + "/metrics", timeout=20) as answer:
    families = list(text_string_to_metric_families(answer.read().decode()))
known = {sample.name for family in families for sample in family.samples}
# A counter or histogram that has not counted yet has a family and no samples.
endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
known |= {family.name + ending for family in families for ending in endings.get(family.type, [""])}
source = "".join(path.read_text() for path in (ROOT / "Sources/api").rglob("*.swift"))

expressions = {}
rules = yaml.safe_load((ROOT / "deploy/prometheus/helicarrier.rules.yml").read_text())
alerts = [rule for group in rules["groups"] for rule in group["rules"]]
check(len(alerts) >= 12, "there are alerts")
check(len({alert["alert"] for alert in alerts}) == len(alerts), "each has a name of its own")
runbook = (ROOT / "docs/operations.md").read_text()
for alert in alerts:
    name = alert["alert"]
    expressions[name] = alert["expr"]
    check(re.fullmatch(r"\d+[smh]", alert.get("for", "1m")) is not None, f"{name}: for")
    check(alert["labels"]["severity"] in ("page", "ticket"), f"{name}: severity")
    check(bool(alert["annotations"]["summary"] and alert["annotations"]["runbook"]), f"{name}: what it says")
    check(f"`{name}`" in runbook, f"{name} is not in docs/operations.md")
scrape = yaml.safe_load((ROOT / "deploy/prometheus/scrape.yml").read_text())
check(scrape["scrape_configs"][0]["job_name"] == "helicarrier", "the job has the name that the rules ask for")
check(scrape["rule_files"] == ["helicarrier.rules.yml"], "the rules are read")

board = json.loads((ROOT / "deploy/grafana/helicarrier.json").read_text())
check(len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) >= 15, "there are panels")
for panel in board["panels"]:
    place = panel["gridPos"]
    check(place["x"] + place["w"] <= 24 and panel["datasource"]["uid"] == "${source}", f"{panel['title']}: place")
    for target in panel["targets"]:
        expressions[f"{panel['title']} {target['refId']}"] = target["expr"]

named = set()
for where, expression in expressions.items():
    check(is_balanced(expression), f"{where}: brackets")
    for name in names_in(expression):
        named.add(name)
        check(name in known or (name in SOMETIMES and f'"{name}"' in source), f"{where}: there is no figure {name}")
check(len(named) >= 20, "the figures are used")
print(f"{checks} checks passed")
