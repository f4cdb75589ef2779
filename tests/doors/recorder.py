"""A tool's place-holder: answers everything, keeps what reached it, and says who it is. Speaks SSE, NDJSON and WebSocket."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MARK = "x-recorded-by"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
STREAM_EVENTS = 5


@dataclass(frozen=True)
class Arrived:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Recorder:
    name: str
    arrived: list[Arrived] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    def start(self) -> int:
        recorder = self

        class Handler(_Handler):
            owner = recorder

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Caddy may hang up on us in the middle of a body: that is what some attacks are for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: Recorder
    protocol_version = "HTTP/1.1"

    def do(self) -> None:
        body = self._body()
        self.owner.arrived.append(Arrived(self.command, self.path, list(self.headers.items()), body))
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._echo()
        elif self.path.startswith("/stream"):
            self._stream()
        else:
            answer = json.dumps({"tool": self.owner.name, "got": len(body)}).encode()
            self.send_response(200)
            self.send_header(MARK, self.owner.name)
            self.send_header("Server", "a tool")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _stream(self) -> None:
        """`STREAM_EVENTS` events, so many seconds apart as the path says: /stream/0.2."""
        pause = float(self.path.rpartition("/")[2])
        self.send_response(200)
        self.send_header(MARK, self.owner.name)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(STREAM_EVENTS):
            self.wfile.write(f"data: {number}\n\n".encode())
            self.wfile.flush()
            time.sleep(pause)
        self.close_connection = True

    def _echo(self) -> None:
        """RFC 6455's handshake, then every byte back as it came."""
        key = self.headers.get("Sec-WebSocket-Key", "").encode()
        self.send_response(101)
        self.send_header(MARK, self.owner.name)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key + GUID).digest()).decode())
        self.end_headers()
        while part := self.connection.recv(65536):
            self.connection.sendall(part)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass
