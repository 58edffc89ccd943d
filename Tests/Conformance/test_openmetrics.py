#!/usr/bin/env python3
"""Reads /metrics of a live service with the strict OpenMetrics parser of Prometheus's own client library.

Needs the address of an api in HELICARRIER_URL. Nothing but that address is contacted.
"""

import os
import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
if not URL:
    sys.exit("set HELICARRIER_URL")
checks = 0


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        sys.exit(f"failed: {what}")


for target in ("/api/v4/models", "/api/v4/profiles"):
    urllib.request.urlopen(URL + target, timeout=20).read()
with urllib.request.urlopen(URL + "/metrics", timeout=20) as answer:
    kind = answer.headers["content-type"]
    text = answer.read().decode()
check(kind.startswith("application/openmetrics-text; version=1.0.0"), kind)
families = {family.name: family for family in text_string_to_metric_families(text)}
check(len(families) > 10, "few families")
requests = families["helicarrier_http_requests"]
check(requests.type == "counter", "requests are counted")
routes = {sample.labels["route"] for sample in requests.samples}
check("/api/v4/models" in routes, f"routes by template: {routes}")
for family in families.values():
    check(bool(family.documentation), f"{family.name} says what it is")
print(f"{checks} checks passed")
