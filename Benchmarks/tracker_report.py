"""The part of docs/benchmarks.md about the model tracker."""

from report import number, table

TITLE = "The model tracker"
STATES = ["cold", "warm index", "warm"]
# What is wanted of a whole Hub.
WHOLE = 2_500_000


class Records:
    def __init__(self, records):
        self.records = records

    def all(self, measure, **facts):
        return [
            record for record in self.records
            if record["measure"] == measure and all(record[name] == value for name, value in facts.items())
        ]

    def one(self, measure, **facts):
        found = self.all(measure, **facts)
        return found[0] if found else None

    @property
    def sizes(self):
        return sorted(record["models"] for record in self.all("fill"))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def times(record):
    return " / ".join(milliseconds(percentile(record["took"], share)) for share in (0.5, 0.99))


def milliseconds(microseconds):
    return number(microseconds / 1e3)


def megabytes(size):
    return number(size / 1e6)


def sections(result):
    records = Records(result["records"])
    return (
        targets(records) + [legend(result)] + pipeline(records) + parts(records) + storage(records, result["days"])
        + memory(records) + pages(records, result["connections"]) + alone(records) + export(records)
        + alignment(records) + loads(records)
    )


def legend(result):
    earlier = "".join(
        f" At {record['models']:,} models it was measured an hour before ours, on the same machine."
        for record in result["records"] if record["measure"] == "peer" and record.get("earlier"))
    return f"""### What was measured

* **The data are made up**, with the distributions that were measured on recordings of the Hub: quantiles of downloads
  (0 / 16,168 / 1.3 M / 19 M at 10 / 50 / 90 / 99 %) and likes, counters that are refreshed together once a day, about a
  quarter of the changes negative, no library in a third of the models and no pipeline in a quarter, 585 families in a
  thousand models. Those quantiles are of the thousand trending models; the rest of the Hub has smaller numbers.
* **{result['days']} days of history are written straight into the tables** by the benchmark, all but the newest day
  scored and judged; through the pipeline they would take hours. The newest day is scored and published by the
  product's own `scorer`, at the durability of a deployment (FULL).
* **normalize** begins with raw pages of 1,000 rows as the fetcher keeps them, and ends with the stored snapshot.
* **Readers** are {result['connections']} connections that each wait for an answer before they ask again; the client,
  one thread, shares the machine. *Cold*: 240 lists that nobody has asked for, sorted eight ways, four in five with one
  to three filters. *Warm index*: the same lists with pages of another length: every body is made anew, of models that
  were in a list before. *Warm*: the same addresses again. Nothing is compressed, because nobody asks for it.
* **The FastAPI service** answers the same lists from one wide SQLite table that was copied from ours and has an index
  for each sort and each filter, with uvloop and httptools; before it is measured, 60 of its lists are compared with
  ours, ids and totals. It has no history, cursors, problems, tokens or ETags, and its body has fewer
  members.{earlier}"""


