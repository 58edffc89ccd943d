#!/usr/bin/env python3
"""Lets a real notifier dial what it must not, in a network namespace that holds only loopback.

Every refused address is given to the loopback device there and has a listener, so a notifier that dials one is heard;
so is a proxy that the environment names, and a name server whose answers change. Subscriptions are written to the
database directly, as if they had been made before somebody changed the policy or the name.

Needs the executables in HELICARRIER_BIN. Exits 0 and prints a count.
"""

import fcntl
import json
import os
import secrets
import selectors
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

BIN = os.environ.get("HELICARRIER_BIN", "")
if not BIN:
    sys.exit("set HELICARRIER_BIN")
CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "samples", "config")
INSIDE = "HELICARRIER_TEST_INSIDE"
if os.environ.get(INSIDE) != "yes":
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.environ[INSIDE] = "yes"
    os.execvp("unshare", ["unshare", *user, "--net", "--mount", sys.executable, os.path.abspath(__file__)])

REFUSED = [
    "0.0.0.1", "10.0.0.5", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "172.31.255.254",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::1", "::2", "::ffff:10.0.0.5", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "100::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1",
    "fe80::1", "ff02::1",
]
# Not to be had on a device, or not as a sender's choice: refused all the same.
UNREACHABLE = {
    "0.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::ffff:10.0.0.5", "::ffff:127.0.0.1", "fe80::1", "ff02::1",
}
SPELLINGS = [
    "0x7f.0.0.1", "0177.0.0.1", "127.1", "2130706433", "0x7f000001", "127.0.0.1.", "[::1]", "[::ffff:7f00:1]",
    "[fe80::1%25lo]", "user@127.0.0.1", "user:pass@10.0.0.5", "localhost", "localhost.", "127.0.0.1:22",
]
OPEN4, OPEN6 = "93.184.216.34", "2606:2800:220:1::1"
PORT = 8080
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"failed: {what}")


