"""What the engine sends, made by hand (Engine API, "Attach to a container"; RFC 9112, 7.1)."""

from __future__ import annotations

from collections.abc import Iterable


def stamp(nanoseconds: int) -> str:
    return f"2026-01-31T12:00:00.{nanoseconds:09}Z"


def frame(at: int, text: bytes, stream: int = 1) -> bytes:
    """One message with its time: `at` nanoseconds after a full second."""
    message = stamp(at).encode() + b" " + text
    return bytes([stream, 0, 0, 0]) + len(message).to_bytes(4) + message


def chunked(bodies: Iterable[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(body), body) for body in bodies) + b"0\r\n\r\n"
