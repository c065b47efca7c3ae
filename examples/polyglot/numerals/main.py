"""Writes numbers the Roman way, over HTTP: GET /roman?number=312 gives {"roman": "CCCXII"}.

Environment: PORT (8000), HOST (127.0.0.1).
"""

import json
import os
import platform
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import roman


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/healthz":
            self.answer(200, {"ok": True})
        elif url.path == "/roman":
            self.answer(*carve(parse_qs(url.query).get("number", [""])[0]))
        else:
            self.answer(404, {"error": "not found"})

    def answer(self, status, body):
        data = json.dumps({**body, "by": f"Python {platform.python_version()}"}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Health checks would fill the log; what matters is in the answers."""


def carve(number):
    try:
        return 200, {"roman": roman.toRoman(int(number))}
    except ValueError:
        return 422, {"error": f"`{number}` is not a whole number"}
    except roman.RomanError:
        return 422, {"error": f"the Romans had no way to write {number}; try 1 to 4999"}


def main():
    address = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    server = ThreadingHTTPServer(address, Handler)
    # shutdown() waits for the serving loop, so it must not run in the loop's own thread.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("numerals listens on %s:%d" % server.server_address[:2], flush=True)
    server.serve_forever()
    server.server_close()
    print("numerals stops", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
