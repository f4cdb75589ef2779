"""Where a request ends, and how large it may be: at Caddy, before the lock and the tools."""

from __future__ import annotations

import pytest

from .checks import Door
from .stand import BEARER, HTML
from .wire import request


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
    reply = door.stand.raw(smuggled(door.stand.host("ollama"), evil)[case], 5)
    arrived = door.stand.arrived()
    shut = not arrived and b"x-recorded-by" not in reply.data.lower()
    door.ledger.attack("framing", case, shut, (reply.data[:1500], arrived))


@pytest.mark.parametrize("case", smuggled("x", b""))
def test_a_request_hidden_behind_an_honest_one(door: Door, case: str) -> None:
    """An honest client's connection must not carry a second request to a tool that the lock never saw."""
    stand, host = door.stand, door.stand.host("ollama")
    evil = request("GET", "/hidden", host=host, close=False)
    reply = stand.raw(smuggled(host, evil)[case].replace(b"\r\n", f"\r\n{BEARER}\r\n".encode(), 1), 5)
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
        "1 TB announced": stand.ask("POST", "/x", [BEARER, "Content-Length: 1000000000000"], b"x", tool="ollama", wait=2),
        "2 MB for the API": stand.ask("POST", "/api/runs", [BEARER], b"x" * 2_000_000),
        "1 MB without login": stand.ask("POST", "/x", [], b"x" * 1_000_000, tool="ollama"),
    }
    for case, reply in large.items():
        whole = [each for each in stand.arrived() if len(each.body) > 10_000_000]
        refused = not whole and b"x-recorded-by" not in reply.data.lower() and all(status >= 400 for status in reply.statuses)
        door.ledger.attack("oversize", case, refused, reply.data[:800])
    door.serves("oversize", "20 MB for LLaMA-Factory", stand.ask("POST", "/x", [BEARER], b"x" * 20_000_000, tool="llamafactory"))
    door.serves("oversize", "a page of the API", stand.ask("GET", "/docs", [BEARER, HTML]))
