"""The part of docs/benchmarks.md about the job queue."""

import statistics

from report import number, spread, table

TITLE = "The job queue"
COMMITS = {"store": 2, "litequeue": 2, "persist-queue": 2, "huey": 1}


class Records:
    def __init__(self, records):
        self.records = records

    def all(self, measure, **facts):
        return [
            record for record in self.records
            if record["measure"] == measure and all(record[name] == value for name, value in facts.items())
        ]

    def rate(self, measure, **facts):
        """The median, or `None` where nothing was measured."""
        found = self.all(measure, **facts)
        return statistics.median(found[0]["rates"]) if found else None

    def column(self, measure, name):
        return sorted({record[name] for record in self.all(measure)})


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def sections(result):
    records = Records(result["records"])
    return (
        targets(records) + alignment(records) + [LEGEND]
        + grid(records, "store", "Store calls: claim and finish, jobs per second")
        + grid(records, "chain", "Store calls in a chain: finish and claim the next, jobs per second")
        + grid(records, "worker", "Worker: claim, run and finish, jobs per second")
        + grid(records, "enqueue", "Enqueue, jobs per second")
        + singly(records) + bare(records) + peers(records) + fairness(records) + wake(records) + backlog(records)
    )


LEGEND = """### What was measured

* **store calls**: a process claims a batch in one transaction and ends it in another, in a loop, with the product's own
  statements. Nothing else happens; that is the queue's own cost.
* **store calls in a chain**: the same, but the transaction that ends a batch claims the next one, as the worker has it
  done while there is work: one durable commit a batch. The targets are held against these.
* **worker**: the product's `Worker` with a stage that does nothing: claim, JSON decoding, a task for each job, commit,
  heartbeat, doorbell, logging. A batch of N is a worker that runs N jobs at a time.
* **enqueue**: encodes the payload and stores it, N jobs a transaction.
* Each worker is a process of its own, and stands for election as checkpointer, as the daemons do. Every measurement
  has a fresh database; all of it is read back afterwards: each job must be done, once."""


def targets(records):
    raw = records.rate("raw", sync="full")
    batch = records.rate("chain", sync="full", batch=100, workers=4) or records.rate(
        "chain", sync="full", batch=100, workers=2)
    alone = records.rate("chain", sync="full", batch=100, workers=1)
    single = max(record["median"] for record in best(records, "full"))
    normal = max(record["median"] for record in best(records, "normal"))
    least = {sync: {size: records.rate("bare", sync=sync, batch=size) for size in (1, 100)}
             for sync in ("full", "normal")}
    wake = records.all("wake")[0]
    (p50, least50), (p99, least99) = (
        [percentile(wake[key], share) / 1e3 for key in ("stored", "one")] for share in (0.5, 0.99))
    commits = 1 / raw * 1e3
    between = "the claim's durable commit lies in between; one of one small row took {:.2f} ms at this percentile"
    rows_of_batch = 100 / records.rate("chain", sync="normal", batch=100, workers=1) * 1e3
    rows_of_one = 1 / records.rate("chain", sync="normal", batch=1, workers=1) * 1e3
    slow = max(ratio(record) for record in records.all("backlog"))
    listing = statistics.median(records.all("list")[0]["milliseconds"])
    rows = [
        row("claim and finish in batches of 100, 4 processes", 150_000, batch, "/s",
            f"of the {100 / alone * 1e3:.2f} ms that a batch takes one process, {commits:.2f} ms are one durable "
            f"commit of this disk and {rows_of_batch:.2f} ms SQLite's work on rows, checks and indexes (what it takes "
            "with NORMAL), which only one process at a time does. The bare table below gives "
            f"{number(least['full'][100])}/s"),
        row("claim and finish singly, FULL", 4_000, single, "/s",
            f"one durable commit a job, and this disk gives {number(raw)} of them a second to one process; "
            f"the work on rows takes {rows_of_one:.2f} ms. The bare table below gives "
            f"{number(least['full'][1])}/s"),
        row("claim and finish singly, NORMAL", 15_000, normal, "/s",
            "a transaction a job that writes three pages to the log (the jobs, their index and the depth), with about "
            "half of the time in the kernel. "
            f"The bare table below gives {number(least['normal'][1])}/s"),
        row("enqueue to start, p50", 1, p50, " ms", between.format(least50), True),
        row("enqueue to start, p99", 5, p99, " ms", between.format(least99), True),
        row("claim from a million waiting jobs against few", 1.2, slow, "×", "see below", True),
        row("`helicarrier queue list` with a million jobs", 200, listing, " ms", "see below", True),
    ]
    worst = worst_ratio(records)
    rows.append(row("the Python queues, ours in batches of 100 against theirs, FULL", 10, worst, "×",
                    "see the table of the peers"))
    written = table(["target", "wanted", "measured", "why not"], rows).replace("--:", "---")
    return ["### Targets and what was reached", written]


