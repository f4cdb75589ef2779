"""A source without an engine, at the border where the engine's bytes come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import PlaceMissing
from tunesmith.services.source import Action, Seen, Sink

from .multiplexed import frame

SECOND = "1769860800"
"""The second of all messages' times. Any other is before them."""


class FakeSource:
    """Serves one log, that is `messages`; who follows gets those that are added later. `acted`: what was asked for."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.moved = asyncio.Condition()
        self.opened: list[bool] = []
        """Whether each log that was opened was followed."""
        self.acted: list[tuple[str, Action]] = []
        self.missing, self.refused = False, 0
        """Whether its container is, and how often somebody was told so."""

    async def add(self, *texts: str) -> None:
        async with self.moved:
            for text in texts:
                self.messages.append(frame(len(self.messages), f"{text}\n".encode()))
            self.moved.notify_all()

    async def watch(self, sink: Sink) -> None:
        sink.reached()
        sink.saw("ollama", await self.look("ollama"))
        sink.saw("tensorboard", Seen(ServingState.ABSENT, "`docker compose up -d tensorboard` <makes> it."))
        await asyncio.Event().wait()

    async def act(self, name: str, action: Action) -> None:
        self.acted.append((name, action))

    def controls(self, name: str) -> bool:
        return name != "easy-dataset"

    def keeps_log(self, name: str) -> bool:
        return name != "easy-dataset"

    async def look(self, name: str) -> Seen:
        return Seen(ServingState.READY, started_at=datetime.now(UTC), version="0.17.4")

    def log(
        self, name: str, *, follow: bool, tail: int | None = None, since: str = "", timestamps: bool = True
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._log(follow, tail, since)

    @asynccontextmanager
    async def _log(self, follow: bool, tail: int | None, since: str) -> AsyncIterator[AsyncIterator[bytes]]:
        if self.missing:
            self.refused += 1
            raise PlaceMissing("The container of ollama is missing")
        self.opened.append(follow)
        seconds, _, nanoseconds = since.partition(".")
        at = int(nanoseconds) if seconds == SECOND else 0
        if tail is not None:
            at = len(self.messages) - tail
        yield self._blocks(max(0, at), follow)

    async def _blocks(self, at: int, follow: bool) -> AsyncIterator[bytes]:
        end = len(self.messages)
        while True:
            upto = len(self.messages) if follow else end
            if at < upto:
                yield b"".join(self.messages[at:upto])
                at = upto
            elif not follow:
                return
            else:
                async with self.moved:
                    await self.moved.wait_for(lambda: len(self.messages) > at)  # noqa: B023
