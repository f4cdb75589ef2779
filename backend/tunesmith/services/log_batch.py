"""A service's log cut into batches that know where they begin and end. Pure: bytes of the engine in, batches out.

The engine puts its time, to the nanosecond, before each message. Messages of one time (the parts of a line longer than
16 KiB) are told apart by their number, so (time, number) names a place in the log however it is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from tunesmith.jobs.logevents import sse
from tunesmith.jobs.masking import Masking
from tunesmith.runtimes.docker.streams import FRAME_HEAD, frames

STAMP = 30
"""Length of an engine's time: `2026-01-31T12:00:00.000000000Z`, followed by one space."""
HEAP_BYTES = 128 * 1024
CURSOR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)/([1-9]\d{0,8})", re.ASCII)


@dataclass(frozen=True, order=True)
class Cursor:
    """The place behind the `number`th message of the time `at`. As text, and as SSE id: `2026-…Z/1`."""

    at: bytes
    number: int

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """None for what isn't one: then one starts as without a cursor."""
        found = CURSOR.fullmatch(text or "")
        try:
            # The engine is asked from there on, so it must be a time.
            return cls(found[1].encode(), int(found[2])) if found and datetime.fromisoformat(found[1]) else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.at.decode()}/{self.number}"

    @property
    def since(self) -> str:
        """Its time as the engine wants it: seconds since 1970, a dot, nanoseconds."""
        return f"{int(datetime.fromisoformat(self.at[:19].decode()).replace(tzinfo=UTC).timestamp())}.{self.at[20:29].decode()}"


class ServiceLogText(BaseModel):
    """Messages of a log as text: escape sequences and carriage returns as they are; what isn't UTF-8 shows as U+FFFD."""

    kind: Literal["log"] = "log"
    begin: str
    """The engine's time of the first message, and of the last."""
    end: str
    messages: int
    """Lines; a line longer than 16 KiB is several messages."""
    text: str


class ServiceLogGap(BaseModel):
    """Messages were left out here, since this viewer was too slow; `GET …/logs` may still have them."""

    kind: Literal["gap"] = "gap"
    messages: int | None
    """How many; None when nobody counted them."""
    bytes: int | None


class ServiceLogEvent(RootModel[Annotated[ServiceLogText | ServiceLogGap, Field(discriminator="kind")]]):
    """The data of one event of `GET …/logs/follow`; the SSE `event` field repeats its kind."""


@dataclass(frozen=True)
class Batch:
    """Some messages in a row. `raw`: as the engine sent them; `event`: as one SSE frame for all viewers."""

    raw: bytes
    first: Cursor
    last: Cursor
    messages: int
    size: int
    """Bytes of text."""
    event: bytes

    def after(self, cursor: Cursor, masking: Masking) -> Batch:
        """The messages behind `cursor`, which lies in this batch before its end."""
        batch = Batcher(masking, cursor, at_first=self.first.number).take(self.raw)
        assert batch is not None, "the cursor lies before the end"
        return batch


class Batcher:
    """Makes batches of the blocks of one stream. What isn't a whole message yet is kept for the next block.

    `after`: messages up to this place are left out. `at_first`: the number of the first message that comes.
    """

    def __init__(self, masking: Masking, after: Cursor | None = None, at_first: int = 1) -> None:
        self._masking, self._after, self._at_first = masking, after, at_first
        self._held = b""
        self._last: Cursor | None = None
        # A long line is cut anywhere, also within a character: its first bytes wait for the others.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(self, block: bytes) -> Batch | None:
        """The messages that `block` completes; None when there are none (that weren't had before)."""
        data = self._held + block
        found, end = frames(data)
        self._held = data[end:]
        had = self._had(found)
        start = sum(FRAME_HEAD + len(message) for message in found[:had])
        return self._batch(found[had:], data[start:end]) if had < len(found) else None

    def _had(self, found: list[bytes]) -> int:
        """How many of these messages lie up to the place that this began with."""
        for index, message in enumerate(found if self._after else ()):
            place = self._next(message)
            if self._after is None or place > self._after:
                self._after = None
                return index
            self._last = place
        return len(found) if self._after else 0

    def _next(self, message: bytes) -> Cursor:
        at = message[:STAMP]
        if self._last is None:
            return Cursor(at, self._at_first)
        return Cursor(at, self._last.number + 1 if at == self._last.at else 1)

    def _batch(self, found: list[bytes], raw: bytes) -> Batch:
        first = self._next(found[0])
        self._last = last = _last(found, first)
        text = self._masking.apply(b"".join([message[STAMP + 1 :] for message in found]))
        event = ServiceLogText(
            begin=first.at.decode("ascii", "replace"),
            end=last.at.decode("ascii", "replace"),
            messages=len(found),
            text=self._decoder.decode(text),
        )
        return Batch(raw, first, last, len(found), len(text), sse(event, str(last)))


async def heaped(blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The same bytes in heaps of `HEAP_BYTES`: for logs that come without a pause, where each heap is an event of its own."""
    heap: list[bytes] = []
    size = 0
    async for block in blocks:
        heap.append(block)
        size += len(block)
        if size >= HEAP_BYTES:
            yield b"".join(heap)
            heap, size = [], 0
    if heap:
        yield b"".join(heap)


def _last(found: list[bytes], first: Cursor) -> Cursor:
    """The place of the last message: those of its time are counted from the end."""
    at, count = found[-1][:STAMP], 0
    while count < len(found) and found[-1 - count][:STAMP] == at:
        count += 1
    return Cursor(at, count if count < len(found) else first.number + count - 1)
