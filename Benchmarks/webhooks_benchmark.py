"""Measures deliveries of the real notifier to a receiver on the same machine: from the return of the commit that wrote
an event to the first byte of its request at the receiver. Writes JSON; `webhooks_report.py` renders it."""

import argparse
import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import machine
from processes import Failed

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Endpoint(asyncio.Protocol):
    """Notes when the first byte of each request comes, and for which event it is."""

    def __init__(self, arrived):
        self.arrived = arrived
        self.pending = b""
        self.began = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if self.began is None:
            self.began = time.monotonic_ns() // 1_000
        self.pending += data
        while (end := self.pending.find(b"\r\n\r\n")) >= 0:
            fields = {}
            for line in self.pending[:end].split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                fields[name.strip().lower()] = value.strip()
            length = end + 4 + int(fields.get(b"content-length", b"0"))
            if len(self.pending) < length:
                return
            self.pending = self.pending[length:]
            port = self.transport.get_extra_info("sockname")[1]
            self.arrived.append((fields[b"webhook-id"].decode(), port, self.began))
            self.began = time.monotonic_ns() // 1_000 if self.pending else None
            self.transport.write(ANSWER)


class Dead(asyncio.Protocol):
    """Takes a connection and says nothing."""

    def data_received(self, data):
        pass


class Bench:
    def __init__(self, folder, into, quick):
        self.folder = Path(folder)
        self.scratch = into.parent / "scratch-webhooks"
        self.quick = quick
        self.records = []
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def produce(self, role, path, *arguments):
        return subprocess.Popen(
            [self.folder / "WebhookBench", role, "--db", path, *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)

    async def answer(self, process):
        text = await asyncio.to_thread(process.stdout.read)
        if await asyncio.to_thread(process.wait) != 0:
            raise Failed(f"{process.args} ended with status {process.returncode}")
        return json.loads(text)

    async def notifier(self, path):
        environment = dict(
            os.environ, HELICARRIER_DB_PATH=str(path), HELICARRIER_WEBHOOK_ALLOW="127.0.0.0/8",
            HELICARRIER_LOG="warning")
        log = open(self.scratch / "notifier.log", "a")
        process = subprocess.Popen(
            [self.folder / "notifier"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        bells = Path(f"{path}.bells")
        for _ in range(2_000):
            if process.poll() is not None:
                raise Failed(f"the notifier ended; see {log.name}")
            if any(bells.glob("notify.*")):
                return process
            await asyncio.sleep(0.005)
        process.kill()
        raise Failed(f"the notifier does not listen in {bells}")

    async def run_once(self, name, healthy, dead, events, pause):
        """One fresh database, one notifier, and every delivery to the healthy ones waited for."""
        folder = self.scratch / "run"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        path = folder / "webhooks.sqlite"
        arrived = []
        loop = asyncio.get_running_loop()
        servers = [
            await loop.create_server(lambda: Endpoint(arrived), "127.0.0.1", 0, backlog=1024) for _ in range(healthy)
        ]
        silent = [await loop.create_server(Dead, "127.0.0.1", 0) for _ in range(dead)]
        ports = [server.sockets[0].getsockname()[1] for server in servers]
        urls = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in" for server in silent + servers]
        await self.answer(self.produce("subscribe", path, *urls))
        notifier = await self.notifier(path)
        try:
            committed = (await self.answer(self.produce("emit", path, events, pause)))["committed"]
            until = time.monotonic() + 120
            while len(arrived) < healthy * events:
                if time.monotonic() > until:
                    raise Failed(f"{name}: {len(arrived)} of {healthy * events} deliveries arrived")
                await asyncio.sleep(0.01)
        finally:
            notifier.send_signal(signal.SIGTERM)
            await asyncio.to_thread(notifier.wait)
            for server in servers + silent:
                server.close()
        outcome = await self.answer(self.produce("outcome", path))
        seen = {(event, port) for event, port, _ in arrived}
        if len(seen) != healthy * events or not {port for _, port in seen} <= set(ports):
            raise Failed(f"{name}: {len(seen)} of {healthy * events} deliveries are told apart")
        # From the commit's return; a request that overtakes it counts as 0.
        waits = sorted(max(0, began - committed[event]) for event, _, began in arrived)
        self.records.append({
            "measure": name, "healthy": healthy, "dead": dead, "events": events, "pause": pause, "outcome": outcome,
            "again": len(arrived) - len(seen), "waits": waits,
        })
        middle, late = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        print(name, {"healthy": healthy, "dead": dead, "events": events}, f"p50 {middle} us, p99 {late} us", flush=True)

    async def run(self):
        many = 100 if self.quick else 1_000
        repeats = 1 if self.quick else 3
        for _ in range(repeats):
            await self.run_once("burst", many, 0, 1, 0)
        # By turns, because a machine that others use changes its mind.
        events = 20 if self.quick else 100
        for _ in range(repeats):
            for dead in [0, 1]:
                await self.run_once("dead", 50, dead, events, 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--into", required=True, type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    # A thousand endpoints are as many sockets, twice.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    began = time.time()
    load = [os.getloadavg()[0]]
    bench = Bench(options.bin, options.into, options.quick)
    try:
        asyncio.run(bench.run())
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"webhooks: {error}")
    finally:
        shutil.rmtree(bench.scratch, ignore_errors=True)
    load.append(os.getloadavg()[0])
    options.into.write_text(json.dumps({
        "began": began, "seconds": time.time() - began, "quick": options.quick, "load": load, "peers": {},
        "machine": machine.facts(), "records": bench.records,
    }))


if __name__ == "__main__":
    main()
