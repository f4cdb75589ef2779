"""A server in a process of its own, as a user starts it, on a home and a port of the benchmark."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.005


@dataclass
class Server:
    """A running server. `seconds`: from the spawn to its first healthy answer."""

    process: subprocess.Popen[bytes]
    port: int
    seconds: float
    home: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def ask(self, method: str, path: str, body: object = None, timeout: float = 600) -> Any:
        """The JSON that our server answers. AssertionError with the answer when it is a refusal."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text.decode()}"
        return json.loads(text)

    @property
    def token(self) -> str:
        return (self.home / ".tunesmith" / "token").read_text().strip()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def served(home: Path, argv: tuple[str, ...] = ("-m", "tunesmith.main"), health: str = "/api/health") -> Iterator[Server]:
    """`python ARGV` on `home` and a free port (`TUNESMITH_HOME`, `TUNESMITH_PORT`), from its first healthy answer on."""
    port = free_port()
    environment = a_users_environment() | {"TUNESMITH_HOME": str(home), "TUNESMITH_PORT": str(port)}
    with (home / "server.out").open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, *argv], env=environment, cwd=home, stdout=output, stderr=output)
    server = Server(process, port, 0.0, home)
    try:
        _await_health(server, health)
        server.seconds = time.perf_counter() - began
        yield server
    finally:
        server.stop()


def a_users_environment() -> dict[str, str]:
    """Ours without settings of Tunesmith's, and with Python's byte code kept, as it is unless someone forbids it.

    Libraries come compiled; where writing is forbidden, our own modules alone would be compiled anew at each start."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TUNESMITH_") or name == "TUNESMITH_CACHE"}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(server: Server, path: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _healthy(server.port, path):
        assert server.process.poll() is None, f"it ended: {(server.home / 'server.out').read_text()[-2000:]}"
        assert time.monotonic() < deadline, f"no healthy answer within {PATIENCE_SECONDS:g} s"
        time.sleep(POLL_SECONDS)


def _healthy(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with contextlib.closing(connection):
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False
