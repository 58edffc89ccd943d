#!/usr/bin/env python3
"""Receives live deliveries and verifies them with libraries that others wrote: `standardwebhooks`, `svix` 1.40.0.

Needs a running api and notifier that may reach 127.0.0.0/8 (HELICARRIER_WEBHOOK_ALLOW), the address of the api in
HELICARRIER_URL and a token with the scope for webhooks in HELICARRIER_TOKEN. Nothing but that address is contacted.
Exits 0 and prints a count when both libraries agree with everything that was sent.
"""

import hashlib
import hmac
import asyncio
import base64
import json
import os
import queue
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hypercorn.asyncio import serve
from hypercorn.config import Config
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError as StandardError
from svix.webhooks import Webhook as SvixWebhook
from svix.webhooks import WebhookVerificationError as SvixError

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
if not URL or not TOKEN:
    sys.exit("set HELICARRIER_URL and HELICARRIER_TOKEN")
TRUSTED = os.environ["HELICARRIER_TRUSTED"]
PATIENCE = 20.0
VERIFIERS = [(StandardWebhook, StandardError), (SvixWebhook, SvixError)]
checks = 0


def check(holds: bool, what: str) -> None:
    global checks
    checks += 1
    if not holds:
        sys.exit(f"failed: {what}")


