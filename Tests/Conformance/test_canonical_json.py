#!/usr/bin/env python3
"""Compares the canonical form of JSON with the one of PyPI's `rfc8785`, on texts made from a seed.

HELICARRIER_BIN is the folder of the executables; `CanonicalForms`, a process of the tests, is among them. Exits 0 and
prints a count when both agree on every text.
"""

import json
import math
import os
import pathlib
import random
import struct
import subprocess
import sys

import rfc8785

TEXTS = 20_000
SEED = 8785
# Characters of each length in UTF-8 and UTF-16, and those that are escaped.
ALPHABET = 'aB0 "\\/\b\t\n\f\r\x00\x01\x1f\x7f\x80é\u07ff€\u2028\ud7ff\ue000\ufb33\uffff😀\U0010ffff'


def number(chance: random.Random) -> int | float:
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randint(-(2**53) + 1, 2**53 - 1)
    if kind == 1:
        return chance.randint(-1000, 1000)
    if kind == 2:
        return chance.randint(-(10**6), 10**6) / 10 ** chance.randint(0, 9)
    if kind == 3:
        return float(f"{chance.choice(('-', ''))}{chance.randint(1, 10**17)}e{chance.randint(-30, 30)}")
    while True:
        (value,) = struct.unpack("<d", chance.randbytes(8))
        if math.isfinite(value):
            return value


def text(chance: random.Random) -> str:
    return "".join(chance.choices(ALPHABET, k=chance.randrange(6)))


def value(chance: random.Random, depth: int) -> object:
    kind = chance.randrange(8 if depth < 5 else 6)
    if kind < 3:
        return number(chance)
    if kind < 5:
        return text(chance)
    if kind == 5:
        return chance.choice((None, True, False))
    if kind == 6:
        return [value(chance, depth + 1) for _ in range(chance.randrange(5))]
    return {text(chance): value(chance, depth + 1) for _ in range(chance.randrange(7))}


def main() -> None:
    folder = os.environ.get("HELICARRIER_BIN")
    if not folder:
        sys.exit("set HELICARRIER_BIN to the folder of the executables")
    program = pathlib.Path(folder) / "CanonicalForms"
    if not program.exists():
        sys.exit(f"{program} is not built: run `swift build --build-tests`")
    chance = random.Random(SEED)
    values = [value(chance, 0) for _ in range(TEXTS)]
    lines = "".join(
        json.dumps(each, ensure_ascii=chance.random() < 0.5, separators=chance.choice(((",", ":"), (" , ", " : "))))
        + "\n"
        for each in values
    )
    answer = subprocess.run([program], input=lines.encode(), stdout=subprocess.PIPE, check=True, timeout=600)
    forms = answer.stdout.split(b"\n")[:-1]
    faults = [f"{len(forms)} forms of {TEXTS} texts"] if len(forms) != TEXTS else []
    for each, form in zip(values, forms):
        expected = rfc8785.dumps(each)
        if form != expected:
            faults.append(f"{each!r}\n  theirs {expected!r}\n  ours   {form!r}")
    for fault in faults[:5]:
        print(f"failed: {fault}")
    if faults:
        sys.exit(1)
    print(f"{TEXTS} checks passed")


main()
