"""Requests that come too slowly: each holds a connection until the other side has had enough of it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from .stand import BEARER, Stand
from .wire import Reply, request

EACH = 20
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 110.0
"""Caddy cuts off after 10 s (headers) or 20 s (a body that stalls or drips; 33 s were seen). The rest is for a busy machine."""
SLOW = {
    "header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", 2.0),
    "header of a tool": (b"GET / HTTP/1.1\r\nHost: ollama.localhost\r\nX: ", 2.0),
    "body that drips": (request("POST", "/x", ["Content-Length: 1000"], host="ollama.localhost", close=False), 1.0),
    "body that stalls": (request("POST", "/x", ["Content-Length: 1000"], host="ollama.localhost", close=False), 1000.0),
    "form that drips": (request("POST", "/auth/login", ["Content-Length: 1000"], host="localhost", close=False), 1.0),
    "form that stalls": (request("POST", "/auth/login", ["Content-Length: 1000"], host="localhost", close=False), 1000.0),
    "chunks that drip": (
        request("POST", "/x", ["Transfer-Encoding: chunked"], host="ollama.localhost", close=False) + b"3e8\r\n", 1.0,
    ),
}  # fmt: skip
"""What is sent first, and then a byte every so many seconds."""


class Link:
    """One such connection."""

    def __init__(self, case: str, port: int) -> None:
        head, self._pause = SLOW[case]
        self.case, self._due = case, time.monotonic() + self._pause
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(head)
        self._socket.setblocking(False)

    def ended(self) -> bool:
        """Send a byte where one is due, and read; whether the other side has closed."""
        try:
            if time.monotonic() >= self._due:
                self._due = time.monotonic() + self._pause
                self._socket.send(b"x")
            return self._socket.recv(65536) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        self._socket.close()


class SlowOnes:
    """`EACH` of every kind, all at once, driven by a thread of their own. `beside`: what others got just then."""

    def __init__(self, stand: Stand) -> None:
        self._links = [Link(case, stand.http) for case in SLOW for _ in range(EACH)]
        self._began, self._over = time.monotonic(), threading.Event()
        self._driver = threading.Thread(target=self._drive, daemon=True)
        self._driver.start()
        self.beside: dict[str, Reply] = {
            "the API": stand.ask("GET", "/api/jobs", [BEARER]),
            "a tool": stand.ask("GET", "/x", [BEARER], tool="ollama"),
        }

    def held_open(self) -> set[str]:
        """The cases of which a connection is still open when patience has ended."""
        self._driver.join(max(self._began + PATIENCE_SECONDS - time.monotonic(), 5.0))
        return {link.case for link in self._links}

    def close(self) -> None:
        self._over.set()
        self._driver.join()
        for link in self._links:
            link.close()

    def _drive(self) -> None:
        while self._links and not self._over.wait(LOOK_SECONDS):
            ended = [link for link in self._links if link.ended()]
            for link in ended:
                link.close()
            self._links = [link for link in self._links if link not in ended]


@contextlib.contextmanager
def slow_ones(stand: Stand) -> Iterator[SlowOnes]:
    made = SlowOnes(stand)
    try:
        yield made
    finally:
        made.close()