def row(name, wanted, measured, unit, why, at_most=False):
    reached = measured <= wanted if at_most else measured >= wanted
    sign = "≤" if at_most else "≥"
    return [name, f"{sign} {wanted:,}{unit}", f"{number(measured)}{unit}" + ("" if reached else " **(missed)**"),
            "" if reached else why]


def best(records, sync):
    """What singly gives, whichever way and with however many processes."""
    return [
        {"median": statistics.median(record["rates"])}
        for role in ["store", "chain", "worker"] for record in records.all(role, sync=sync, batch=1)
    ]


def alignment(records):
    names = ["journal_mode", "synchronous", "wal_autocheckpoint", "cache_size", "page_size", "temp_store",
             "sqlite_version()"]
    rows = [
        [who, record["sync"].upper(), *[answer[name] for name in names]]
        for record in records.all("settings") for who, answer in record["answers"].items()
    ]
    return [
        "### Settings, read back from each connection",
        table(["queue", "level", *names], rows),
        "`synchronous` 2 is FULL, 1 is NORMAL; the measurement refuses to start if the journal mode or the level "
        "differ. The other settings are what each queue chose. Ours has no automatic checkpoints (one elected process "
        "makes them); the peers checkpoint within their commits.",
    ]


def grid(records, measure, title):
    workers = records.column(measure, "workers")
    rows = []
    for sync in ["full", "normal"]:
        for batch in records.column(measure, "batch"):
            cells = [records.all(measure, sync=sync, batch=batch, workers=count) for count in workers]
            if any(cells):
                rows.append([sync.upper(), batch, *[spread(cell[0]["rates"]) if cell else "–" for cell in cells]])
    heads = [f"{count} process" + ("es" if count > 1 else "") for count in workers]
    return [f"### {title}", table(["level", "batch", *heads], rows)]


def singly(records):
    rows = []
    for record in records.all("raw"):
        sync, raw = record["sync"], statistics.median(record["rates"])
        for role, commits in [("store", "2"), ("chain", "1"), ("worker", "1 to 2"), ("enqueue", "1")]:
            rate = records.rate(role, sync=sync, batch=1, workers=1)
            rows.append([sync.upper(), spread(record["rates"]), role, commits, number(rate), f"{rate / raw:.2f}"])
    return [
        "### Singly, against the machine's limit",
        "The raw commit rate is that of transactions which insert one small row, made by one process.",
        table(["level", "raw commits per second", "measure", "commits a job", "jobs per second", "ratio to raw"], rows),
    ]


def bare(records):
    rows = []
    for record in records.all("bare"):
        rate = statistics.median(record["rates"])
        cells = [record["sync"].upper(), record["batch"], spread(record["rates"])]
        for role in ["store", "chain"]:
            ours = records.rate(role, sync=record["sync"], batch=record["batch"], workers=1)
            cells += [number(ours), f"{ours / rate:.2f}"]
        rows.append(cells)
    return [
        "### Against the least that a queue in a SQLite table does",
        "A table with one partial index; for each batch, a transaction that reads the next rows and marks each as "
        "held, and one that marks each as done. It has no lease to expire, limit, pace, pause, priority, unique key, "
        "count, check or history, so no queue with our promises can be as fast; one process, statements prepared "
        "once.",
        table(["level", "batch", "bare jobs per second", "ours, store calls", "ratio", "ours, in a chain", "ratio"],
              rows),
    ]


def worst_ratio(records):
    workers = max(record["workers"] for record in records.all("peer drain"))
    ours = records.rate("chain", sync="full", batch=100, workers=workers)
    theirs = [statistics.median(record["rates"]) for record in records.all("peer drain", sync="full")]
    return min(ours / rate for rate in theirs)


