"""A made-up Hub: `hub_peer.py MODELS` answers the listing of so many models, a thousand a page, and prints its port.

Rows have the fields and about the size of the Hub's own. It stops when its input ends.
"""

import gzip
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = 1_000
ROW = """{"_id":"%(number)024x","id":"%(id)s","modelId":"%(id)s","author":"%(owner)s","likes":%(likes)d,\
"trendingScore":%(trending)d,"private":false,"downloads":%(downloads)d,"downloadsAllTime":%(all)d,"gated":false,\
"disabled":false,"tags":["transformers","safetensors","%(kind)s","text-generation",\
"conversational","en","base_model:owner%(parent)d/base-%(parent)d",\
"base_model:finetune:owner%(parent)d/base-%(parent)d","license:%(license)s",\
"autotrain_compatible","endpoints_compatible","region:us"],"pipeline_tag":"text-generation",\
"library_name":"transformers","createdAt":"2026-01-%(day)02dT06:04:45.000Z","lastModified":\
"2026-04-%(day)02dT06:51:04.000Z","sha":"%(number)040x","cardData":{"license":"%(license)s","language":["en"],\
"base_model":"owner%(parent)d/base-%(parent)d"},"config":{"architectures":["LlamaForCausalLM"],\
"model_type":"%(kind)s"},"safetensors":{"parameters":{"BF16":%(size)d},"total":%(size)d}}"""
KINDS = ["llama", "qwen2", "mistral", "gemma2"]
LICENSES = ["mit", "apache-2.0", "llama3.1", "cc-by-nc-4.0"]


def row(number):
    # A few models have nearly all of the downloads, as on the Hub.
    downloads = 40_000_000 // (1 + number * 7_919 % 2_500_000)
    owner = f"owner{number * 31 % 600_000}"
    return ROW % {
        "number": number, "id": f"{owner}/model-{number}", "owner": owner, "likes": downloads // 300,
        "trending": downloads // 90_000, "downloads": downloads, "all": downloads * 3 + number % 5,
        "kind": KINDS[number % 4], "license": LICENSES[number % 4], "parent": number % 5_000,
        "day": 1 + number % 28, "size": (1 + number % 70) * 1_000_000_000,
    }


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    models = 0
    calls = 0
    lock = threading.Lock()

    def do_GET(self):
        with Hub.lock:
            Hub.calls += 1
        query = parse_qs(urlsplit(self.path).query)
        first = int(query.get("cursor", ["0"])[0])
        after = first + PAGE
        body = ("[" + ",".join(row(number) for number in range(first, min(after, self.models))) + "]").encode()
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        if packed:
            body = gzip.compress(body, 1)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        if after < self.models:
            address = f"http://{self.headers['Host']}/api/models?limit={PAGE}&sort=createdAt&cursor={after}"
            self.send_header("Link", f'<{address}>; rel="next"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    Hub.models = int(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    print(Hub.calls, flush=True)


if __name__ == "__main__":
    main()
