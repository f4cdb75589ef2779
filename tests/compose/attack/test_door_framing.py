"""Where a request ends, and how large and how slow it may be: at Caddy, before the lock and the tools."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest

from .checks import Door
from .stand import BEARER, HTML
from .wire import request

PATIENCE_SECONDS = 35.0
"""No connection is held longer without login: 10 s for headers, 20 s for a body that stalls, the rest for a busy machine."""


def smuggled(host: str, evil: bytes) -> dict[str, bytes]:
    def with_hidden(*headers: str, body: bytes = b"0\r\n\r\n") -> bytes:
        return request("POST", "/x", headers, body + evil, host=host, close=False)

    return {
        "CL.TE": with_hidden(f"Content-Length: {5 + len(evil)}", "Transfer-Encoding: chunked"),
        "TE.CL": with_hidden("Transfer-Encoding: chunked", "Content-Length: 5"),
        "TE unknown": with_hidden("Transfer-Encoding: xchunked"),
        "TE before a space": with_hidden("Transfer-Encoding : chunked"),
        "TE folded": with_hidden("Transfer-Encoding:", " chunked"),
        "TE twice": with_hidden("Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
        "TE with gzip": with_hidden("Transfer-Encoding: gzip, chunked"),
        "two lengths": with_hidden("Content-Length: 5", f"Content-Length: {5 + len(evil)}"),
        "lengths in a list": with_hidden("Content-Length: 5, 200"),
        "length with a plus": with_hidden("Content-Length: +5"),
        "length of nothing": with_hidden("Content-Length: 0", body=b""),
        "chunk with an extension": with_hidden("Transfer-Encoding: chunked", body=b'0;x="\r\n\r\n"\r\n\r\n'),
        "chunk of a wrong length": with_hidden("Transfer-Encoding: chunked", body=b"ffffffffffffffff\r\n"),
        "length in a header's value": request("POST", "/x", ["X-A: b\rContent-Length: 0"], evil, host=host, close=False),
        "lines end by LF": evil.replace(b"\r\n", b"\n"),
        "pipelined": request("GET", "/auth/login", host=host.removeprefix("ollama."), close=False) + evil,
    }


@pytest.mark.parametrize("case", smuggled("x", b""))
def test_a_hidden_request_meets_the_lock_too(door: Door, case: str) -> None:
    """Caddy may read two requests; each of them then stands before the lock by itself."""
    evil = request("GET", "/hidden", host=door.stand.host("ollama"), close=False)
    reply = door.stand.raw(smuggled(door.stand.host("ollama"), evil)[case], 2)
    arrived = door.stand.arrived()
    shut = not arrived and b"x-recorded-by" not in reply.data.lower()
    door.ledger.attack("framing", case, shut, (reply.data[:1500], arrived))


@pytest.mark.parametrize("case", smuggled("x", b""))
def test_a_request_hidden_behind_an_honest_one(door: Door, case: str) -> None:
    """An honest client's connection must not carry a second request to a tool that the lock never saw."""
    stand, host = door.stand, door.stand.host("ollama")
    evil = request("GET", "/hidden", host=host, close=False)
    reply = stand.raw(smuggled(host, evil)[case].replace(b"\r\n", f"\r\n{BEARER}\r\n".encode(), 1), 2)
    arrived = [each.target for each in stand.arrived("ollama")]
    door.ledger.attack("framing", f"{case}, honest first", "/hidden" not in arrived, (reply.data[:1500], arrived))


def test_nothing_oversize(door: Door) -> None:
    stand = door.stand
    large = {
        "a header of 100 kB": stand.ask("GET", "/x", [BEARER, "X-A: " + "a" * 100_000], tool="ollama"),
        "2,000 headers": stand.ask(
            "GET", "/x", [BEARER, *(f"X-Header-{n}: aaaaaaaaaaaaaaaa" for n in range(2000))], tool="ollama"
        ),
        "an address of 100 kB": stand.ask("GET", "/" + "a" * 100_000, [BEARER], tool="ollama"),
        "a form of 1 MB": stand.ask("POST", "/auth/login", [f"Origin: {stand.origin()}"], b"token=" + b"x" * 1_000_000),
        "11 MB for TensorBoard": stand.ask("POST", "/x", [BEARER], b"x" * 11_000_000, tool="tensorboard"),
        "1 TB announced": stand.ask("POST", "/x", [BEARER, "Content-Length: 1000000000000"], b"x", tool="ollama"),
        "2 MB for the API": stand.ask("POST", "/api/runs", [BEARER], b"x" * 2_000_000),
        "1 MB without login": stand.ask("POST", "/x", [], b"x" * 1_000_000, tool="ollama"),
    }
    for case, reply in large.items():
        whole = [each for each in stand.arrived() if len(each.body) > 10_000_000]
        refused = not whole and b"x-recorded-by" not in reply.data.lower() and all(status >= 400 for status in reply.statuses)
        door.ledger.attack("oversize", case, refused, reply.data[:800])
    door.serves("oversize", "20 MB for LLaMA-Factory", stand.ask("POST", "/x", [BEARER], b"x" * 20_000_000, tool="llamafactory"))
    door.serves("oversize", "a page of the API", stand.ask("GET", "/docs", [BEARER, HTML]))


SLOW = {
    "header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", 2.0),
    "header of a tool": (b"GET / HTTP/1.1\r\nHost: ollama.localhost\r\nX: ", 2.0),
    "body that drips": (request("POST", "/x", ["Content-Length: 1000"], host="ollama.localhost", close=False), 1.0),
    "body that stalls": (request("POST", "/x", ["Content-Length: 1000"], host="ollama.localhost", close=False), 40.0),
    "form that drips": (request("POST", "/auth/login", ["Content-Length: 1000"], host="localhost", close=False), 1.0),
    "form that stalls": (request("POST", "/auth/login", ["Content-Length: 1000"], host="localhost", close=False), 40.0),
    "chunks that drip": (
        request("POST", "/x", ["Transfer-Encoding: chunked"], host="ollama.localhost", close=False) + b"3e8\r\n", 1.0,
    ),
}  # fmt: skip


def test_slow_requests_are_cut_off_and_nobody_waits(door: Door) -> None:
    """All at once, 20 of each; others are served meanwhile."""
    stand, began = door.stand, time.monotonic()
    with contextlib.ExitStack() as held:
        links = []
        for case, (head, pause) in SLOW.items():
            for _ in range(20):
                link = held.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", stand.http))))
                link.sendall(head)
                link.setblocking(False)
                links.append([case, link, pause, began + pause])
        door.serves("slow loris", "beside 140 slow ones", stand.ask("GET", "/api/jobs", [BEARER]))
        door.serves("slow loris", "a tool beside them", stand.ask("GET", "/x", [BEARER], tool="ollama"))
        while links and time.monotonic() - began < PATIENCE_SECONDS:
            links = [each for each in links if not _ended(each)]
            time.sleep(0.2)
    held_open = {case for case, *_ in links}
    for case in SLOW:
        door.ledger.attack("slow loris", case, case not in held_open, f"still open after {PATIENCE_SECONDS} s")


def _ended(each: list[object]) -> bool:
    """Send a byte where one is due, and read; whether the other side has closed."""
    _, link, pause, due = each
    assert isinstance(link, socket.socket) and isinstance(pause, float) and isinstance(due, float)
    try:
        if time.monotonic() >= due:
            each[3] = due + pause
            link.send(b"x")
        return link.recv(65536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