received: "queue.Queue[tuple[dict, bytes]]" = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    """Keeps every delivery, and echoes a challenge."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        challenge = json.loads(body)["data"].get("challenge")
        answer = json.dumps({"challenge": challenge} if challenge else {}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        received.put(({name.lower(): value for name, value in self.headers.items()}, body))

    def log_message(self, *_: object) -> None:
        pass


def call(method: str, path: str, body: object = None, headers: "dict | None" = None) -> "tuple[int, dict, dict | None]":
    request = urllib.request.Request(URL + path, method=method)
    request.add_header("Authorization", f"Bearer {TOKEN}")
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, data=data, timeout=PATIENCE) as answer:
            text = answer.read()
            return answer.status, dict(answer.headers.items()), json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, dict(error.headers.items()), json.loads(text) if text else None


def wait_for(event_type: str) -> "tuple[dict, bytes]":
    """The next delivery, which must be of that type."""
    headers, body = received.get(timeout=PATIENCE)
    check(json.loads(body)["type"] == event_type, f"a {event_type} arrives, not {body!r}")
    return headers, body


def verify(secret: str, headers: dict, body: bytes) -> None:
    for library, _ in VERIFIERS:
        check(library(secret).verify(body, headers) == json.loads(body), f"{library.__module__} verifies")


def refuse(secret: str, headers: dict, body: bytes, what: str) -> None:
    for library, error in VERIFIERS:
        try:
            library(secret).verify(body, headers)
        except error:
            check(True, what)
        else:
            check(False, f"{library.__module__} refuses {what}")


def signed(secret: str, message: str, moment: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def check_delivery(secret: str, headers: dict, body: bytes) -> None:
    verify(secret, headers, body)
    check(headers["content-type"] == "application/json", "the content type is JSON")
    check(headers["user-agent"].startswith("helicarrier/"), "the user agent is ours")
    check(len(headers.get("traceparent", "").split("-")) == 4, "the trace goes on")
    check(len(body) < 20_000, "the body is thin")
    event = json.loads(body)
    check(list(event) == ["type", "timestamp", "data"], "the body has its three keys")
    refuse(secret, headers, body.replace(b"subscription", b"Subscription"), "a tampered body")
    refuse(secret, {**headers, "webhook-id": headers["webhook-id"] + "x"}, body, "another id")
    other = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()
    refuse(other, headers, body, "another secret")
    stale = int(headers["webhook-timestamp"]) - 600
    refuse(secret, {**headers, "webhook-timestamp": str(stale)}, body, "another time")
    again = {
        **headers,
        "webhook-timestamp": str(stale),
        "webhook-signature": signed(secret, headers["webhook-id"], stale, body),
    }
    refuse(secret, again, body, "a stale delivery, although its signature is right")


def deliveries_of(subscription: str) -> list:
    """The log, once nothing is pending any more; the end of a delivery is stored a moment after it has arrived."""
    ended = threading.Event()
    for _ in range(200):
        status, _, listed = call("GET", f"/api/v4/webhooks/{subscription}/deliveries")
        check(status == 200, "deliveries are listed")
        if all(delivery["state"] != "pending" for delivery in listed["deliveries"]):
            return listed["deliveries"]
        ended.wait(0.05)
    sys.exit("failed: a delivery stays pending")


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target = f"http://127.0.0.1:{server.server_port}/in?key=hidden"

    status, headers, made = call(
        "POST", "/api/v4/webhooks",
        {"url": target, "allowHttp": True, "types": ["model.*"], "description": "conformance"}
    )
    check(status == 201, f"a subscription is created, not {status}: {made}")
    check(headers["Location"] == f"/api/v4/webhooks/{made['id']}", "the location names it")
    secret, name = made["secret"], made["id"]
    check(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32, "the secret has 32 bytes")
    check(made["state"] == "pending", "it waits for its verification")

    check_delivery(secret, *wait_for("subscription.verification"))
    deliveries_of(name)
    status, headers, shown = call("GET", f"/api/v4/webhooks/{name}")
    check(status == 200 and shown["state"] == "active", "the echo has made it active")
    check("secret" not in json.dumps(shown), "the secret is shown once")
    _, _, listed = call("GET", "/api/v4/webhooks?limit=100")
    check(secret not in json.dumps(listed), "a list shows no secret")

    status, _, test = call("POST", f"/api/v4/webhooks/{name}/test")
    check(status == 202, "a test event is taken")
    arrived, body = wait_for("subscription.test")
    check_delivery(secret, arrived, body)
    check(arrived["webhook-id"] == test["eventId"], "the test event is the one that was announced")
    first_events = {delivery["eventId"] for delivery in deliveries_of(name)}

    check_rotation(name, secret)
    check_pair(target)

    log = [delivery for delivery in deliveries_of(name) if delivery["eventId"] in first_events]
    check([delivery["state"] for delivery in log] == ["succeeded", "succeeded"], "both have succeeded")
    check([delivery["trigger"] for delivery in log] == ["test", "scheduled"], "the log says what made them")
    for delivery in log:
        attempt = delivery["attempts"][0]
        check(attempt["status"] == 200 and attempt["errorClass"] is None, "the attempt is recorded")
        check(attempt["address"] == "127.0.0.1", "the address is recorded")
        check("hidden" not in json.dumps(attempt), "the URL's query is not")
        check("v1," not in json.dumps(attempt), "nor is the signature")

    check_certificate()
    check_http2()

    faults = {"/url": "refused_url", "/types/0": "unknown_value", "/surprise": "unknown_field"}
    status, headers, problem = call(
        "POST", "/api/v4/webhooks", {"url": "https://10.0.0.1/", "types": ["nothing"], "surprise": 1}
    )
    check(status == 400 and headers["Content-Type"] == "application/problem+json", "a bad creation is a problem")
    check({fault["pointer"]: fault["code"] for fault in problem["errors"]} == faults, "that names every fault")

    check(call("DELETE", f"/api/v4/webhooks/{name}", headers={"If-Match": headers_of(name)})[0] == 204, "it is deleted")
    check(call("GET", f"/api/v4/webhooks/{name}")[0] == 404, "and gone")
    server.shutdown()
    print(f"{checks} checks: standardwebhooks and svix agree")


def check_certificate() -> None:
    """A receiver whose certificate nobody has signed gets nothing, and the log says why."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"-keyout": f"{folder}/key.pem", "-out": f"{folder}/certificate.pem"}
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", *sum(files.items(), ())],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files["-out"], files["-keyout"])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    status, _, made = call(
        "POST", "/api/v4/webhooks",
        {"url": f"https://127.0.0.1:{server.server_port}/in", "types": ["alert.*"], "skipVerification": True})
    check(status == 201, f"a subscription is created, not {status}: {made}")
    check(call("POST", f"/api/v4/webhooks/{made['id']}/test")[0] == 202, "a test event is taken")
    (delivery,) = deliveries_of(made["id"])
    (attempt,) = delivery["attempts"]
    check(delivery["state"] == "failed" and attempt["errorClass"] == "tls", f"it is a fault of TLS: {attempt}")
    check(attempt["status"] is None and "certificate" in attempt["errorMessage"], "that names the certificate")
    check(received.empty(), "nothing was sent")
    call("DELETE", f"/api/v4/webhooks/{made['id']}", headers={"If-Match": headers_of(made["id"])})
    server.shutdown()


