"""A link that passes a page on in small parts, as a busy machine or a poor connection does."""

import contextlib
import http.client
import http.server
import threading
import time
import urllib.parse

PART, PAUSE = 3_000, 0.04


class Link(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        target = http.client.HTTPConnection(self.server.target, timeout=30)
        asked = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
        target.request("GET", self.path, headers=asked | {"Connection": "close", "Host": self.server.target})
        answer = target.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.end_headers()
        slow = answer.headers.get_content_type() == "text/html"
        # A stream has no end of its own: the browser leaves, or the service does.
        with contextlib.suppress(OSError, http.client.HTTPException):
            while part := answer.read(PART) if slow else answer.read1(PART):
                self.wfile.write(part)
                time.sleep(PAUSE if slow else 0)
        target.close()

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def slow_link(url):
    """Gives the address under which the pages of `url` arrive slowly."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Link)
    server.target = urllib.parse.urlsplit(url).netloc
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
