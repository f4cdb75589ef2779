"""Attempt folders of processes that serve: `<folder>/<nnnn>/`, one a start, the newest last."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
KEPT = 10
TAIL_BYTES = 8192


def numbered(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted((f for f in folder.iterdir() if f.name.isdigit()), key=lambda f: int(f.name)) if folder.is_dir() else []


def new_attempt(folder: Path) -> Path:
    """The next one, made. Old ones go: their logs are of no use to anyone."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in numbered(folder)[:-KEPT]:
        if (old / "exit").exists():  # one without it may belong to a living process
            shutil.rmtree(old, ignore_errors=True)
    attempt = folder / f"{max((int(old.name) for old in numbered(folder)), default=0) + 1:04}"
    attempt.mkdir()
    return attempt


def last_line(log: Path) -> str:
    """The last line with something in it."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def free_port(wished: int = 0) -> int:
    """A loopback port that nobody listens on now, the one wished for if it can be had.

    Another process may be faster: then the program says so and ends.
    """
    for port in (wished, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # Connections of the program's last life may still be closing.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("the kernel gives a port for 0")
