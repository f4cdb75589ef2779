"""The one stream of events: a snapshot first, then whole records, so that a client that missed some needs only the latest.

Jobs, services, deployments and the machine are in the snapshot. The other records tell what changed in a list; a client that
gets a snapshot fetches those lists again.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from tunesmith.domain.artifact import Artifact
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.deployment import Deployment
from tunesmith.domain.job import JobStatus
from tunesmith.domain.machine import Machine
from tunesmith.domain.release import Release, StandingRelease
from tunesmith.domain.run import Run
from tunesmith.domain.service import Service

Kind = Literal["job", "service", "deployment", "artifact", "dataset", "run", "release", "machine"]
IN_SNAPSHOT: tuple[Kind, ...] = ("job", "service", "deployment")
"""As lists; beside them the machine, of which there is one."""


class JobEvent(BaseModel):
    kind: Literal["job"] = "job"
    record: JobStatus


class ServiceEvent(BaseModel):
    kind: Literal["service"] = "service"
    record: Service


class DeploymentEvent(BaseModel):
    kind: Literal["deployment"] = "deployment"
    record: Deployment


class ArtifactEvent(BaseModel):
    kind: Literal["artifact"] = "artifact"
    record: Artifact


class DatasetEvent(BaseModel):
    kind: Literal["dataset"] = "dataset"
    record: Dataset


class RunEvent(BaseModel):
    kind: Literal["run"] = "run"
    record: Run


class ReleaseEvent(BaseModel):
    kind: Literal["release"] = "release"
    record: StandingRelease


class MachineEvent(BaseModel):
    kind: Literal["machine"] = "machine"
    record: Machine


class Removed(BaseModel):
    kind: Literal["removed"] = "removed"
    of: Kind
    key: str


class Snapshot(BaseModel):
    """All that is true now; it takes the place of everything received before."""

    kind: Literal["snapshot"] = "snapshot"
    jobs: list[JobStatus] = []
    services: list[Service] = []
    deployments: list[Deployment] = []
    machine: Machine | None = None


class Event(
    RootModel[
        Annotated[
            Snapshot
            | JobEvent
            | ServiceEvent
            | DeploymentEvent
            | ArtifactEvent
            | DatasetEvent
            | RunEvent
            | ReleaseEvent
            | MachineEvent
            | Removed,
            Field(discriminator="kind"),
        ]
    ]
):
    """The data of one event of `GET /api/events`; the SSE `event` field repeats its kind."""


def key_of(record: BaseModel) -> str:
    """What tells a record from others of its kind: its id, else its name, with engine or number where a name has several."""
    if isinstance(record, Release):
        return f"{record.name}/{record.number}"
    if isinstance(record, Deployment):
        return f"{record.name}/{record.engine}"
    if isinstance(record, Machine):
        return "machine"
    return str(getattr(record, "id", None) or getattr(record, "name"))  # noqa: B009


@dataclass(frozen=True)
class _Entry:
    number: int
    about: tuple[Kind, str]
    frame: bytes


class Events:
    """The hub. `publish` may be called from any thread, never waits, and never fails because of a subscriber."""

    def __init__(self, ring: int = 4096, waiting: int = 256, finished: int = 200) -> None:
        """`ring`: events kept for resuming. `waiting`: for one subscriber. `finished`: ended jobs that a snapshot shows."""
        self._epoch = secrets.token_hex(4)
        self._number = 0
        self._ring: deque[_Entry] = deque(maxlen=ring)
        self._now: dict[Kind, dict[str, bytes]] = {kind: {} for kind in IN_SNAPSHOT}
        self._machine = b"null"
        self._ended: dict[str, None] = {}
        self._waiting, self._finished = waiting, finished
        self._subscribers: set[_Subscriber] = set()
        self._lock = threading.Lock()

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._subscribers)

    def publish(self, kind: Kind, record: BaseModel) -> None:
        """Tell everybody that `record` is now so."""
        json, key = record.model_dump_json().encode(), key_of(record)
        with self._lock:
            if kind in self._now:
                self._now[kind].pop(key, None)
                self._now[kind][key] = json
            if kind == "machine":
                self._machine = json
            if isinstance(record, JobStatus):
                self._note_end(key, record.state.final)
            self._send(kind, key, kind, b'{"kind":"%s","record":%s}' % (kind.encode(), json))

    def remove(self, kind: Kind, key: str) -> None:
        """Tell everybody that the record `key` is gone."""
        with self._lock:
            self._now.get(kind, {}).pop(key, None)
            self._ended.pop(key, None)
            self._send(kind, key, "removed", Removed(of=kind, key=key).model_dump_json().encode())

    def start_over(self) -> None:
        """Give everybody a snapshot, and who resumes as well: more has changed than is worth telling one by one."""
        with self._lock:
            self._number += 1
            self._ring.clear()
            for subscriber in tuple(self._subscribers):
                if not subscriber.start_over():
                    self._subscribers.discard(subscriber)

    async def subscribe(self, last_event_id: str | None = None) -> AsyncGenerator[bytes]:
        """SSE frames: what was missed since `last_event_id`, or a snapshot, and then every record as it comes."""
        subscriber = _Subscriber(self._waiting)
        with self._lock:
            missed = self._missed(last_event_id)
            subscriber.catch_up([self._snapshot()] if missed is None else [entry.frame for entry in missed])
            self._subscribers.add(subscriber)
        try:
            while True:
                await subscriber.moved.wait()
                with self._lock:
                    frames = subscriber.take()
                    if frames is None:
                        frames = [self._snapshot()]
                for frame in frames:
                    yield frame
        finally:
            with self._lock:
                self._subscribers.discard(subscriber)

    def _send(self, kind: Kind, key: str, event: str, data: bytes) -> None:
        self._number += 1
        entry = _Entry(self._number, (kind, key), self._frame(event, data))
        self._ring.append(entry)
        for subscriber in tuple(self._subscribers):
            if not subscriber.offer(entry):
                self._subscribers.discard(subscriber)

    def _frame(self, event: str, data: bytes) -> bytes:
        return b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (self._epoch.encode(), self._number, event.encode(), data)

    def _missed(self, last_event_id: str | None) -> list[_Entry] | None:
        """The events after that id; None when only a snapshot can tell (another life of ours, or too long ago)."""
        epoch, _, number = (last_event_id or "").partition("-")
        if epoch != self._epoch or not (number.isascii() and number.isdecimal()):
            return None
        seen, oldest = int(number), self._number - len(self._ring)
        return [entry for entry in self._ring if entry.number > seen] if oldest <= seen <= self._number else None

    def _snapshot(self) -> bytes:
        lists = (b'"%ss":[%s]' % (kind.encode(), b",".join(self._now[kind].values())) for kind in IN_SNAPSHOT)
        return self._frame("snapshot", b'{"kind":"snapshot",%s,"machine":%s}' % (b",".join(lists), self._machine))

    def _note_end(self, key: str, final: bool) -> None:
        self._ended.pop(key, None)
        if final:
            self._ended[key] = None
        while len(self._ended) > self._finished:
            oldest = next(iter(self._ended))
            del self._ended[oldest], self._now["job"][oldest]


class _Subscriber:
    """What one viewer has still to get. Of a record that changed several times while it was slow, the latest is enough.

    All but `moved.wait` happens under the hub's lock.
    """

    def __init__(self, waiting: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.moved = asyncio.Event()
        self._limit = waiting
        self._first: list[bytes] = []
        self._entries: list[_Entry] = []
        self._lost = False

    def catch_up(self, frames: list[bytes]) -> None:
        self._first = frames
        if frames:
            self.moved.set()

    def offer(self, entry: _Entry) -> bool:
        """Queue `entry` without waiting; False when the viewer's event loop is gone."""
        self._entries.append(entry)
        if len(self._entries) > self._limit:
            latest = {each.about: each for each in self._entries}
            self._entries = sorted(latest.values(), key=lambda each: each.number)
            if len(self._entries) > self._limit // 2:
                # Too many different records to hold: a snapshot says the same in one frame.
                return self.start_over()
        return self._wake()

    def start_over(self) -> bool:
        self._entries, self._first, self._lost = [], [], True
        return self._wake()

    def _wake(self) -> bool:
        try:
            self._loop.call_soon_threadsafe(self.moved.set)
        except RuntimeError:
            return False
        return True

    def take(self) -> list[bytes] | None:
        """All that waits; None when a snapshot has to be taken instead."""
        self.moved.clear()
        lost, frames = self._lost, self._first + [entry.frame for entry in self._entries]
        self._first, self._entries, self._lost = [], [], False
        return None if lost else frames
