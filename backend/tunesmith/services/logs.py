"""The logs of services for many viewers: whole or the end of one, and followed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from functools import partial

from tunesmith.jobs.masking import Masking
from tunesmith.runtimes.docker.streams import frames
from tunesmith.services.log_batch import Cursor, heaped
from tunesmith.services.log_feed import Feed, OpenLog

LINGER_SECONDS = 10.0
"""A feed outlives its last viewer by so much: a page that reconnects finds it."""
READERS = 4
"""Whole logs that are read at once; others wait."""


class Logs:
    """`log_of`: how a log is opened. `running`: whether its process lives. `secrets`: values to mask in what is shown."""

    def __init__(self, log_of: Callable[[str], OpenLog], running: Callable[[str], bool], secrets: Iterable[str] = ()) -> None:
        self._log_of, self._running, self._masking = log_of, running, Masking(secrets)
        self._feeds: dict[str, Feed] = {}
        self._viewers: dict[str, int] = {}
        self._reading = asyncio.Semaphore(READERS)

    async def follow(self, name: str, cursor: str | None, tail: int) -> AsyncGenerator[bytes]:
        """SSE frames: from `cursor` on, or the last `tail` lines, and then what comes, without end."""
        feed = self._feeds.get(name)
        if feed is None:
            feed = self._feeds[name] = Feed(self._log_of(name), partial(self._running, name), self._masking)
        self._viewers[name] = self._viewers.get(name, 0) + 1
        try:
            async with aclosing(feed.follow(Cursor.parse(cursor), tail)) as events:
                async for event in events:
                    yield event
        finally:
            self._viewers[name] -= 1
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._let_go, name, feed)

    async def read(self, name: str, tail: int | None, since: str, timestamps: bool) -> AsyncGenerator[bytes]:
        """The log's bytes as they are; with `timestamps` the engine's time before each line. The reader sets the pace."""
        held = b""
        whole = self._log_of(name)(follow=False, tail=tail, since=since, timestamps=timestamps)
        async with self._reading, whole as blocks:
            async for block in heaped(blocks):
                held += block
                found, end = frames(held)
                held = held[end:]
                yield self._masking.apply(b"".join(found))

    def close(self) -> None:
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()

    def _let_go(self, name: str, feed: Feed) -> None:
        if not self._viewers.get(name) and self._feeds.get(name) is feed:
            del self._feeds[name]
            feed.close()
