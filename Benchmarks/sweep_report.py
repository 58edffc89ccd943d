"""The part of docs/benchmarks.md about a walk over the whole Hub."""

from report import number, table

TITLE = "A walk over the whole Hub"

LEGEND = """A made-up Hub on the same machine answers a thousand models a page, with the fields of the Hub's listing.
`fetcher`, `normalizer` and `scorer` work as in a deployment, with the shortest walk that can be set,
`HELICARRIER_SWEEP=1m`: between two pages lies what a scheduled job waits until the queue is looked at, up to half a
second, and that is what the time of fetching is made of; a deployment takes hours on purpose. In the end the models are
counted: those of the snapshot, its rows, and the lines of the api's CSV export."""


def sections(result):
    rows = []
    for record in result["records"]:
        counts = {record["ready"], record["listed"], record["exported"]}
        seconds, processes = record["seconds"], record["processes"]
        facts = [
            ("calls to the Hub", f"{record['calls']:,}"),
            ("models: of the snapshot, stored, exported", " / ".join(
                f"{record[name]:,}" for name in ["ready", "listed", "exported"])
                + (" (all there)" if counts == {record["models"]} else " **(wrong)**")),
            ("rows that broke the contract", f"{record['rejected']:,}"),
            ("until the last page is fetched", f"{number(seconds['fetched'])} s"),
            ("until the last model is stored", f"{number(seconds['stored'])} s"),
            ("until readers are shown it", f"{number(seconds['shown'])} s"),
        ]
        for name, process in processes.items():
            facts.append((f"`{name}`: processor, most memory",
                          f"{number(process['cpu'])} s, {number(process['peak'] / 1e6)} MB"))
        facts.append(("`api`: until it answers, resident, most memory", f"{number(record['api']['seconds'])} s, "
                      f"{number(record['api']['resident'] / 1e6)} MB, {number(record['api']['peak'] / 1e6)} MB"))
        facts.append(("database file, raw pages and all", f"{number(record['file'] / 1e6)} MB"))
        facts.append(("load average", f"{record['load']:.1f}"))
        rows += [(f"{record['models']:,}", *fact) for fact in facts]
    return [LEGEND, table(["models", "what", "measured"], rows)]
