"""A real server on a loopback port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.types import ASGIApp

Serve = Callable[[ASGIApp], int]
PATIENCE_SECONDS = 60.0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts an application and returns its port; all are stopped at the end."""
    started: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: ASGIApp) -> int:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        started.append((server, thread))
        port: int = listening.getsockname()[1]
        return port

    yield start
    for server, _ in started:
        server.should_exit = True
    for _, thread in started:
        thread.join(PATIENCE_SECONDS)