def raise_loopback():
    """Brings the device up and gives it the addresses, by the ioctls that need no program."""
    four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(four, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))
    for number, address in enumerate(a for a in [*REFUSED, OPEN4] if "." in a and ":" not in a):
        if address.startswith("127.") or address in UNREACHABLE:
            continue
        name = f"lo:{number}".encode()
        fcntl.ioctl(four, 0x8916, struct.pack("16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(address)))
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    for address in [a for a in [*REFUSED, OPEN6] if ":" in a]:
        if address == "::1" or address in UNREACHABLE:
            continue
        try:
            fcntl.ioctl(six, 0x8916, struct.pack("16sIi", socket.inet_pton(socket.AF_INET6, address), 128, 1))
        except OSError as error:
            UNREACHABLE.add(address)
            print(f"{address} cannot be given to the device: {error}", file=sys.stderr)


class Ear:
    """Listens at every address of the namespace, and keeps where connections came in and what they said."""

    def __init__(self, port):
        self.heard, self.lock = [], threading.Lock()
        self.server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.server.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        local = connection.getsockname()[0].removeprefix("::ffff:")
        with self.lock:
            self.heard.append(local)
        connection.settimeout(5)
        try:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        except OSError:
            pass
        connection.close()

    def take(self):
        with self.lock:
            heard, self.heard = self.heard, []
        return heard


class Names:
    """A name server with a script: each question about IPv4 takes the next answer, and the last one stays."""

    def __init__(self):
        self.answers, self.asked = {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            question, peer = self.socket.recvfrom(512)
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode().lower())
                at += question[at] + 1
            kind = struct.unpack("!H", question[at + 1:at + 3])[0]
            name, found = ".".join(labels), []
            script = self.answers.get(name, [[]])
            if kind == 1:
                self.asked.append(name)
                found = script.pop(0) if len(script) > 1 else script[0]
            body = b"".join(
                b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(address) for address in found)
            head = question[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, len(found), 0, 0)
            self.socket.sendto(head + question[12:at + 5] + body, peer)


class World:
    """A database, and notifiers that are started with a policy and stopped when their deliveries have been tried."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "db.sqlite")
        self.environment = {"PATH": "/usr/bin:/bin", "HELICARRIER_DB_PATH": self.path, "HELICARRIER_LOG": "warning"}
        subprocess.run([f"{BIN}/helicarrier", "migrate"], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def subscribe(self, url):
        name = secrets.token_hex(8)
        database = sqlite3.connect(self.path, timeout=30)
        with database:
            database.execute("PRAGMA wal_autocheckpoint = 0")
            database.execute(
                "INSERT INTO subscription (id, url, types, state, allow_http, created_at_ms, updated_at_ms,"
                " next_start_ms) VALUES (?, ?, '*', 'active', 1, 0, 0, 0)", (name, url))
            database.execute(
                "INSERT INTO subscription_key (id, subscription_id, secret, created_at_ms) VALUES (?, ?, ?, 0)",
                (name, name, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            database.execute(
                "INSERT INTO event (id, type, origin_key, occurred_at_ms, body) VALUES (?, 'model.added', ?, ?, ?)",
                (name, name, int(time.time() * 1000), b'{"type":"model.added","timestamp":"x","data":{}}'))
            database.execute(
                "INSERT INTO delivery (id, event_id, subscription_id, state, created_at_ms, next_attempt_at_ms,"
                " position) VALUES (?, ?, ?, 'pending', 0, 0, 1)", (name, name, name))
        database.close()
        return name

    def attempts(self, names, count=1):
        """What became of each, once every one has been tried so often."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
            rows = database.execute(
                "SELECT delivery_id, error_class, address, status FROM delivery_attempt ORDER BY id").fetchall()
            database.close()
            found = {name: [row[1:] for row in rows if row[0] == name] for name in names}
            if all(len(tries) >= count for tries in found.values()):
                return found
            threading.Event().wait(0.05)
        sys.exit(f"failed: not tried in time: {[name for name in names if len(found[name]) < count]}")

    def deliver(self, urls, count=1, **settings):
        """One notifier tries all of them. Answers the attempts in the order of the URLs."""
        names = [self.subscribe(url) for url in urls]
        process = subprocess.Popen(
            [f"{BIN}/notifier"], env={**self.environment, **settings}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            found = self.attempts(names, count)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
        database = sqlite3.connect(self.path, timeout=30)
        with database:
            database.execute("DELETE FROM delivery_attempt")
            database.execute("DELETE FROM delivery")
            database.execute("DELETE FROM subscription")
        database.close()
        return [found[name] for name in names]


def written(address):
    return f"[{address}]" if ":" in address else address


def check_creation(world, names, ear):
    """The api refuses names that lead to refused addresses, and one that turns is refused when dialled."""
    command = [f"{BIN}/helicarrier", "token", "create", "--scope", "webhooks", "--scope", "admin", "--json"]
    token = json.loads(subprocess.run(command, env=world.environment, check=True, capture_output=True).stdout)["token"]
    names.answers["inner.example"] = [["10.0.0.5"]]
    names.answers["both.example"] = [[OPEN4, "192.168.1.1"]]
    names.answers["turncoat.example"] = [[OPEN4], ["127.0.0.1"]]
    process = subprocess.Popen(
        [f"{BIN}/api"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**world.environment, "HELICARRIER_LISTEN": "127.0.0.1:8081", "HELICARRIER_CONFIG_DIR": CONFIG})

    def create(url):
        body = json.dumps({"url": url, "allowHttp": True, "skipVerification": True}).encode()
        request = urllib.request.Request(
            "http://127.0.0.1:8081/api/v4/webhooks", data=body, method="POST",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    try:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen("http://127.0.0.1:8081/readyz", timeout=5).close()
                break
            except OSError:
                check(time.monotonic() < until, "the api gets ready")
                threading.Event().wait(0.05)
        for host in ["inner.example", "both.example"] + [written(address) for address in REFUSED]:
            status, problem = create(f"http://{host}:{PORT}/")
            check(status == 400, f"{host} cannot be subscribed: {problem}")
            check([fault["code"] for fault in problem["errors"]] == ["refused_url"], f"for its address: {problem}")
        status, made = create(f"http://turncoat.example:{PORT}/")
        check(status == 201 and made["state"] == "active", f"a public name can be: {made}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    (tries,) = world.deliver([f"http://turncoat.example:{PORT}/"])
    check(tries[0][0] == "refused_address", f"and is refused once it leads inside: {tries}")
    check(ear.take() == [], "nobody heard anything")


def main():
    raise_loopback()
    ear, proxy = Ear(PORT), Ear(3128)
    folder = tempfile.mkdtemp()
    for name, text in [
        ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), ("hosts", "127.0.0.1 localhost\n"),
        ("nsswitch.conf", "hosts: files dns\n"),
    ]:
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
        subprocess.run(["mount", "--bind", os.path.join(folder, name), f"/etc/{name}"], check=True)
    names = Names()
    world = World(folder)

    # The world works: public addresses are heard, and the ear hears the others when something else dials them.
    tried = world.deliver([f"http://{OPEN4}:{PORT}/", f"http://[{OPEN6}]:{PORT}/"])
    check([tries[0][0] for tries in tried] == [None, None], f"public addresses are dialled: {tried}")
    check(sorted(ear.take()) == sorted([OPEN4, OPEN6]), "and heard")
    reachable = [address for address in REFUSED if address not in UNREACHABLE]
    for address in reachable:
        socket.create_connection((address, PORT), timeout=5).close()
    until = time.monotonic() + 10
    heard = ear.take()
    while len(heard) < len(reachable) and time.monotonic() < until:
        heard += ear.take()
    check(len(heard) == len(reachable) and len(reachable) >= 24, f"the ear hears all {len(reachable)}, not {heard}")

    # Refused as they are written, in odd spellings, and behind a name.
    urls = [f"http://{written(address)}:{PORT}/" for address in REFUSED]
    urls += [f"http://{host}/" if host.endswith(":22") else f"http://{host}:{PORT}/" for host in SPELLINGS]
    for number, address in enumerate(a for a in REFUSED if ":" not in a):
        names.answers[f"inner{number}.example"] = [[address]]
        names.answers[f"both{number}.example"] = [[OPEN4, address]]
        urls += [f"http://inner{number}.example:{PORT}/", f"http://both{number}.example:{PORT}/"]
    for url, tries in zip(urls, world.deliver(urls)):
        check(tries[0][0] == "refused_address", f"{url} is refused, not {tries[0]}")
        check(tries[0][2] is None, f"{url} has no answer")
    check(ear.take() == [], "nobody heard anything")

    # A name that says one thing when it is judged and another when it is dialled: it is asked once for each attempt,
    # and what was judged is dialled.
    for number in range(10):
        names.answers[f"flip{number}.example"] = [[OPEN4], ["127.0.0.1"]]
    names.asked.clear()
    flips = [f"http://flip{number}.example:{PORT}/" for number in range(10)]
    for url, tries in zip(flips, world.deliver(flips)):
        check(tries[0][:2] == (None, OPEN4), f"{url} goes where it was judged: {tries}")
    check(set(ear.take()) == {OPEN4}, "and nowhere else")
    check(sorted(names.asked) == sorted(f"flip{number}.example" for number in range(10)), "each name was asked once")

    # The allow-list opens what it names, and nothing beside it.
    inside = ["10.0.0.5", "fd00::1"]
    tried = world.deliver(
        [f"http://{written(address)}:{PORT}/" for address in reachable],
        HELICARRIER_WEBHOOK_ALLOW="10.0.0.4/30,fd00::/64")
    for address, tries in zip(reachable, tried):
        expected = None if address in inside else "refused_address"
        check(tries[0][0] == expected, f"{address} with the allow-list: {tries}")
    check(sorted(ear.take()) == sorted(inside), "only those were heard")

    check_creation(world, names, ear)

    # Proxies of the environment are not asked.
    there = "http://127.0.0.1:3128"
    variables = ["http_proxy", "https_proxy", "all_proxy"]
    proxies = {name: there for lower in variables for name in [lower, lower.upper()]}
    tried = world.deliver([f"http://{OPEN4}:{PORT}/", f"https://{OPEN4}:8443/"], **proxies)
    check(tried[0][0][:2] == (None, OPEN4) and tried[1][0][0] == "connect", f"dialled directly: {tried}")
    check(proxy.take() == [] and ear.take() == [OPEN4], "the proxy heard nothing")
    print(f"{checks} checks: nothing but what is allowed was dialled")


main()
