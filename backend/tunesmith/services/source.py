"""Where what is known of services comes from: the Docker engine, or, natively, the services' own HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.service import Health


class Action(StrEnum):
    START = "start"
    STOP = "stop"
    RESTART = "restart"


@dataclass(frozen=True)
class Seen:
    """What changes seldom of a service."""

    state: ServingState
    detail: str = ""
    health: Health | None = None
    started_at: datetime | None = None
    restarts: int = 0
    image: str = ""
    version: str = ""
    address: str | None = None
    pid: int | None = None


@dataclass(frozen=True)
class Load:
    """What a running service uses now; the units are those of `domain.service.Service`."""

    cpu_percent: float | None
    memory_bytes: int | None
    memory_limit_bytes: int | None = None


class Sink(Protocol):
    """Takes what a source finds. Implemented by `Board`; called in the event loop."""

    def saw(self, name: str, seen: Seen) -> None: ...

    def measured(self, name: str, load: Load) -> None: ...

    def gpu_memory(self, name: str, used: int | None) -> None: ...

    def lost(self, problem: str) -> None:
        """Nobody can be asked any more; `problem` says why."""

    def reached(self) -> None: ...


class ServiceSource(Protocol):
    """One of the two. All of it may raise `PlaceMissing`."""

    async def watch(self, sink: Sink) -> None:
        """Tell `sink` what there is, until cancelled."""

    async def act(self, name: str, action: Action) -> None:
        """Returns when it is done. `Conflict` where this isn't ours to do."""

    async def look(self, name: str) -> Seen:
        """How it is now; for the answer to an action."""

    def controls(self, name: str) -> bool:
        """Whether it can be started and stopped here."""

    def keeps_log(self, name: str) -> bool:
        """Whether its log can be read here; `log` raises `Conflict` otherwise."""

    def log(
        self, name: str, *, follow: bool, tail: int | None = None, since: str = "", timestamps: bool = True
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The log as the engine multiplexes it (`runtimes.docker.streams.frames`), with its time before each message or without.

        The last `tail` messages (None: all), from `since` (seconds.nanoseconds since 1970) on; `Conflict` where there is none.
        """