def check_http2() -> None:
    """A server that offers HTTP/2 is spoken to in HTTP/2, many deliveries on one connection, each verifiable."""
    listening, done, peers = threading.Event(), threading.Event(), set()
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]

    async def application(scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            listening.set()
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        challenge = json.loads(body)["data"].get("challenge")
        await send({
            "type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps({"challenge": challenge}).encode()})
        peers.add((scope["http_version"], tuple(scope["client"])))
        received.put(({name.decode(): value.decode() for name, value in scope["headers"]}, body))

    def run() -> None:
        async def until_done() -> None:
            await asyncio.to_thread(done.wait)

        config = Config()
        config.bind, config.errorlog = [f"fd://{taken.fileno()}"], None
        config.certfile, config.keyfile = f"{TRUSTED}/certificate.pem", f"{TRUSTED}/key.pem"
        asyncio.run(serve(application, config, shutdown_trigger=until_done))

    server = threading.Thread(target=run, daemon=True)
    server.start()
    check(listening.wait(PATIENCE), "the receiver listens")
    status, _, made = call(
        "POST", "/api/v4/webhooks", {"url": f"https://127.0.0.1:{port}/in", "types": ["alert.*"]})
    check(status == 201, f"a subscription is created, not {status}: {made}")
    check_delivery(made["secret"], *wait_for("subscription.verification"))
    for _ in range(5):
        check_delivery(made["secret"], *send_test(made["id"]))
    attempts = [attempt for delivery in deliveries_of(made["id"]) for attempt in delivery["attempts"]]
    check(len(attempts) == 6, f"each was tried once: {attempts}")
    check({attempt["httpVersion"] for attempt in attempts} == {"2"}, f"the log says HTTP/2: {attempts}")
    check({attempt["tlsVersion"] for attempt in attempts} == {"TLSv1.3"}, f"and TLS 1.3: {attempts}")
    check(len(peers) == 1 and {version for version, _ in peers} == {"2"}, f"one connection served all: {peers}")
    call("DELETE", f"/api/v4/webhooks/{made['id']}", headers={"If-Match": headers_of(made["id"])})
    done.set()
    server.join(PATIENCE)


def send_test(name: str) -> "tuple[dict, bytes]":
    check(call("POST", f"/api/v4/webhooks/{name}/test")[0] == 202, "a test event is taken")
    return wait_for("subscription.test")


def check_rotation(name: str, old: str) -> None:
    """Both libraries agree with the old key and the new one while both are valid, and then with the new one alone."""
    status, _, rotated = call("POST", f"/api/v4/webhooks/{name}/rotate", {"graceSeconds": 3600})
    check(status in (200, 201), f"a rotation is made, not {status}: {rotated}")
    new = rotated["secret"]
    check(new != old, "it makes another secret")
    headers, body = send_test(name)
    check(len(headers["webhook-signature"].split(" ")) == 2, "both keys sign")
    check_delivery(new, headers, body)
    verify(old, headers, body)
    current = {**headers, "webhook-signature": headers["webhook-signature"].split(" ")[0]}
    verify(new, current, body)
    refuse(old, current, body, "the current key's signature, which is the first, with the old key")

    status, _, rotated = call("POST", f"/api/v4/webhooks/{name}/rotate", {"graceSeconds": 0})
    check(status in (200, 201), "a rotation without grace is made")
    headers, body = send_test(name)
    check_delivery(rotated["secret"], headers, body)
    refuse(new, headers, body, "a key whose time is over")
    # The first key has most of its hour left.
    verify(old, headers, body)


def check_pair(target: str) -> None:
    """Ed25519: verified with the public key that everybody may read, by the command `openssl`."""
    status, _, made = call(
        "POST", "/api/v4/webhooks", {"url": target, "allowHttp": True, "types": ["model.*"], "signature": "v1a"})
    check(status == 201 and "whsk_" not in json.dumps(made), "a subscription with a pair shows no private key")
    check_signatures(made["id"], *wait_for("subscription.verification"), count=1)
    check(call("POST", f"/api/v4/webhooks/{made['id']}/rotate", {})[0] in (200, 201), "the pair is rotated")
    check_signatures(made["id"], *send_test(made["id"]), count=2)
    deliveries_of(made["id"])
    tag = headers_of(made["id"])
    check(call("DELETE", f"/api/v4/webhooks/{made['id']}", headers={"If-Match": tag})[0] == 204, "it is deleted")


def check_signatures(name: str, headers: dict, body: bytes, count: int) -> None:
    tokens = headers["webhook-signature"].split(" ")
    check(len(tokens) == count and all(token.startswith("v1a,") for token in tokens), f"{count} v1a signatures")
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    status, _, published = call("GET", "/.well-known/webhook-keys")
    check(status == 200 and '"d"' not in json.dumps(published), "public keys are published, and no private one")
    keys = [base64.urlsafe_b64decode(key["x"] + "=") for key in published["keys"]]
    for token in tokens:
        signature = base64.b64decode(token.split(",")[1])
        check(any(holds(key, signature, content) for key in keys), "a published key verifies")
        check(not any(holds(key, signature, content + b" ") for key in keys), "a tampered body is refused")


def holds(key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether the signature is the key's (RFC 8410 says how such a key is written)."""
    written = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + key).decode()
    with tempfile.TemporaryDirectory() as folder:
        files = {"key": f"-----BEGIN PUBLIC KEY-----\n{written}\n-----END PUBLIC KEY-----\n".encode(),
                 "signature": signature, "content": content}
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        verify = "openssl pkeyutl -verify -pubin -inkey key -rawin -in content -sigfile signature"
        done = subprocess.run(
            verify.split(), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return done.returncode == 0


def headers_of(name: str) -> str:
    """The entity tag that a deletion names."""
    return call("GET", f"/api/v4/webhooks/{name}")[1]["ETag"]


main()
