"""The part of docs/benchmarks.md about webhook deliveries."""

import statistics

from report import number, table

TITLE = "Webhook deliveries"

LEGEND = """One notifier process delivers over HTTP/1.1 to a receiver on the same machine, which shares its cores: one
Python process (`asyncio`) with a listening socket for each subscription, which answers 204 to whatever arrives and
verifies nothing. The producer commits events with the product's own outbox, with `synchronous = FULL`. Each figure is
the time from the return of the commit that wrote an event to the first byte of its request at the receiver; a request
that came before the commit's return counts as 0. Every run has a fresh database, and ends when each delivery has
arrived. No other product publishes this figure; here is ours."""


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(runs, share):
    """The median of the runs, and from where to where, in milliseconds."""
    figures = [percentile(run["waits"], share) / 1_000 for run in runs]
    text = number(statistics.median(figures))
    return text if len(figures) == 1 else f"{text} ({number(min(figures))}–{number(max(figures))})"


def sections(result):
    return [LEGEND] + burst(result["records"]) + dead(result["records"])


def burst(records):
    runs = [record for record in records if record["measure"] == "burst"]
    many = runs[0]["healthy"]
    rows = [[
        f"{many:,} subscriptions × {runs[0]['events']} event", len(runs),
        f"{min(len(run['waits']) for run in runs):,} of {many:,}", sum(run["again"] for run in runs),
        spread(runs, 0.5), spread(runs, 0.95), spread(runs, 0.99), spread(runs, 1),
    ]]
    head = ["what", "runs", "delivered", "repeated", "p50 ms", "p95 ms", "p99 ms", "last ms"]
    return ["### One event for very many", table(head, rows)]


def dead(records):
    runs = [record for record in records if record["measure"] == "dead"]
    rows, figures = [], {}
    for count in [0, 1]:
        some = [run for run in runs if run["dead"] == count]
        figures[count] = statistics.median(percentile(run["waits"], 0.99) for run in some)
        rows.append([
            f"{some[0]['healthy']} healthy, {count} dead", len(some), f"{sum(len(run['waits']) for run in some):,}",
            spread(some, 0.5), spread(some, 0.95), spread(some, 0.99),
        ])
    ratio = figures[1] / figures[0]
    verdict = "as wanted" if ratio <= 1.2 else "**(missed)**"
    return [
        "### One dead endpoint beside fifty healthy ones",
        f"The dead one takes connections and says nothing, so each attempt lasts its full 15 s. One event every "
        f"{runs[0]['pause']} ms goes to all; the runs take turns.",
        table(["what", "runs", "deliveries to healthy ones", "p50 ms", "p95 ms", "p99 ms"], rows),
        f"The healthy ones' p99 with the dead one is {ratio:.2f} times that without it; wanted is at most 1.2: "
        f"{verdict}.",
    ]
