"""A web server over HTTP/1.1 with connections that are kept: python3 server.py PORT [DIFFERENT].

What it answers depends on the path alone, /item/N, by a length or in chunks. Of every thousand requests it answers so many
otherwise than one without DIFFERENT: with another status, with a byte more, or with other bytes, in turn.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIFFERENT = int(sys.argv[2]) if len(sys.argv) > 2 else 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer(b"")

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, sent):
        number = int(self.path.rsplit("/", 1)[1])
        text = (self.path.encode() + sent) * (number % 50 + 1)
        status = 200
        if DIFFERENT and number % (1000 // DIFFERENT) == 7:
            kind = number // (1000 // DIFFERENT) % 3
            status = 404 if kind == 0 else 200
            text = text + b"x" if kind == 1 else text.swapcase() if kind == 2 else text
        self.send_response(status)
        if number % 4 == 1 and self.command != "HEAD":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(text), 700):
                part = text[at : at + 700]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


with Server(("0.0.0.0", int(sys.argv[1])), Handler) as server:
    print("ready", flush=True)
    server.serve_forever()
