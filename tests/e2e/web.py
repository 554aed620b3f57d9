"""A web server for releases, honest until told otherwise."""

import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class ReleaseServer:
    """Serves a directory on loopback. ``answer`` may take a request over: it returns True where it did."""

    def __init__(self, directory, answer=None):
        self.requests = []
        self.answer = answer or (lambda _handler: False)
        outer = self

        class Handler(SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(directory))

            def do_GET(self):
                outer.requests.append((self.path, self.headers.get("If-Modified-Since")))
                if not outer.answer(self):
                    super().do_GET()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def dribble(handler):
    """An answer that never ends, a byte at a time."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        try:
            handler.wfile.write(b" ")
        except OSError:
            break
        time.sleep(0.05)
    return True
