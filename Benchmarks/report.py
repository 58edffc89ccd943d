"""Prints docs/benchmarks.md from the results in a folder: `report.py FOLDER [OLD]`. Each `NAME.json` there is rendered
by `NAME_report.py`. A benchmark without results keeps what OLD says of it."""

import datetime
import importlib
import json
import statistics
import sys
from pathlib import Path


def number(value):
    """Three digits that mean something."""
    if value >= 100:
        return f"{round(value, 2 - len(str(int(value))) + 1):,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values):
    """The median, and from where to where."""
    if len(values) == 1:
        return number(values[0])
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["--:"] * (len(head) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def circumstances(result):
    moment = datetime.datetime.fromtimestamp(result["began"], datetime.timezone.utc)
    machine = result["machine"]
    rows = [[name, machine[name]] for name in ["cpu", "cores", "memory", "kernel", "file system", "swift", "python"]]
    if result["peers"]:
        rows.append(["peers", ", ".join(f"{name} {version}" for name, version in result["peers"].items())])
    rows.append(["measured", f"{moment:%Y-%m-%d %H:%M} UTC, in {result['seconds']:.0f} s"])
    rows.append(["load average before and after", " and ".join(f"{load:.2f}" for load in result["load"])])
    return [table(["what", "on this machine"], rows).replace("--:", "---")]


def kept(old):
    """The sections of a report that was written before, by their titles."""
    text = Path(old).read_text() if old and Path(old).exists() else ""
    parts = text.split("\n## ")[1:]
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1].strip("\n") for part in parts}


def section(rendering, result):
    notes = []
    if result["quick"]:
        notes.append("**A quick run, to see that everything works. The figures mean nothing.**")
    if min(result["load"]) > 1:
        notes.append("**The machine was not idle: other work shared its cores and its disk.**")
    notes += result.get("notes", [])
    return "\n\n".join(notes + circumstances(result) + rendering.sections(result))


def main(folder, old=None):
    print("# Benchmarks\n")
    print("Written by `./scripts/bench`; change `Benchmarks/` and run it again, not this file. Figures are the median")
    print("of the repetitions, with the lowest and the highest in brackets. Absolute ones are this machine's; ratios")
    print("say more.")
    before = kept(old)
    for path in sorted(Path(__file__).parent.glob("*_report.py")):
        rendering = importlib.import_module(path.stem)
        results = Path(folder) / (path.stem.removesuffix("_report") + ".json")
        if results.exists():
            text = section(rendering, json.loads(results.read_text()))
        else:
            text = before.get(rendering.TITLE)
        if text:
            print(f"\n## {rendering.TITLE}\n\n{text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
