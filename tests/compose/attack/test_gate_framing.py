"""The gate: where a request ends. Whatever two programs could read differently, and everything too large, goes nowhere."""

from __future__ import annotations

import contextlib
import socket

import pytest

from doors.wire import PATIENCE_SECONDS, request
from kit.waiting import waiting

from .checks import GateDoor
from .engine import container, exec_body

EXEC = f"/v1.41/containers/{container('llamafactory')}/exec"
START = "/v1.41/exec/" + "a" * 64 + "/start"
EVIL = request("GET", "/v1.41/info", host="gate", close=False)


def with_hidden(*headers: str, body: bytes = b"0\r\n\r\n") -> bytes:
    return request("POST", EXEC, headers, body + EVIL, host="gate", close=False)


SMUGGLED = {
    "CL.TE": with_hidden(f"Content-Length: {5 + len(EVIL)}", "Transfer-Encoding: chunked"),
    "TE.CL": with_hidden("Transfer-Encoding: chunked", "Content-Length: 5"),
    "TE alone": with_hidden("Transfer-Encoding: chunked"),
    "TE unknown": with_hidden("Transfer-Encoding: xchunked"),
    "TE after a tab": with_hidden("Transfer-Encoding:\tchunked"),
    "TE before a space": with_hidden("Transfer-Encoding : chunked"),
    "TE folded": with_hidden("Transfer-Encoding:", " chunked"),
    "TE twice": with_hidden("Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
    "two lengths": with_hidden("Content-Length: 14", "Content-Length: 200"),
    "lengths in a list": with_hidden("Content-Length: 14, 200"),
    "length with a plus": with_hidden("Content-Length: +14"),
    "negative length": with_hidden("Content-Length: -1"),
    "hexadecimal length": with_hidden("Content-Length: 0x0e"),
    "length in quotes": with_hidden('Content-Length: "14"'),
    "bare CR": request("GET", "/_ping", ["X-A: b\rUpgrade: tcp"], host="gate", close=False),
    "NUL in a header": request("GET", "/_ping", ["X-A: b\0c"], host="gate", close=False),
    "lines end by LF": b"GET /v1.41/info HTTP/1.1\nHost: x\n\n",
    "space before the name": request("GET", "/_ping", [" X-A: b"], host="gate", close=False).replace(b"Host: gate\r\n", b""),
    "GET with a body": request("GET", "/_ping", [], EVIL, host="gate", close=False),
    "HEAD with a body": request("HEAD", "/_ping", [], EVIL, host="gate", close=False),
}
PROTOCOLS = {
    "upgrade to tcp": request("POST", START, ["Connection: Upgrade", "Upgrade: tcp"], {"Detach": True}, host="gate"),
    "upgrade to a websocket": request("GET", "/v1.41/info", ["Connection: Upgrade", "Upgrade: websocket"], host="gate"),
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "HTTP/0.9": b"GET /_ping\r\n\r\n",
    "HTTP/1.0": request("GET", "/info", version="HTTP/1.0"),
    "HTTP/3.0": request("GET", "/info", host="gate", version="HTTP/3.0"),
    "no host": b"GET /v1.41/info HTTP/1.1\r\n\r\n",
    "CONNECT": request("CONNECT", "docker:2375", host="docker:2375"),
    "TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\0" * 160,
}
LARGE = {
    "a header of 200 kB": request("GET", "/_ping", ["X-A: " + "a" * 200_000], host="gate"),
    "2,000 headers": request("GET", "/_ping", [f"X-{n}: a" for n in range(2000)], host="gate"),
    "a path of 200 kB": request("GET", "/" + "a" * 200_000, host="gate"),
    "a body of 1 MB": request("POST", EXEC, [], b"x" * 1_000_000, host="gate"),
}


@pytest.mark.parametrize("case", SMUGGLED)
def test_no_smuggling(gate_door: GateDoor, case: str) -> None:
    gate_door.refuses("gate: framing", case, gate_door.gate.raw(SMUGGLED[case], 2))


@pytest.mark.parametrize("case", PROTOCOLS)
def test_no_other_protocol(gate_door: GateDoor, case: str) -> None:
    gate_door.refuses("gate: framing", case, gate_door.gate.raw(PROTOCOLS[case], 2))


@pytest.mark.parametrize("case", LARGE)
def test_nothing_oversize(gate_door: GateDoor, case: str) -> None:
    gate_door.refuses("gate: framing", case, gate_door.gate.raw(LARGE[case], 2))


@pytest.mark.parametrize("first", ["ping", "exec", "stream"])
def test_one_request_a_connection(gate_door: GateDoor, first: str) -> None:
    """What stands behind an honest request is never read."""
    honest = {
        "ping": request("GET", "/_ping", host="gate", close=False),
        "exec": request("POST", EXEC, [], exec_body(), host="gate", close=False),
        "stream": request("GET", "/v1.41/events?since=1", host="gate", close=False),
    }[first]
    reply = gate_door.gate.raw(honest + EVIL, 2)
    single = len(reply.statuses) == 1 and b"OperatingSystem" not in reply.data
    gate_door.ledger.attack("gate: framing", f"pipelined behind {first}", single, reply.data[:1500])


def test_a_slow_request_is_cut_off_and_nobody_waits(gate_door: GateDoor) -> None:
    with contextlib.closing(socket.create_connection(gate_door.gate.address, PATIENCE_SECONDS)) as slow, waiting("cut-off"):
        slow.sendall(b"GET /_ping HTTP/1.1\r\nX: ")
        slow.settimeout(PATIENCE_SECONDS)
        gate_door.serves("gate: framing", "beside a slow one", gate_door.gate.ask("GET", "/_ping"))
        ended = False
        with contextlib.suppress(TimeoutError):
            while slow.recv(65536):
                pass
            ended = True
    gate_door.ledger.attack("gate: framing", "slow header", ended, f"still open after {PATIENCE_SECONDS} s")
