"""Raw reads of the engine's socket: what our own delivery is compared with."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

ENGINE = "/var/run/docker.sock"
LINE = "step 1200/2400 loss=0.1234 grad_norm=0.5678 learning_rate=0.0002 epoch=1.5"
MARK = b"epoch="
"""Once in each line."""
COMPOSE = """
services:
  ollama:
    image: tunesmith/base:trixie
    init: true
    stop_grace_period: 1s
    command: sleep infinity
    logging: {driver: local}
"""


@contextmanager
def project(name: str) -> Iterator[str]:
    """A Compose project of one container that prints what it is told to. Its container's name."""
    argv = ["docker", "compose", "--project-name", name, "--file", "-"]

    def compose(*words: str) -> None:
        subprocess.run([*argv, *words], input=COMPOSE, check=True, capture_output=True, text=True, timeout=120)

    try:
        compose("up", "--detach")
        yield f"{name}-ollama-1"
    finally:
        compose("down", "--timeout", "1")


def print_lines(container: str, count: int) -> None:
    inside(container, f"yes '{LINE}' | head -n {count} > /proc/1/fd/1")


def inside(container: str, script: str, wait: bool = True) -> None:
    argv = ["docker", "exec", *([] if wait else ["--detach"]), container, "bash", "-c", script]
    subprocess.run(argv, check=True, timeout=120)


def raw_rate(container: str, count: int, *, timestamps: bool, tail: int | None = None) -> float:
    """Lines a second of the engine's own answer, read as fast as it comes. `tail`: it looks for their beginning first."""
    target = f"/containers/{container}/logs?stdout=1&stderr=1&follow=0&timestamps={int(timestamps)}&tail={tail or 'all'}"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(ENGINE)
        return rate(connection, target, "Host: docker\r\nConnection: close\r\n", count)


def rate(connection: socket.socket, target: str, headers: str, count: int) -> float:
    """Lines a second until `count` have come."""
    connection.settimeout(120)
    began, seen, held = time.perf_counter(), 0, b""
    connection.sendall(f"GET {target} HTTP/1.1\r\n{headers}\r\n".encode())
    while seen < count:
        data = held + connection.recv(262144)
        assert len(data) > len(held), f"{target} ended after {seen} of {count} lines: {data[:300]!r}"
        seen += data.count(MARK)
        # A mark may be cut in two; it isn't counted twice, since fewer bytes than one stay.
        held = data[-len(MARK) + 1 :]
    return seen / (time.perf_counter() - began)
