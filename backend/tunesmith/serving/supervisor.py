"""All engines of a home: which there must be, who may ask them, and what becomes of them when the orchestrator comes and goes.

Engines survive the orchestrator. `start` takes over those that run, `close` leaves them, `stop_all` ends them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import astuple, dataclass
from pathlib import Path

from tunesmith.domain.errors import TunesmithError
from tunesmith.domain.home import Home
from tunesmith.domain.place import Runtime
from tunesmith.domain.ports import Releases
from tunesmith.domain.release import Release
from tunesmith.serving.attempts import Attempt, Attempts, Bind, Shape
from tunesmith.serving.bases import bases
from tunesmith.serving.client import EngineClient
from tunesmith.serving.engine import Engine, NotReady, Policy
from tunesmith.serving.instances import Instance, Route, desired, find

log = logging.getLogger(__name__)
FOLLOW_SECONDS = 2.0
MOVES = 3


@dataclass(frozen=True)
class Lease:
    """A ready engine for one request."""

    attempt: Attempt
    route: Route
    engine: Engine


class Supervisor:
    def __init__(
        self,
        home: Home,
        runtime: Runtime,
        releases: Releases,
        client: EngineClient,
        policy: Policy | None = None,
        shape: Shape | None = None,
        key: str = "",
        bind: Bind | None = None,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        """`tell` is called after every change of what is served, or of how an engine is."""
        self._home, self._releases, self.client = home, releases, client
        self.policy, self._shape = policy or Policy(), shape or Shape()
        self._tell = tell
        self._attempts = Attempts(home, runtime, self._shape, key, bind)
        self._engines: dict[str, Engine] = {}
        self._instances: tuple[Instance, ...] = ()
        self._follower: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Take over the engines that run already; end those that no current release needs. Starts none."""
        await self._refresh_or_warn()
        running = await self._attempts.running()
        newest = {attempt.spec.instance: attempt for attempt in running}
        for attempt in running:
            engine = self._engines.get(attempt.spec.instance)
            if engine is None or attempt is not newest[attempt.spec.instance]:
                await self._attempts.end(attempt, self.policy.grace)
            else:
                engine.adopt(attempt)
        self._follower = asyncio.create_task(self._follow(), name="serving")

    async def close(self) -> None:
        """Stop supervising. Every engine goes on and is taken over by the next `start`."""
        self._closing = True
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.wait({self._follower})
        await asyncio.gather(*(engine.leave() for engine in self._engines.values()))

    async def stop_all(self) -> None:
        """End every engine of this home, also those that nobody has taken over. Works before `start` and after `close`."""
        self._closing = True
        await asyncio.gather(*(engine.stop() for engine in self._engines.values()))
        await asyncio.gather(*(self._attempts.end(left, self.policy.grace) for left in await self._attempts.running()))

    async def routes(self) -> list[Route]:
        """Every served name, by name, as the files say now."""
        instances = await self.refresh()
        pairs = [Route(instance, served) for instance in instances for served in instance.served]
        return sorted(pairs, key=lambda route: route.served.name)

    async def route(self, model: str) -> Route:
        """Where `model` (`name` or `name@number`) is served, as the files say now; NotFound names the nearest."""
        return find(await self.refresh(), model)

    async def serves(self, model: str) -> bool:
        """Whether `model` is one of our own names here."""
        return any(model in (one.name, one.versioned) for instance in await self.refresh() for one in instance.served)

    def engine(self, route: Route) -> Engine:
        return self._engines[route.instance.key]

    def relative(self, path: Path) -> str:
        return self._home.relative(path)

    @contextlib.asynccontextmanager
    async def lease(self, model: str) -> AsyncIterator[Lease]:
        """A ready engine for one request to `model`, started if need be, and kept as it is until the request is over."""
        if self._closing:
            raise NotReady("Tunesmith is shutting down", "", "Ask again when it is up.")
        for _ in range(MOVES):
            engine = self.engine(await self.route(model))
            async with engine.lease() as attempt:
                route = find(self._instances, model)  # as of now: the name may have moved while we waited
                if route.instance.key == engine.instance.key:
                    yield Lease(attempt, route, engine)
                    return
        raise NotReady(f"{model} is being released anew", "It moved from engine to engine while we waited.", "Ask again.")

    async def ensure_ready(self, model: str) -> None:
        """Return when `model` would be answered at once."""
        async with self.lease(model):
            return

    async def wake(self, model: str) -> Route:
        """Start the engine of `model` without waiting for it."""
        route = await self.route(model)
        self.engine(route).wake()
        return route

    async def stop(self, model: str) -> Route:
        """Stop the engine of `model`, and so every name that it serves; the next request starts it again."""
        route = await self.route(model)
        await self.engine(route).stop()
        return route

    async def settle(self) -> None:
        """Be as the files say now: engines that no current release needs end, once they answer nothing."""
        await self.refresh()
        await self._retire()

    async def free_memory(self) -> list[str]:
        """Stop engines that answer nothing now, if the policy says so, and return their keys. They start again when asked."""
        idle = [engine for engine in self._engines.values() if engine.alive and engine.in_flight == 0]
        if not self.policy.frees_memory:
            return []
        await asyncio.gather(*(engine.stop() for engine in idle))
        return [engine.instance.key for engine in idle]

    async def refresh(self) -> tuple[Instance, ...]:
        """Read the releases and bases again and let every engine know what it is to be."""
        instances = await asyncio.to_thread(self._read)
        if instances != self._instances:
            self._instances = instances
            for instance in instances:
                self._meet(instance)
            self._tell()
        return instances

    def _meet(self, instance: Instance) -> None:
        engine = self._engines.get(instance.key)
        if engine is None:
            self._engines[instance.key] = Engine(instance, self._attempts, self.client, self.policy, self._tell)
        else:
            engine.become(instance)

    def _read(self) -> tuple[Instance, ...]:
        found: list[Release] = []
        for name in self._releases.names():
            release = self._releases.current(name)
            if release is not None:
                found.append(release)
        return desired(found, bases(self._home), shape=repr(astuple(self._shape)))

    async def _follow(self) -> None:
        """Releases are switched by whoever renames a file; an engine that runs gets its new make without being asked first."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if self._engines:
                await self._refresh_or_warn()
                await self._retire()

    async def _retire(self) -> None:
        """Forget engines that no current release needs, once they answer nothing."""
        needed = {instance.key for instance in self._instances}
        for key, engine in list(self._engines.items()):
            if key not in needed and engine.in_flight == 0:
                del self._engines[key]
                await engine.stop()

    async def _refresh_or_warn(self) -> None:
        try:
            await self.refresh()
        except (TunesmithError, OSError, ValueError) as error:
            log.warning("what is served stays as it is: the releases can't be read: %s", error)
