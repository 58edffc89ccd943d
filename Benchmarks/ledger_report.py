"""The part of docs/benchmarks.md about the session ledger."""

from report import number, table
from tracker_report import percentile

TITLE = "The session ledger"


def milliseconds(took, share):
    return number(percentile(took, share) / 1e3) if took else "–"


def sections(result):
    records = result["records"]
    return [legend(result), *targets(records), *sending(records), *asking(records), *size(records)]


def found(records, measure, **facts):
    return [
        record for record in records
        if record["measure"] == measure and all(record[name] == value for name, value in facts.items())
    ]


def legend(result):
    return f"""### What was measured

* **Taking sessions**: senders post envelopes to `/api/v3/ingest/session` and wait for the answer, which comes after a
  commit that survives a power cut (synchronous=FULL), before they post the next; `scorer` sums them up meanwhile. A
  session is checked, fingerprinted, sorted into token buckets, priced by the price book, made searchable and put into
  the sums. They are told as they end, after a second to ten minutes, into a new database; then some of {result['days']}
  days in no order, as somebody sends them who catches up, and some into the database that is asked below. The client,
  one thread, shares the machine.
* **Answering**: one reader, {result['sessions']:,} made-up sessions of {result['days']} days, 25 agents, 12 models, 6
  kinds of task; each question is asked once, so nothing but pages of the database can be in a cache.
* **The FastAPI service** is what one would write plainly: the same routes on three SQLite tables with indexes and FTS5,
  one commit for each session (FULL), sums by GROUP BY; no envelope contract, canonical form, price book, revisions,
  percentiles or aggregates."""


def targets(records):
    rows = []
    for record in usual(records, "ours"):
        rate = record["rate"]
        rows.append(["sessions a second under 16 senders", "at least 5,000", number(rate), verdict(rate >= 5_000)])
    for record in found(records, "ask", who="ours"):
        worst = percentile(record["took"], 0.99) / 1e3
        rows.append([f"{record['kind']}, p99", "under 50 ms", f"{number(worst)} ms", verdict(worst < 50)])
    return ["### Beside what is wanted", table(["what", "wanted", "measured", ""], rows), *limit(records)]


def usual(records, who):
    return found(records, "send", who=who, connections=16, events=0, days=0, before=0)


def limit(records):
    """What a session costs, and what the plain service reaches with the same processor."""
    ours = found(records, "send", who="ours", before=0)
    rates = {who: record["rate"] for who in ("ours", "fastapi") for record in usual(records, who)}
    spent = found(records, "cpu", who="ours")
    if len(rates) < 2 or not spent:
        return []
    each = spent[0]["seconds"] / sum(len(record["took"]) for record in ours) * 1e3
    return [
        f"The processor is the limit: `api` takes {number(each)} ms of it for a session (the mean of all runs into a "
        f"new database), and shares two cores with `scorer` and the client. Under 16 senders it takes "
        f"{number(rates['ours'] / rates['fastapi'])} times as many sessions as the FastAPI service on the same machine."
    ]


def verdict(holds):
    return "yes" if holds else "**no**"


def sending(records):
    rows = []
    for record in found(records, "send"):
        rows.append([
            f"{record['who']}: {record['connections']} sender{'s' * (record['connections'] > 1)}, "
            f"{record['events']} events each{circumstance(record)}",
            number(record["rate"]), number(record["rate"] * record["events"]) if record["events"] else "–",
            milliseconds(record["took"], 0.5), milliseconds(record["took"], 0.99),
        ])
    head = ["who", "sessions/s", "events/s", "p50 ms", "p99 ms"]
    return ["### Taking sessions, acknowledged after the commit", table(head, rows)]


def circumstance(record):
    if record["before"]:
        return f", after {record['before']:,} others"
    return f", of {record['days']} days" if record["days"] else ""


def asking(records):
    rows = []
    for record in found(records, "ask", who="ours"):
        peers = found(records, "ask", who="fastapi", kind=record["kind"])
        theirs = peers[0]["took"] if peers else []
        rows.append([
            record["kind"], milliseconds(record["took"], 0.5), milliseconds(record["took"], 0.99),
            milliseconds(theirs, 0.5), milliseconds(theirs, 0.99),
        ])
    head = ["question", "ours p50 ms", "ours p99 ms", "FastAPI p50 ms", "FastAPI p99 ms"]
    return ["### Answering", table(head, rows)]


def size(records):
    return [
        f"{record['sessions']:,} sessions take {number(record['bytes'] / 1e6)} MB. The ledger's own way in, without "
        f"HTTP and in batches of a thousand, took {number(record['sessions'] / record['recording'])} sessions a "
        f"second, and summing them up {number(record['sessions'] / record['summing'])} a second."
        for record in found(records, "fill")
    ]
