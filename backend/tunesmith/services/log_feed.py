"""Following the log of a service: one stream of the engine however many follow, and each batch made once for all.

A viewer holds only its place among the batches in memory. One that is too slow finds its place gone, is told of a gap, and
goes on with the oldest batch there is: it stalls nobody, and memory is bounded. What is older than the batches in memory
(the last lines for a new viewer, what came while one was away) is read from the engine for this viewer alone, at its pace.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Protocol

from tunesmith.domain.errors import PlaceMissing
from tunesmith.jobs.masking import Masking
from tunesmith.services.log_batch import Batch, Batcher, Cursor, ServiceLogGap, heaped

MEMORY_BYTES = 1_000_000
"""Of text in memory for one service, which is held twice: as it came, and as events."""
GATHER_SECONDS = 0.05
"""So long lines are gathered into one batch, unless there are many."""
MANY_BYTES = 64 * 1024
AGAIN_SECONDS = 0.5
"""Between two tries to read on when a stream has ended."""
log = logging.getLogger("tunesmith.services")


class OpenLog(Protocol):
    """`ServiceSource.log` for one service."""

    def __call__(
        self, *, follow: bool, tail: int | None = None, since: str = "", timestamps: bool = True
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...


@dataclass(frozen=True)
class Held:
    """A batch in memory, and how much came up to its end since the feed began."""

    batch: Batch
    messages: int
    bytes: int


NOTHING = Held(Batch(b"", Cursor(b"", 0), Cursor(b"", 0), 0, 0, b""), 0, 0)


class Feed:
    """The live log of one service, from its making to `close`. `running`: whether the service has a process now."""

    def __init__(self, open_log: OpenLog, running: Callable[[], bool], masking: Masking) -> None:
        self._open, self._running, self._masking = open_log, running, masking
        self._held: deque[Held] = deque()
        self._last_gone, self._gone = NOTHING, 0
        """The batch that was forgotten last, and how many were."""
        self._opened, self._moved = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def follow(self, cursor: Cursor | None, tail: int) -> AsyncGenerator[bytes]:
        """SSE frames from `cursor` on; without one the last `tail` messages first."""
        await self._wait_for(self._opened)
        place = self._back(tail) if cursor is None else self._find(cursor)
        if place is None:
            async with aclosing(self._earlier(cursor, tail)) as batches:
                async for batch in batches:
                    yield batch.event
                    cursor = batch.last
                    if self._find(cursor) is not None:
                        break
            if cursor and self._gone and self._find(cursor) is None:
                yield _gap(None, None)
            place = self._gone
        async with aclosing(self._live(place, cursor)) as events:
            async for event in events:
                yield event

    async def _live(self, place: int, after: Cursor | None) -> AsyncGenerator[bytes]:
        """Batch by batch from number `place` on. What lies up to `after` the viewer has."""
        shown = self._before(place)
        while True:
            if place < self._gone:
                gone = self._last_gone
                yield _gap(gone.messages - shown.messages, gone.bytes - shown.bytes)
                place, shown = self._gone, gone
            if place >= self._gone + len(self._held):
                await self._wait_for(self._moved)
                continue
            shown = self._held[place - self._gone]
            place += 1
            batch = shown.batch
            if after is None or batch.first > after:
                after = None
                yield batch.event
            elif batch.last > after:
                yield batch.after(after, self._masking).event

    def close(self) -> None:
        self._task.cancel()

    async def _wait_for(self, event: asyncio.Event) -> None:
        """Wait for news; when reading has failed there will be none, and the viewer gets the error."""
        if self._task.done():
            self._task.result()
        await event.wait()

    # ── places ──

    def _back(self, tail: int) -> int | None:
        """The place from which there are `tail` messages to the end; None when memory doesn't reach so far."""
        place, count = self._gone + len(self._held), 0
        for held in reversed(self._held):
            if count >= tail:
                break
            place, count = place - 1, count + held.batch.messages
        return place if count >= tail else None

    def _find(self, cursor: Cursor) -> int | None:
        """The first batch with something behind `cursor`; None unless memory surely holds all that follows it.

        The first time in memory is not sure: the stream may have begun in the middle of its messages.
        """
        if not self._held or cursor.at <= self._held[0].batch.first.at:
            return None
        for index, held in enumerate(self._held):
            if held.batch.last > cursor:
                return self._gone + index
        return self._gone + len(self._held)

    def _before(self, place: int) -> Held:
        return self._held[place - self._gone - 1] if place > self._gone else self._last_gone

    # ── reading ──

    async def _earlier(self, cursor: Cursor | None, tail: int) -> AsyncGenerator[Batch]:
        """What is in the log now, read for one viewer."""
        since = cursor.since if cursor else ""
        batcher = Batcher(self._masking, cursor)
        try:
            async with self._open(follow=False, tail=None if cursor else tail, since=since) as blocks:
                async for heap in heaped(blocks):
                    if batch := batcher.take(heap):
                        yield batch
        except PlaceMissing as error:
            log.debug("There is no earlier log: %s", error)

    async def _run(self) -> None:
        """Read until closed. When the service ends, its next life's log follows."""
        try:
            began = f"{time.time():.9f}"
            last = await self._read(None, 0, "")
            while True:
                self._opened.set()
                await asyncio.sleep(AGAIN_SECONDS)
                if self._running():
                    last = await self._read(last, None, _since(last, began))
        finally:
            # Whoever waits wakes up, and sees the error.
            self._opened.set()
            self._moved.set()

    async def _read(self, last: Cursor | None, tail: int | None, since: str) -> Cursor | None:
        """One stream from beginning to end. Returns the place of the last message."""
        # A clock that was set back puts what is new before `last`: then nothing is left out.
        batcher = Batcher(self._masking, last if last and since == last.since else None)
        try:
            async with self._open(follow=True, tail=tail, since=since) as blocks:
                self._opened.set()
                async for block in blocks:
                    if batch := batcher.take(block):
                        last = batch.last
                        self._add(batch)
                    await asyncio.sleep(GATHER_SECONDS if len(block) < MANY_BYTES else 0)
        except PlaceMissing as error:
            log.debug("A log broke off: %s", error)
        return last

    def _add(self, batch: Batch) -> None:
        before = self._before(self._gone + len(self._held))
        self._held.append(Held(batch, before.messages + batch.messages, before.bytes + batch.size))
        while len(self._held) > 1 and self._held[-1].bytes - self._last_gone.bytes > MEMORY_BYTES:
            self._last_gone, self._gone = self._held.popleft(), self._gone + 1
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def _gap(messages: int | None, size: int | None) -> bytes:
    """Without an id: one who reconnects right after it comes back to the place before it."""
    return f"event: gap\ndata: {ServiceLogGap(messages=messages, bytes=size).model_dump_json()}\n\n".encode()


def _since(last: Cursor | None, began: str) -> str:
    """From when to read on: not from the future, where a clock that was set back has put the last message."""
    now = f"{time.time():.9f}"
    return min((last.since if last else began), now, key=float)