def targets(records):
    size = max(records.sizes)
    scored = records.one("scored", models=size)
    start, end = records.one("start", models=size), records.one("memory", models=size)
    warm = records.one("alone", models=size, name="list, new body")
    board = records.one("alone", models=size, name="leaderboard, pages shown before")
    export_csv = records.one("export", models=size, format="csv")
    grown = (export_csv["most"] - export_csv["before"]) / 1e6
    pages = {state: records.one("pages", models=size, who="ours", state=state) for state in STATES}
    theirs = {state: records.one("pages", models=size, who="fastapi", state=state) for state in STATES}
    least = min(pages[state]["rate"] / theirs[state]["rate"] for state in STATES)
    machine = (
        f"the load average was {scored['load']:.1f} meanwhile; FastAPI's CPU for an answer says how fast a core is")
    crowded = (
        "{} of 64 connections wait while two threads answer the others; alone, the same answer takes "
        f"{times(warm)} ms (p50 / p99) where the body is new. The load average was " + f"{pages['cold']['load']:.1f}")
    shown = [
        ("score and publish a snapshot, CPU", 30, scored["cpu"], " s", machine),
        ("score and publish a snapshot, wall time", 30, scored["milliseconds"] / 1e3, " s", machine),
        ("history of 30 days", 1_500, history(records, size) / 1e6, " MB", "see the table of storage"),
        ("the api's resident memory, started", 800, start["resident"] / 1e6, " MB", "see the table of memory"),
        ("the api's resident memory, after everything below", 800, end["resident"] / 1e6, " MB",
         f"{(end['resident'] - start['resident']) / 1e6:.0f} MB of it are orders, selections and bodies that were "
         "asked for and are kept for the next who ask"),
        ("a page for the first time, 64 connections, p99", 25, percentile(pages["cold"]["took"], 0.99) / 1e3, " ms",
         crowded.format("most")),
        ("a page with a new body, 64 connections, p99", 25, percentile(pages["warm index"]["took"], 0.99) / 1e3, " ms",
         crowded.format("62")),
        ("a page that was asked for, 64 connections, p99", 25, percentile(pages["warm"]["took"], 0.99) / 1e3, " ms",
         crowded.format("62")),
        ("one page of a list from a warm index, p50", 5, percentile(warm["took"], 0.5) / 1e3, " ms", "see below"),
        ("one page of a list from a warm index, p99", 5, percentile(warm["took"], 0.99) / 1e3, " ms", "see below"),
        ("one leaderboard page that has been shown, p99", 5, percentile(board["took"], 0.99) / 1e3, " ms",
         "see below"),
        ("memory that an export of everything adds", 16, grown, " MB", "see below"),
    ]
    rows = [
        [name, f"≤ {wanted:,}{unit}", f"{number(measured)}{unit}" + ("" if measured <= wanted else " **(missed)**"),
         "" if measured <= wanted else why]
        for name, wanted, measured, unit, why in shown
    ]
    rows.append(["answers a second against FastAPI, least of the three states", "≥ 10 ×",
                 f"{least:.1f} ×" + ("" if least >= 10 else " **(missed)**"), "" if least >= 10 else "see below"])
    title = f"### Targets, and what was reached at {size:,} models"
    if size < WHOLE:
        title += f" (they are meant for {WHOLE:,}: run with `--sizes 1000,100000,2500000`)"
    return [title, table(["target", "wanted", "measured", "why not"], rows).replace("--:", "---")]


def history(records, size):
    """Bytes of what is kept of every day."""
    kinds = records.one("storage", models=size)["tables"]
    return sum(kinds[name]["bytes"] for name in ("listing", "score", "history_block"))


def pipeline(records):
    rows = []
    for size in records.sizes:
        load, scored = records.one("normalize", models=size), records.one("scored", models=size)
        rows.append([
            f"{size:,}", number(load["milliseconds"] / 1e3), number(load["cpu"]),
            number(size / load["milliseconds"] * 1e3), megabytes(load["peak"]),
            number(scored["jobs"]["score-snapshot"] / 1e3), number(scored["jobs"]["publish-feed"] / 1e3),
            number(scored["cpu"]), megabytes(scored["peak"]),
        ])
    return [
        "### The pipeline on one snapshot",
        "From the start of the job to the commit of everything that it writes. `score-snapshot` reads, scores, ranks "
        "and compares with the day before (epoch detection); `publish-feed` chooses baselines and computes deltas, "
        "families, anomalies over all days, and standings. CPU seconds say more where others use the machine.",
        table(["models", "normalize, s", "CPU, s", "rows/s", "normalizer's peak, MB", "score-snapshot, s",
               "publish-feed, s", "CPU of both, s", "scorer's peak, MB"], rows),
    ]


def parts(records):
    names = list(records.one("parts", models=records.sizes[0])["took"])
    rows = []
    for size in records.sizes:
        record = records.one("parts", models=size)
        rows.append([f"{size:,}", *[milliseconds(record["took"][name]) for name in names]])
    record = records.one("parts", models=max(records.sizes))
    return [
        "### Parts of it, ms",
        f"The product's code, one part after the other in one process; wall time. *read* is one day's counters; "
        f"*anomalies* reads {record['epochs']} epochs and judges {record['judged']:,} models at the largest size.",
        table(["models", *names], rows),
    ]


def storage(records, days):
    rows = []
    for size in records.sizes:
        record = records.one("storage", models=size)
        kinds = record["tables"]
        each = [kinds[name]["bytes"] / max(1, kinds[name]["rows"]) for name in ("listing", "score")]
        blocks = kinds["history_block"]
        packed = records.one("packed", models=size)
        model = sum(kinds[name]["bytes"] for name in ("standing", "model", "model_card")) / size
        kept = history(records, size)
        rows.append([
            f"{size:,}", megabytes(kept), f"{kept / size / days:.1f}", *[f"{part:.1f}" for part in each],
            f"{blocks['bytes'] / size / (days - 1):.1f}" if blocks["rows"] else "–",
            number(packed["cpu"] / packed["days"]) if packed else "–", f"{model:.0f}", megabytes(record["bytes"]),
        ])
    return [
        "### Storage",
        "The history is what is kept of every model and day: of the newest days a row of `listing` (the counters) and "
        "one of `score`, of a large feed's earlier ones the same figures packed in `history_block`. *Packing* is what "
        "the scorer computes for one day of them. *Once per model* is its name, its card with tags, and its newest "
        "standing, with their indexes.",
        table(["models", f"{days} days of history, MB", "bytes per model-day", "in `listing`", "in `score`", "packed",
               "packing, s of CPU", "once per model", "everything, MB"], rows),
    ]


