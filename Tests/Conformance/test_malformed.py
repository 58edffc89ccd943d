#!/usr/bin/env python3
"""Sends ten thousand malformed requests to the running api: broken bytes, broken heads, broken parameters and broken
bodies, made from a seed. None may be answered with a 5xx, what is answered under /api/v4 must be a problem, others must
be served meanwhile, and the memory of the process must not follow the number of requests.

The address is in HELICARRIER_URL, a token in HELICARRIER_TOKEN, the folder of the executables in HELICARRIER_BIN; the
process is found by its executable and its database. Exits 0 and prints what it saw.
"""

import collections
import email.utils
import json
import os
import pathlib
import random
import socket
import sys
import time
import urllib.parse
import urllib.request

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
BIN = os.environ.get("HELICARRIER_BIN", "")
DATABASE = os.environ.get("HELICARRIER_DB_PATH", "")
if not (URL and TOKEN and BIN and DATABASE):
    sys.exit("set HELICARRIER_URL, HELICARRIER_TOKEN, HELICARRIER_BIN and HELICARRIER_DB_PATH")

REQUESTS = 10_000
SEED = 20260504
# What a heap of a few threads moves by itself, beside what the first half of the requests made it grow.
NOISE = 6 << 20

parts = urllib.parse.urlsplit(URL)
ADDRESS = (parts.hostname, parts.port)
chance = random.Random(SEED)
statuses = collections.Counter()
faults = []


