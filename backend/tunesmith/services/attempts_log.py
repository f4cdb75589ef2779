"""The log of a tool or engine that was started here, over all of its starts, as the engine gives a container's.

A line has no time of its own. What stands before it is when its process started, and behind the point the byte at which the line
begins: so lines are in order, a place is found again, and a reader that comes back gets what follows it and nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tunesmith.runtimes.endless import numbered

POLL_SECONDS = 0.5
READ_BYTES = 1 << 20
Line = tuple[bytes, bytes]
"""Its time and its text."""


class Place(NamedTuple):
    """An attempt's number, and a byte of its log."""

    attempt: int = 0
    byte: int = 0


@dataclass(frozen=True)
class AttemptsLog:
    folder: Path

    @asynccontextmanager
    async def open(
        self, *, follow: bool, tail: int | None = None, since: str = "", timestamps: bool = True
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        async with aclosing(self._blocks(follow, tail, _stamp_of(since), timestamps)) as blocks:
            yield blocks

    async def _blocks(self, follow: bool, tail: int | None, since: bytes, timestamps: bool) -> AsyncGenerator[bytes]:
        place = Place()
        if tail is not None:
            lines, place = await asyncio.to_thread(self._last, tail)
            if lines:
                yield _framed(lines, since, timestamps)
        while True:
            lines, after = await asyncio.to_thread(self._next, place)
            if lines:
                yield _framed(lines, since, timestamps)
            if after == place:
                if not follow:
                    return
                await asyncio.sleep(POLL_SECONDS)
            place = after

    def _last(self, count: int) -> tuple[list[Line], Place]:
        found: deque[Line] = deque(maxlen=count)
        place = Place()
        while True:
            lines, after = self._next(place)
            found.extend(lines)
            if after == place:
                return list(found), place
            place = after

    def _next(self, place: Place) -> tuple[list[Line], Place]:
        """The next lines behind `place`, and the place after them: the same one when there is nothing more now."""
        attempts = {int(folder.name): folder for folder in numbered(self.folder)}
        number = next((each for each in attempts if each >= place.attempt), None)
        if number is None:
            return [], place
        later = next((each for each in attempts if each > number), None)
        over = later is not None or (attempts[number] / "exit").exists()
        start = place.byte if number == place.attempt else 0
        data = _bytes(attempts[number] / "log", start)
        end = data.rfind(b"\n") + 1
        # A line without its end is left for the next reading, unless there will be no other, or it has none.
        if (over and len(data) < READ_BYTES) or (end == 0 and len(data) == READ_BYTES):
            end = len(data)
        if end:
            return _lines(attempts[number], number, data[:end], start), Place(number, start + end)
        return [], Place(later, 0) if later is not None else Place(number, start)


def _lines(attempt: Path, number: int, data: bytes, start: int) -> list[Line]:
    began = _began(attempt, number)
    found, at = [], start
    for line in data.removesuffix(b"\n").split(b"\n"):
        found.append((f"{began}.{min(at, 999_999_999):09}Z".encode(), line + b"\n"))
        at += len(line) + 1
    return found


def _began(attempt: Path, number: int) -> str:
    """To the second; the number is added, so that of two starts within one second the later one stays the later."""
    try:
        began = (attempt / "spec.json").stat().st_mtime
    except OSError:
        began = 0.0
    return f"{datetime.fromtimestamp(int(began) + number, UTC):%Y-%m-%dT%H:%M:%S}"


def _bytes(log: Path, start: int) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(start)
            return file.read(READ_BYTES)
    except OSError:
        return b""


def _framed(lines: list[Line], since: bytes, timestamps: bool) -> bytes:
    shown = ((at, line) for at, line in lines if at >= since)
    return b"".join(_frame(at + b" " + line if timestamps else line) for at, line in shown)


def _frame(message: bytes) -> bytes:
    return b"\1\0\0\0" + len(message).to_bytes(4) + message


def _stamp_of(since: str) -> bytes:
    seconds, _, nanoseconds = since.partition(".")
    return f"{datetime.fromtimestamp(int(seconds or 0), UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:0<9}Z".encode()
