"""A door for each module: the whole entrance on a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from tunesmith.auth.core import Logins

from .door import PATIENCE_SECONDS, TOKEN, Door, application


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with _open(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture
def lonely_door(tmp_path: Path) -> Iterator[Door]:
    """One that no other test has knocked at."""
    with _open(tmp_path) as door:
        yield door


@pytest.fixture(scope="module")
def proxied_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One that stands behind the stack's Caddy."""
    with _open(tmp_path_factory.mktemp("proxied"), proxied=True) as door:
        yield door


@contextmanager
def _open(folder: Path, proxied: bool = False) -> Iterator[Door]:
    logins = Logins(TOKEN, folder / "sessions.json")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(
        application(logins, folder / "audit.jsonl", proxied), log_config=None, access_log=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield Door(listening.getsockname()[1], logins, folder / "audit.jsonl")
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)
