"""Requests byte for byte: HTTP clients tidy up what an attacker sends."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

STATUS = re.compile(rb"^HTTP/[0-9.]+ (\d\d\d)", re.MULTILINE)
MOST = 2_000_000
LINGER = 0.5
"""How long a second answer on the same connection is waited for, in seconds."""
PATIENCE_SECONDS = 60.0
"""How long the first byte of an answer is waited for; a busy machine may take a while."""
AT_ONCE = 16


@dataclass(frozen=True)
class Reply:
    """Everything that came back on one connection."""

    data: bytes
    seconds: float
    closed: bool
    """The other side ended the connection, rather than our patience."""

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in STATUS.findall(self.data)]

    @property
    def status(self) -> int:
        """Of the first answer; 0: none, the connection was closed."""
        return (self.statuses or [0])[0]

    def header(self, name: str) -> str | None:
        head = self.data.partition(b"\r\n\r\n")[0].decode("latin-1")
        for line in head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


def request(
    method: str,
    target: str,
    headers: Iterable[str] = (),
    body: object = None,
    *,
    host: str | None = None,
    version: str = "HTTP/1.1",
    close: bool = True,
) -> bytes:
    """A request with exactly these header lines, and for a body its length and type unless they are among them."""
    lines = [f"{method} {target} {version}", *([f"Host: {host}"] if host is not None else []), *headers]
    given = {line.partition(":")[0].lower().strip() for line in lines[1:]}
    payload = b""
    if body is not None:
        payload = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        if not given & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(payload)}")
        if "content-type" not in given:
            lines.append("Content-Type: application/json")
    if close and "connection" not in given:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + payload


def send(
    address: tuple[str, int], data: bytes, wait: float = PATIENCE_SECONDS, tls: ssl.SSLContext | None = None, name: str = ""
) -> Reply:
    """Send `data` and read until the other side closes, nothing came for `wait` seconds, or no more for `LINGER`."""
    began, out, closed = time.monotonic(), b"", False
    plain = socket.create_connection(address, PATIENCE_SECONDS)
    with contextlib.closing(tls.wrap_socket(plain, server_hostname=name) if tls else plain) as link:
        link.settimeout(wait)
        # A server may answer and hang up before it has read everything: what it said is still there to be read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(data)
        with contextlib.suppress(TimeoutError):
            while len(out) < MOST and not closed:
                try:
                    part = link.recv(65536)
                except (ConnectionResetError, ssl.SSLError):
                    part = b""
                out, closed = out + part, not part
                link.settimeout(min(wait, LINGER))
    return Reply(out, time.monotonic() - began, closed)


def together(asks: Iterable[Callable[[], Reply]]) -> list[Reply]:
    """Replies in the order of what was asked, each on a connection of its own; for those that are kept open for `LINGER`."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda ask: ask(), asks))