def memory(records):
    rows = []
    for size in records.sizes:
        start, end, peer = (records.one(name, models=size) for name in ("start", "memory", "peer"))
        rows.append([
            f"{size:,}", number(start["milliseconds"] / 1e3), number(start["cpu"]), megabytes(start["resident"]),
            megabytes(start["peak"]),
            megabytes(end["resident"]), megabytes(end["peak"]), f"{end['resident'] / size:.0f}",
            megabytes(peer["resident"]), number(peer["prepared"]),
        ])
    return [
        "### Memory of the api",
        "Resident memory once the first list is answered, and after all lists, pages and exports of this run. "
        "FastAPI's counts the file that each of its connections maps, once for each; *its table* is the time to copy "
        "and index it.",
        table(["models", "start, s", "CPU, s", "started, MB", "peak, MB", "at the end, MB", "peak, MB",
               "bytes per model", "FastAPI, MB", "its table, s"], rows),
    ]


def pages(records, connections):
    rows = []
    for size in records.sizes:
        for state in STATES:
            ours = records.one("pages", models=size, who="ours", state=state)
            theirs = records.one("pages", models=size, who="fastapi", state=state)
            rows.append([
                f"{size:,}", state, number(ours["rate"]), times(ours), number(ours["cpu"] * 1e6),
                number(ours["bytes"]), number(theirs["rate"]), times(theirs), number(theirs["cpu"] * 1e6),
                f"{ours['rate'] / theirs['rate']:.1f} ×", f"{theirs['cpu'] / ours['cpu']:.1f} ×",
            ])
    bare = [
        [f"{record['bytes']:,}", number(record["rate"]), times(record)] for record in records.all("bare")
    ]
    return [
        f"### Filtered and sorted pages, {connections} connections",
        "Milliseconds are p50 / p99 as the client sees them, waiting for the other connections' answers included. "
        "*CPU* is what the server computes for an answer, in µs: nearly the same whatever else the machine does.",
        table(["models", "state", "ours/s", "ours, ms", "CPU, µs", "bytes", "FastAPI/s", "FastAPI, ms", "CPU, µs",
               "ours to theirs", "by CPU"], rows),
        "The limit: our HTTP server on libmicrohttpd with one constant body, and nothing else.",
        table(["body, bytes", "answers/s", "ms"], bare),
    ]


def alone(records):
    names = list(dict.fromkeys(record["name"] for record in records.all("alone")))
    rows = [
        [f"{size:,}", *[times(records.one("alone", models=size, name=name)) for name in names]]
        for size in records.sizes
    ]
    return [
        "### One reader at a time, ms",
        "What the server takes for an answer when nobody else waits, the client's part included: p50 / p99. A "
        "leaderboard page that was never shown reads 30 days of 25 models from the database.",
        table(["models", *names], rows),
    ]


def export(records):
    rows = []
    for size in records.sizes:
        for record in records.all("export", models=size):
            rows.append([
                f"{size:,}", record["format"], f"{record['lines']:,}", megabytes(record["bytes"]),
                number(record["seconds"]), number(record["lines"] / record["seconds"]), megabytes(record["before"]),
                megabytes(record["most"]),
            ])
    return [
        "### Export of everything",
        "Read by one client as it comes; the server's resident memory before, and the most while it is sent.",
        table(["models", "format", "lines", "MB", "s", "lines/s", "before, MB", "most, MB"], rows),
    ]


def alignment(records):
    settings = records.all("peer")[0]["settings"]
    return [
        "### Settings",
        "Ours: WAL, FULL, 16 MB of page cache for each connection, two HTTP threads. The FastAPI service, which only "
        "reads, has read back: " + ", ".join(f"`{name}` {value}" for name, value in settings.items())
        + "; one process with Starlette's pool of threads. One process each, the same machine, one after the other.",
    ]


def loads(records):
    found = [record["load"] for record in records.records]
    return [f"The load average during the measurements was {min(found):.1f} to {max(found):.1f}."]