def peers(records):
    rows = []
    for drain in records.all("peer drain"):
        facts = {name: drain[name] for name in ["sync", "workers"]}
        put = records.all("peer enqueue", peer=drain["peer"], **facts)[0]
        taken = statistics.median(drain["rates"])
        cells = [drain["peer"], drain["sync"].upper(), drain["workers"], spread(put["rates"]), spread(drain["rates"])]
        for role, batch, rates in [("enqueue", 1, put["rates"]), ("store", 1, drain["rates"]),
                                   ("worker", 1, drain["rates"]), ("chain", 100, drain["rates"])]:
            ours = records.rate(role, batch=batch, **facts)
            cells.append(f"{ours / statistics.median(rates):.1f} ×" if ours else "–")
        cells.append(max(drain["twice"]))
        rows.append([*cells, f"{taken * COMMITS[drain['peer']] / records.rate('raw', sync=drain['sync']):.2f}"])
    jobs = {record["sync"]: record["jobs"] for record in records.all("peer drain")}
    return [
        "### The Python queues on SQLite",
        "The same number of jobs (" + ", ".join(f"{count:,} at {sync.upper()}" for sync, count in jobs.items())
        + ") with payloads of the same size, one by one: none of the three takes or ends several at a time. huey "
        "hands a job out by deleting it, one commit and no acknowledgement: if its worker dies, the job is gone. "
        "litequeue and persist-queue have no leases, so a job whose worker died waits for somebody to look. The ratios "
        "are ours to theirs with as many processes. With FULL and singly, everyone waits for the same disk, so those "
        "ratios can only be near the ratio of the commits; batches are what ours offers against that.",
        table(["queue", "level", "processes", "enqueue/s", "claim and ack/s", "ours enqueue, singly",
               "ours store, singly", "ours worker, singly", "ours in a chain, batches of 100", "handed out twice",
               "their commits to raw"], rows),
    ]


def fairness(records):
    most = max(records.column("store", "workers"))
    rows = []
    for role in ["store", "chain", "worker"]:
        for record in records.all(role, sync="full", workers=most):
            ratios = [min(shares) / statistics.mean(shares) for shares in record["shares"]]
            last = " ".join(map(str, record["shares"][-1]))
            rows.append([role, record["batch"], record["jobs"], spread(ratios), last])
    return [
        f"### Fairness among {most} processes",
        table(["measure", "batch", "jobs", "slowest / mean", "jobs of each in the last repetition"], rows),
    ]


def wake(records):
    record = records.all("wake")[0]
    rows = [
        [name, *[f"{percentile(record[key], share) / 1e3:.2f} ms" for share in (0.5, 0.9, 0.99)],
         f"{max(record[key]) / 1e3:.2f} ms"]
        for name, key in [("from the call of enqueue", "asked"), ("from its commit", "stored"),
                          ("the disk: one commit of one row", "one"), ("the disk: two of them in a row", "two")]
    ]
    return [
        "### Waking an idle queue",
        f"{record['rings']} jobs, one by one, enqueued by another process, which then rings the doorbell; until the "
        "stage begins to run. In between: (the commit of the enqueue,) the ring, a claim with its durable commit, a "
        "task. The disk's own figures are of the same minutes and with the same pauses.",
        table(["measured", "p50", "p90", "p99", "longest"], rows),
    ]


def ratio(record):
    return statistics.median(record["times"]["large"]) / statistics.median(record["times"]["small"])


def backlog(records):
    found = records.all("backlog")
    rows = [
        [record["batch"], *[spread(record["times"][size]) + " µs" for size in ("small", "large")],
         f"{ratio(record):.2f}"]
        for record in found
    ]
    plans = {name: "\n".join(steps) for name, steps in found[0]["plans"].items()}
    same = plans["small"] == plans["large"]
    listing = records.all("list")[0]
    return [
        f"### A backlog of {found[0]['backlog']:,} jobs",
        "Time of a claim's transaction (NORMAL, so that the disk does not hide the search), small and large by turns, "
        "each with an empty log at first:",
        table(["batch", "small backlog", "large backlog", "large / small"], rows),
        f"The plan of the claim is {'the same' if same else '**not** the same'} for both:",
        "```\n" + plans["large"] + ("" if same else "\n--\n" + plans["small"]) + "\n```",
        f"`helicarrier queue list` takes {spread(listing['milliseconds'])} ms of wall time, a process each, with the "
        "database in the page cache (emptying that cache needs privileges, so it was not tried).",
    ]
