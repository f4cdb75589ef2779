"""Ports for what tests start: none that another process of the tests is given meanwhile, or the kernel to a connection."""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

FIRST, LAST, EACH = 20_000, 32_000, 100
"""Below those that the kernel hands out by itself; each process has so many of its own for as long as it lives."""
_held: list[IO[str]] = []


def free_port() -> int:
    """A loopback port that nobody listens on, and that nobody else is told of."""
    return next(port for port in itertools.islice(_own(), EACH) if _is_free(port))


@cache
def _own() -> Iterator[int]:
    """This process's ports, again and again."""
    folder = Path(tempfile.gettempdir()) / f"tunesmith-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for first in range(FIRST, LAST, EACH):
        file = (folder / str(first)).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        return itertools.cycle(range(first, first + EACH))
    raise AssertionError(f"{(LAST - FIRST) // EACH} processes of tests hold all ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
