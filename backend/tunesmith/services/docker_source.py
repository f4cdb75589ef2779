"""The services of the Compose stack, as the Docker engine knows them. One sampler however many look.

Events say that something may have changed; what is true is inspected. Every few seconds all is looked at again, since the
engine drops events for slow readers. Load comes by one long-lived stream a container: a single `stats` call takes 1-2 s.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import PlaceMissing
from tunesmith.runtimes.docker import errors
from tunesmith.runtimes.docker.containers import SERVICE, Listed, Place
from tunesmith.runtimes.docker.streams import EngineStreams
from tunesmith.services import gpu
from tunesmith.services.container_state import cpu_count, load, seen
from tunesmith.services.known import STACK, Known, compose_up
from tunesmith.services.source import Action, Seen, Sink

if TYPE_CHECKING:
    from tunesmith.runtimes.docker.engine import Engine  # imports docker-py, which native mode does without

LOOK_SECONDS = 15.0
AGAIN_SECONDS = 2.0
"""After a failure."""
SETTLE_SECONDS = 0.3
"""Events come in bursts (a restart is four): one look for all of them."""
SILENT_SECONDS = 15.0
"""A stream of load that says nothing for so long is dead."""
log = logging.getLogger("tunesmith.services")


class DockerSource:
    """Implements `ServiceSource`. `known`: the services to look for in the containers of `project`."""

    def __init__(self, engine: Engine, streams: EngineStreams, project: str, known: Sequence[Known] = STACK) -> None:
        self._engine, self._streams, self._project = engine, streams, project
        self._known = {each.name: each for each in known}
        self._loads: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._news = asyncio.Event()
        self._changed: set[str] = set()
        self._with_gpu: set[str] = set()

    async def watch(self, sink: Sink) -> None:
        loops: list[Coroutine[Any, Any, None]] = [self._look_again_and_again(sink), self._listen()]
        loops += [self._measure_gpus(sink)] if gpu.there() else []
        tasks = [asyncio.create_task(each) for each in loops]
        try:
            await asyncio.gather(*tasks)
        finally:
            loads = [task for _, task in self._loads.values()]
            self._loads.clear()
            for task in [*tasks, *loads]:
                task.cancel()
            await asyncio.gather(*tasks, *loads, return_exceptions=True)

    async def act(self, name: str, action: Action) -> None:
        place = self._place(name)
        # Inspected first: a container of that name may be another project's.
        await self._engine.ask(self._engine.inspect, place)
        await self._engine.ask(getattr(self._engine, action.value), place)

    def controls(self, name: str) -> bool:
        return True

    def keeps_log(self, name: str) -> bool:
        return True

    async def look(self, name: str) -> Seen:
        try:
            return seen(await self._engine.ask(self._engine.inspect, self._place(name)))
        except errors.ContainerMissing as error:
            return self._absent(name, error)

    @asynccontextmanager
    async def log(
        self, name: str, *, follow: bool, tail: int | None = None, since: str = "", timestamps: bool = True
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        opened = self._streams.logs(self._place(name), follow=follow, tail=tail, since=since, timestamps=timestamps)
        async with opened as body, aclosing(body.blocks()) as blocks:
            yield blocks

    def _place(self, name: str) -> Place:
        return Place(self._project, self._known[name].name)

    def _absent(self, name: str, error: errors.ContainerMissing) -> Seen:
        known = self._known[name]
        missing = known.absent or compose_up(name)
        detail = missing if error.title == errors.no_container("", name).title else f"{error.detail} {error.remedy}"
        return Seen(ServingState.ABSENT, detail)

    # ── looking ──

    async def _look_again_and_again(self, sink: Sink) -> None:
        wait = 0.0
        while True:
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
                    await asyncio.sleep(SETTLE_SECONDS)
            except TimeoutError:
                self._changed.clear()
            self._news.clear()
            names, self._changed = self._changed, set()
            try:
                await self._look_at(sink, names)
            except PlaceMissing as error:
                sink.lost(str(error))
                wait = AGAIN_SECONDS
                continue
            sink.reached()
            wait = LOOK_SECONDS

    async def _look_at(self, sink: Sink, names: set[str]) -> None:
        """At these; at all when there are none. A list tells which are worth a closer look."""
        listed: Sequence[Listed] | None = None
        if not names:
            listed = await self._engine.ask(self._engine.list, self._project)
        for name in names or self._known:
            if listed is not None and not any(each.service == name for each in listed):
                place = self._place(name)
                sink.saw(name, self._absent(name, errors.no_container(place.container, name)))
                self._follow_load(sink, name, "")
                continue
            await self._inspect(sink, name)

    async def _inspect(self, sink: Sink, name: str) -> None:
        try:
            container = await self._engine.ask(self._engine.inspect, self._place(name))
        except errors.ContainerMissing as error:
            sink.saw(name, self._absent(name, error))
            self._follow_load(sink, name, "")
            return
        sink.saw(name, seen(container))
        (self._with_gpu.add if container.gpu and container.can_run else self._with_gpu.discard)(name)
        self._follow_load(sink, name, f"{container.id}{container.started_at}" if container.can_run else "")

    async def _listen(self) -> None:
        """Wake the looking up at each event."""
        while True:
            try:
                async with self._streams.events(self._project) as body:
                    async for line in body.lines():
                        self._heard(line)
            except PlaceMissing as error:
                log.info("Events of the engine ended: %s", error)
            # All may have changed while nobody listened.
            self._changed.clear()
            self._news.set()
            await asyncio.sleep(AGAIN_SECONDS)

    def _heard(self, line: bytes) -> None:
        try:
            name = json.loads(line)["Actor"]["Attributes"].get(SERVICE)
        except (ValueError, KeyError, TypeError):
            return
        if name in self._known:
            self._changed.add(name)
            self._news.set()

    # ── measuring ──

    def _follow_load(self, sink: Sink, name: str, life: str) -> None:
        """One stream for each life of a container; `life` is empty when it doesn't run."""
        known, task = self._loads.get(name, ("", None))
        if known == life and not (task and task.done()):
            return
        if task:
            task.cancel()
            del self._loads[name]
        if life:
            self._loads[name] = life, asyncio.create_task(self._measure(sink, name))

    async def _measure(self, sink: Sink, name: str) -> None:
        while True:
            try:
                async with self._streams.stats(self._place(name)) as body:
                    await _pass_on(body.lines(), sink, name)
            except (PlaceMissing, TimeoutError) as error:
                log.debug("No load of %s: %s", name, error)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _measure_gpus(self, sink: Sink) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            by_pid = await gpu.memory_by_pid() if self._with_gpu else None
            for name in tuple(self._with_gpu):
                sink.gpu_memory(name, gpu.used_by(await self._pids(name), by_pid) if by_pid else None)

    async def _pids(self, name: str) -> set[int]:
        """Of the host, as the driver's are."""
        try:
            rows = await self._engine.ask(self._engine.top, self._place(name))
        except PlaceMissing:
            return set()
        return {int(row[1]) for row in rows if len(row) > 1 and row[1].isdecimal()}


async def _pass_on(lines: AsyncIterator[bytes], sink: Sink, name: str) -> None:
    before = None
    while True:
        async with asyncio.timeout(SILENT_SECONDS):
            line = await anext(lines, None)
        if line is None:
            return
        record = json.loads(line)
        if (now := load(record, before)) is not None:
            sink.measured(name, now)
        before = cpu_count(record) or before
