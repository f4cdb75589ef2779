"""A tiny HTTP server at the place of the Docker engine: what an old, a refusing, a new or a silent one says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FakeEngine:
    api: str = "1.47"
    min_api: str = "1.24"
    status: int = 404
    """Of every answer but that of /version."""
    silent: bool = False
    """It hears, and says nothing."""
    address: str = ""
    container: dict[str, object] | None = None
    """What inspect tells; execs of it are made, and break off the connection when they are started."""
    asked: list[str] = field(default_factory=list)
    """Paths, as they were asked for."""


@contextmanager
def served(engine: FakeEngine) -> Iterator[FakeEngine]:
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            engine.asked.append(self.path)
            if engine.silent:
                over.wait()
            elif self.path.endswith("/version"):
                _say(self, 200, {"Version": "old-1", "ApiVersion": engine.api, "MinAPIVersion": engine.min_api})
            elif "/containers/json" in self.path:
                _say(self, 200, [])
            elif engine.container and self.path.endswith("/json"):
                _say(self, 200, engine.container)
            else:
                _say(self, engine.status, {"message": "no"})

        def do_POST(self) -> None:
            engine.asked.append(self.path)
            if self.path.endswith("/exec"):
                _say(self, 201, {"Id": "e" * 64})

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        engine.address = f"tcp://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield engine
        finally:
            over.set()
            server.shutdown()


def _say(handler: BaseHTTPRequestHandler, status: int, body: object) -> None:
    text = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)
