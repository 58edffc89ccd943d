"""Sessions of a month, told to the running service through its API: made-up agents, some of them hostile."""

import datetime
import json
import os
import random
import urllib.request

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
MODELS = [("claude-sonnet-4-5", "anthropic"), ("gpt-5", "openai"), ("gemini-2.5-pro", "google"),
          ("deepseek-chat", "deepseek"), ("gpt-5-mini", "openai"), ("claude-haiku-4-5", "anthropic")]
AGENTS = ["triage-bot", "nightly-eval", "docs-writer", "refactor-agent"]
TITLES = ["Sort the inbox", "Run the evaluation", "Rewrite the guide", "Split the module", "Mend the import"]
STATES = ["completed"] * 12 + ["failed", "failed", "killed", "cancelled"]
HOSTILE = "-s/1 <b>&\"' ?x=1"
HOSTILE_TITLE = "<script>alert(1)</script> \u202eright to left\u202c 🚢 " + "unbroken" * 24


def tell(session, events=()):
    body = {"envelope_version": "v1", "payload": {"session": session, "events": list(events)}}
    request = urllib.request.Request(
        f"{URL}/api/v3/ingest/session", data=json.dumps(body).encode(), method="POST",
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def moment(time):
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def load(days=30):
    """Told twice, they are the same."""
    draw = random.Random(11)
    now = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(days):
        start = now - datetime.timedelta(days=day)
        for number in range(draw.randrange(2, 7)):
            (model, provider), agent = draw.choice(MODELS), draw.choice(AGENTS)
            began = start + datetime.timedelta(seconds=draw.randrange(0, 60 if day == 0 else 80_000))
            session = {
                "sessionId": f"s-{day:02}{number}", "state": draw.choice(STATES), "agentId": agent,
                "modelId": model, "provider": provider, "startedAt": moment(began), "title": draw.choice(TITLES),
                "endedAt": moment(began + datetime.timedelta(milliseconds=draw.randrange(800, 9_000_000))),
                "usage": {"inputTokens": draw.randrange(10_000, 900_000), "outputTokens": draw.randrange(500, 40_000),
                          "cacheReadTokens": draw.randrange(0, 9_000), "reasoningTokens": draw.randrange(0, 400)}}
            if draw.random() < 0.4:
                session["billedCostUsd"] = round(draw.random() * 4, 6)
            tell(session)
    tell({
        "sessionId": HOSTILE, "state": "failed", "agentId": "agent <i>", "modelId": "model/" + "long-name-" * 18,
        "startedAt": moment(now), "endedAt": moment(now + datetime.timedelta(seconds=9)), "title": HOSTILE_TITLE,
        "task": "Line one\nline two <img src=x onerror=alert(1)>", "taskCategory": "\"quoted\"",
    }, [{"eventId": "e1", "seq": 1, "eventType": "error", "eventTs": moment(now),
         "payload": {"message": "<script>alert(2)</script>", "path": "x" * 300}}])
