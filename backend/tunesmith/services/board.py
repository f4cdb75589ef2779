"""What is known of all services, in memory: written by one sampler, read by every request without asking anybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import NotFound
from tunesmith.domain.service import LoadHistory, Service
from tunesmith.services.known import Known
from tunesmith.services.load_ring import LoadRing
from tunesmith.services.source import Load, Seen

TELL_SECONDS = 5.0
"""Load alone is told so often; a change of state at once."""
UNKNOWN = Seen(ServingState.ABSENT, "It wasn't looked for yet.")


class SourceState(BaseModel):
    """Whether services can be asked about, and since when that is so."""

    kind: Literal["docker", "native"]
    reachable: bool | None = None
    """None: nobody was asked yet."""
    since: datetime | None = None
    problem: str = ""


class _Entry:
    """One service's memory."""

    def __init__(self, known: Known) -> None:
        self.known, self.seen, self.load = known, UNKNOWN, Load(None, None)
        self.gpu: int | None = None
        self.ring = LoadRing()
        self.told = 0.0
        self.up_at: float | None = None
        """On the clock that only goes forward; before its zero for what was up before us."""


class Board:
    """`tell` gets a service's whole record when it changed. `clock` goes forward only, in seconds; `now` is the time of day."""

    def __init__(
        self,
        kind: Literal["docker", "native"],
        known: Sequence[Known],
        tell: Callable[[Service], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._entries = {each.name: _Entry(each) for each in known}
        self._tell, self._clock, self._now = tell, clock, now
        self.source = SourceState(kind=kind)

    @property
    def complete(self) -> bool:
        """Every service was looked for."""
        return all(entry.seen is not UNKNOWN for entry in self._entries.values())

    def known(self, name: str) -> Known:
        return self._entry(name).known

    def all(self) -> list[Service]:
        return [self._record(entry) for entry in self._entries.values()]

    def service(self, name: str) -> Service:
        return self._record(self._entry(name))

    def history(self, name: str) -> LoadHistory:
        return self._entry(name).ring.history(self._clock())

    def running(self, name: str) -> bool:
        """Whether it has a process now, as far as is known."""
        return self._entry(name).seen.started_at is not None

    # ── what a source finds ──

    def saw(self, name: str, seen: Seen) -> None:
        entry = self._entry(name)
        if seen == entry.seen:
            return
        if seen.started_at != entry.seen.started_at:
            entry.up_at = self._started(seen)
        if seen.started_at is None:
            entry.load, entry.gpu = Load(None, None), None
        entry.seen = seen
        self._publish(entry)

    def measured(self, name: str, load: Load) -> None:
        entry = self._entry(name)
        entry.load = load
        entry.ring.add(self._clock(), load)
        if self._clock() - entry.told >= TELL_SECONDS:
            self._publish(entry)

    def gpu_memory(self, name: str, used: int | None) -> None:
        self._entry(name).gpu = used

    def lost(self, problem: str) -> None:
        if self.source.reachable is False:
            self.source = self.source.model_copy(update={"problem": problem})
            return
        self.source = SourceState(kind=self.source.kind, reachable=False, since=self._now(), problem=problem)
        for entry in self._entries.values():
            entry.load, entry.gpu = Load(None, None), None
            self._publish(entry)

    def reached(self) -> None:
        if self.source.reachable:
            return
        self.source = SourceState(kind=self.source.kind, reachable=True, since=self._now())
        for entry in self._entries.values():
            self._publish(entry)

    def _entry(self, name: str) -> _Entry:
        if name in self._entries:
            return self._entries[name]
        there = ", ".join(self._entries)
        raise NotFound(f"There is no service {ascii(name)[:80]}", f"There are: {there}.", "GET /api/services lists them.")

    def _started(self, seen: Seen) -> float | None:
        """When it started, on our clock. A start in the future (the clock was set back) counts as now."""
        if seen.started_at is None:
            return None
        return self._clock() - max(0.0, (self._now() - seen.started_at).total_seconds())

    def _publish(self, entry: _Entry) -> None:
        entry.told = self._clock()
        self._tell(self._record(entry))

    def _record(self, entry: _Entry) -> Service:
        seen, load, lost = entry.seen, entry.load, self.source.reachable is False
        return Service(
            name=entry.known.name,
            title=entry.known.title,
            state=seen.state,
            detail=self.source.problem if lost and seen is UNKNOWN else seen.detail,
            health=seen.health,
            pid=seen.pid,
            since=seen.started_at,
            uptime_seconds=None if entry.up_at is None else round(max(0.0, self._clock() - entry.up_at), 1),
            restarts=seen.restarts,
            image=seen.image,
            version=seen.version,
            address=seen.address,
            cpu_percent=load.cpu_percent,
            memory_bytes=load.memory_bytes,
            memory_limit_bytes=load.memory_limit_bytes,
            gpu_memory_bytes=entry.gpu,
            unseen_since=self.source.since if lost else None,
        )
