"""The part of docs/benchmarks.md about web pages."""

from report import number, table

TITLE = "Web pages"

LEGEND = """A feed of made-up models with {days} days of history (the generator of the tracker's benchmark), served by
one api process. One reader asks for one page after the other, each address for the first time: the index is
warm, the page is not. A figure is the time from the request's first byte to the answer's last as the client
sees it, uncompressed; the server's own part is what remains without a loopback round trip (under 0.1 ms).
Trends of the rows come from the database. Wanted: under 5 ms at 2.5 million models."""

WANTED_MS = 5


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1_000


def sections(result):
    rows = []
    for record in result["records"]:
        took = record["took"]
        middle = percentile(took, 0.5)
        missed = "" if middle < WANTED_MS else " **(missed)**"
        rows.append([
            f"{record['models']:,}", record["name"], len(took), number(middle) + missed,
            number(percentile(took, 0.95)), number(percentile(took, 0.99)), f"{record['load']:.1f}",
        ])
    head = ["models", "page", "pages", "p50 ms", "p95 ms", "p99 ms", "load average"]
    return [LEGEND.format(days=result["days"]), table(head, rows)]