def process() -> int:
    """The api on our database."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(folder / "exe") != os.path.realpath(f"{BIN}/api"):
                continue
            if f"HELICARRIER_DB_PATH={DATABASE}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                return int(folder.name)
        except OSError:
            continue
    sys.exit("failed: no api runs on HELICARRIER_DB_PATH")


def resident(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def exchange(request: bytes) -> bytes:
    """Everything that comes back before the server closes or falls silent."""
    with socket.create_connection(ADDRESS, timeout=10) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = b""
        try:
            while len(answer) < 1 << 16 and (piece := client.recv(1 << 16)):
                answer += piece
        except OSError:
            pass
        return answer


def text(size: int) -> bytes:
    return bytes(chance.randrange(256) for _ in range(size))


def word() -> str:
    letters = "abcXYZ019-_.~%/\\ '\"<>&=?;,\u00e9\u2603\0\t"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(1, 12)))


def head(method: str, target: str, *lines: str) -> bytes:
    fixed = [f"{method} {target} HTTP/1.1", "Host: test", "Connection: close", *lines]
    return ("\r\n".join(fixed) + "\r\n\r\n").encode("utf-8", "surrogateescape")


ROUTES = json.load(urllib.request.urlopen(f"{URL}/api/v4/openapi.json", timeout=60))["paths"]
# The stream has no end; v3's refresh waits for the Hub, and makes the recorded week the past.
GETS = [path for path, item in ROUTES.items() if "get" in item and not path.endswith(("/stream", "/refresh"))]
OPERATIONS = [operation for item in ROUTES.values() for operation in item.values() if isinstance(operation, dict)]
NAMES = sorted({parameter["name"] for operation in OPERATIONS for parameter in operation.get("parameters", [])})


def filled(path: str) -> str:
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + urllib.parse.quote(word(), safe="") + path[end + 1 :]
    return path


def broken_bytes() -> bytes:
    request = bytearray(head("GET", "/api/v4/models?limit=5&sort=-likes", "Accept: */*", "X-Long: " + "y" * 40))
    for _ in range(chance.randrange(1, 9)):
        request[chance.randrange(len(request))] = chance.randrange(256)
    return bytes(request)


def broken_head() -> bytes:
    target = filled(chance.choice(GETS))
    kind = chance.randrange(12)
    if kind == 0:
        return head("GET", target, "No colon here")
    if kind == 1:
        return head("GET", target, "X-Long: " + "h" * chance.choice([33_000, 60_000, 120_000]))
    if kind == 2:
        return head("GET", target + "?q=" + "u" * chance.choice([8_200, 30_000, 90_000]))
    if kind == 3:
        return head("POST", "/api/v4/webhooks", "Content-Length: 3", "Content-Length: 4") + b"{}"
    if kind == 4:
        return head("POST", "/api/v4/webhooks", "Transfer-Encoding: chunked") + b"zz\r\n" + text(20)
    if kind == 5:
        length = chance.choice(["-1", "x", "9" * 30, "1e3"])
        return head("POST", "/api/v4/webhooks", f"Content-Length: {length}") + b"{}"
    if kind == 6:
        return head(chance.choice(["BREW", "get", "PROPFIND", "G\u00cbT", "OPTIONS", "TRACE"]), target)
    if kind == 7:
        return head("GET", target + "?q=%" + chance.choice(["", "0", "zz", "00", "c3%28", "ff"]))
    if kind == 8:
        return head("GET", target).replace(b"HTTP/1.1", chance.choice([b"HTTP/9.9", b"HTTP/1", b"", b"HTTP/2.0"]))
    if kind == 9:
        return head("GET", target).replace(b"Host: test\r\n", b"")
    if kind == 10:
        proof = chance.choice(["Bearer", "Bearer hc_" + "x" * 40, "Basic !", "\x01"])
        return head("GET", target, "Authorization: " + proof)
    return head("GET", target, "If-None-Match: " + '"' * 9, "Accept: ;;;q=", "Accept-Encoding: gzip;q=x, *;q=")


def broken_parameters() -> bytes:
    pairs = []
    for _ in range(chance.randrange(1, 6)):
        name = chance.choice(NAMES) if chance.random() < 0.7 else word()
        value = chance.choice([word(), "-1", "1e99", "9" * 25, "", "NaN", "0x10", "2026-13-45", "a" * 300])
        pairs.append(urllib.parse.quote(name, safe="") + "=" + urllib.parse.quote(value, safe=""))
    # One that no route has, so that the request is always a bad one.
    return head("GET", filled(chance.choice(GETS)) + "?" + "&".join([*pairs, "colour=red"]))


def broken_body() -> bytes:
    good = '{"url":"https://example.org/hook","types":["model.*"]}'
    kind = chance.randrange(9)
    if kind == 0:
        body = good[: chance.randrange(len(good))].encode()
    elif kind == 1:
        body = b"[" * chance.choice([20, 2_000, 60_000])
    elif kind == 2:
        body = b'{"url":"https://example.org","url":"https://example.org"}'
    elif kind == 3:
        body = b'{"url":"https://a.example/\\u0000"}'
    elif kind == 4:
        body = b'{"url":"' + text(30) + b'"}'
    elif kind == 5:
        name, value = chance.choice(["url", "types", "filter", word()]), chance.choice([None, 5, {}, [[]], word()])
        body = json.dumps({name: value}).encode()
    elif kind == 6:
        body = b'{"url":"' + b"u" * chance.choice([70_000, 1_100_000]) + b'"}'
    elif kind == 7:
        body = b"\xef\xbb\xbf{}"
    else:
        broken = bytearray(good.encode())
        broken[chance.randrange(len(broken))] = chance.choice(b'\0\x1f"}{,:x')
        # Not a change that leaves it good.
        body = bytes(broken) + b"!"
    kind = chance.choice(["application/json", "application/json", "text/plain", "application/json; charset=x", ""])
    lines = [f"Content-Length: {len(body)}", f"Authorization: Bearer {TOKEN}", f"Content-Type: {kind}"]
    if chance.random() < 0.3:
        lines.append("Idempotency-Key: " + chance.choice(["", "a b", "x" * 300, "ok"]))
    return head("POST", chance.choice(["/api/v4/webhooks", "/api/v4/hub-webhook", "/api/v4/models"]), *lines) + body


KINDS = [broken_bytes, broken_head, broken_parameters, broken_body]


def judge(request: bytes, answer: bytes) -> None:
    if not answer:
        statuses["closed"] += 1
        return
    top, _, body = answer.partition(b"\r\n\r\n")
    dates = [line[6:].decode() for line in top.split(b"\r\n") if line.lower().startswith(b"date: ")]
    if len(dates) != 1 or abs(email.utils.parsedate_to_datetime(dates[0]).timestamp() - time.time()) > 60:
        faults.append(f"its Date is {dates}")
    status = int(top.split(b" ", 2)[1])
    statuses[status] += 1
    line = request.split(b"\r\n", 1)[0][:120]
    if status >= 500:
        faults.append(f"{status} for {line!r}")
    if status >= 400 and b" /api/v4/" in line and b"HEAD" not in line[:5]:
        if b"content-type: application/problem+json" not in top.lower():
            faults.append(f"{status} without a problem for {line!r}: {top[:200]!r}")
        elif b'"code":"' not in body or b'"requestId":"' not in body:
            faults.append(f"{status} without code and requestId for {line!r}")


def round_of(count: int) -> None:
    for number in range(count):
        request = KINDS[number % len(KINDS)]()
        judge(request, exchange(request))
        if number % 500 == 0:
            with urllib.request.urlopen(f"{URL}/api/v4/profiles", timeout=10) as answer:
                assert answer.status == 200


def main() -> None:
    pid = process()
    round_of(1_000)
    sizes = [resident(pid)]
    for _ in range(2):
        round_of(REQUESTS // 2)
        sizes.append(resident(pid))
    first, second = sizes[1] - sizes[0], sizes[2] - sizes[1]
    print("statuses:", dict(sorted(statuses.items(), key=str)))
    print("resident MiB:", [round(size / (1 << 20), 1) for size in sizes])
    for fault in faults[:20]:
        print("fault:", fault)
    if faults:
        sys.exit(f"failed: {len(faults)} answers are wrong")
    if second > max(first, 0) + NOISE:
        sys.exit(f"failed: the second half grew the process by {second} bytes, the first by {first}")
    if second > NOISE and second > first // 2:
        sys.exit(f"failed: memory follows the requests: {first} bytes in the first half, {second} in the second")
    if statuses[400] < REQUESTS // 3:
        sys.exit("failed: too few of the requests were bad ones")
    print(f"{sum(statuses.values())} malformed requests, no 5xx, memory stays")


if __name__ == "__main__":
    main()
