"""Tells by events what changed in lists that are read from disk: by our own doing, or by others' beside us.

A list is read again when somebody pokes, and every few seconds while anybody listens to the stream; what differs from the
reading before is published, record by record. While nobody listens nothing is read: who comes next is told what happened since.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from tunesmith.domain.errors import TunesmithError
from tunesmith.jobs.events import IN_SNAPSHOT, Events, Kind, key_of

EVERY_SECONDS = 5.0
JOIN_SECONDS = 0.5
"""How long somebody's first frame waits for the lists to be known."""
MOST = 200
"""Changes of one reading that are told one by one; more are told by a snapshot, after which clients fetch lists again."""
SHARE = 0.1
"""Of the time that goes into readings at most: on a slow disk they come seldomer."""
log = logging.getLogger("tunesmith.lists")

Record = TypeVar("Record", bound=BaseModel)
Reading = dict[str, BaseModel]
Read = Callable[[], Awaitable[Sequence[BaseModel]]]


@dataclass(frozen=True)
class Changes:
    """What one reading has that the one before hadn't, or had otherwise, and the keys of what is gone."""

    new: tuple[BaseModel, ...]
    gone: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.new) + len(self.gone)


def changes(before: Mapping[str, BaseModel], now: Mapping[str, BaseModel]) -> Changes:
    """Readings share the objects of what hasn't changed, so most are told apart by a look at where they lie."""
    new = tuple(record for key, record in now.items() if (known := before.get(key)) is not record and known != record)
    return Changes(new, tuple(key for key in before if key not in now))


class Lists:
    """`reads`: how each list is read. `every`: seconds between readings that nobody poked for."""

    def __init__(self, events: Events, reads: Mapping[Kind, Read], every: float = EVERY_SECONDS) -> None:
        self._events, self._reads, self._every = events, reads, every
        self._known: dict[Kind, Reading] = {}
        self._wanted: set[Kind] = set()
        self._awake = asyncio.Event()
        self._joining: list[asyncio.Event] = []
        self._said: dict[Kind, str] = {}

    def poke(self, *kinds: Kind) -> None:
        """Something changed in these lists, or in any of them; returns at once. In the event loop only."""
        self._wanted.update(kinds or self._reads)
        self._awake.set()

    async def join(self) -> None:
        """Before somebody begins to listen: the lists are known then, or everybody gets a snapshot when they are."""
        if self._events.heard and len(self._known) == len(self._reads):
            return
        read = asyncio.Event()
        self._joining.append(read)
        self.poke()
        await asyncio.wait([asyncio.ensure_future(read.wait())], timeout=JOIN_SECONDS)

    async def follow(self) -> None:
        """Until cancelled."""
        due = time.monotonic() + self._every
        while True:
            try:
                await asyncio.wait_for(self._awake.wait(), due - time.monotonic())
            except TimeoutError:
                self._wanted.update(self._reads)
            self._awake.clear()
            wanted, self._wanted = self._wanted, set()
            began = time.monotonic()
            if self._events.heard or self._joining:
                await self._look(wanted)
            if len(wanted) == len(self._reads):
                due = time.monotonic() + max(self._every, (time.monotonic() - began) / SHARE)

    async def _look(self, wanted: set[Kind]) -> None:
        joining, self._joining = self._joining, []
        for kind in (kind for kind in self._reads if kind in wanted):
            await self._look_at(kind)
        for read in joining:
            read.set()

    async def _look_at(self, kind: Kind) -> None:
        try:
            now = {key_of(record): record for record in await self._reads[kind]()}
        except (TunesmithError, OSError) as error:
            self._warn(kind, str(error))
            # Told of nothing, who asks for the list itself gets the same error, and its remedy.
            self._known.setdefault(kind, {})
            return
        except Exception:  # one odd file must not end the following for good
            log.exception("The list of %ss can't be read", kind)
            self._known.setdefault(kind, {})
            return
        self._said.pop(kind, None)
        before = self._known.get(kind)
        self._known[kind] = now
        if before is None and kind not in IN_SNAPSHOT:
            if self._events.heard:
                # They may have fetched the list while it was being read for the first time.
                self._events.start_over()
            return
        found = await asyncio.to_thread(changes, before or {}, now)
        if found.count > MOST and kind not in IN_SNAPSHOT:
            self._events.start_over()
            return
        for record in found.new:
            self._events.publish(kind, record)
        for key in found.gone:
            self._events.remove(kind, key)

    def _warn(self, kind: Kind, why: str) -> None:
        """Once, and again only when it is another reason."""
        if self._said.get(kind) != why:
            self._said[kind] = why
            log.warning("What changes in the list of %ss isn't told: %s", kind, why)
