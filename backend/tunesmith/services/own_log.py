"""The orchestrator's own log file, read as the engine gives a container's log: natively no engine keeps it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

POLL_SECONDS = 0.5
BEGINNING = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) ")
FIRST = b"1970-01-01T00:00:00.000000000Z"


@dataclass
class Framer:
    """Turns lines into frames with their time. A line without one (of a traceback) has that of the line before."""

    at: bytes = FIRST
    held: bytes = b""
    """A line that isn't whole yet."""

    def take(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """The lines that `data` completes, with their times."""
        *lines, self.held = (self.held + data).split(b"\n")
        return [(self._time(line), line + b"\n") for line in lines]

    def _time(self, line: bytes) -> bytes:
        if found := BEGINNING.match(line):
            # The log is written in local time.
            begun = datetime.fromisoformat(found[1].decode()).astimezone(UTC)
            self.at = f"{begun:%Y-%m-%dT%H:%M:%S}.{found[2].decode()}000000Z".encode()
        return self.at


@dataclass(frozen=True)
class OwnLog:
    """The log at `path`, which is replaced by an empty one when it is long."""

    path: Path

    @asynccontextmanager
    async def open(self, *, follow: bool, tail: int | None, since: str, timestamps: bool) -> AsyncGenerator[AsyncIterator[bytes]]:
        async with aclosing(self._blocks(follow, tail, _stamp(since), timestamps)) as blocks:
            yield blocks

    async def _blocks(self, follow: bool, tail: int | None, since: bytes, timestamps: bool) -> AsyncGenerator[bytes]:
        framer, place = Framer(), (0, 0)
        while True:
            data, place = await asyncio.to_thread(self._read, place)
            lines = [each for each in framer.take(data) if each[0] >= since]
            if tail is not None:
                lines, tail = lines[len(lines) - tail if tail < len(lines) else 0 :], None
            if lines:
                yield b"".join(_frame(at + b" " + line if timestamps else line) for at, line in lines)
            if not follow:
                return
            await asyncio.sleep(POLL_SECONDS)

    def _read(self, place: tuple[int, int]) -> tuple[bytes, tuple[int, int]]:
        """What was written behind `place` (inode, byte), and the place then; all of it when the file is another."""
        try:
            with self.path.open("rb") as file:
                inode = self.path.stat().st_ino
                file.seek(place[1] if inode == place[0] else 0)
                data = file.read()
                return data, (inode, file.tell())
        except FileNotFoundError:
            return b"", (0, 0)


def _frame(message: bytes) -> bytes:
    return b"\1\0\0\0" + len(message).to_bytes(4) + message


def _stamp(since: str) -> bytes:
    """Seconds since 1970, a dot, nanoseconds, as the time before a line."""
    seconds, _, nanoseconds = since.partition(".")
    return f"{datetime.fromtimestamp(int(seconds or 0), UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:0<9}Z".encode()
