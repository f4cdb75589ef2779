"""One instance's engine, kept alive: started when first asked for, watched, started anew when it ends, unloaded when idle."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import EngineFailed, TunesmithError
from tunesmith.domain.place import Life
from tunesmith.runtimes.endless import last_line
from tunesmith.serving.attempts import Attempt, Attempts
from tunesmith.serving.canary import mixes
from tunesmith.serving.client import EngineClient
from tunesmith.serving.instances import Instance

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Policy:
    """When an engine is started anew, given up, or unloaded. All times in seconds."""

    backoff: tuple[float, ...] = (1, 2, 4, 8, 16, 30)
    quick_failures: int = 5
    """So many ends in a row, each sooner than `quick`, and it is given up."""
    quick: float = 60
    poll: float = 0.5
    health: float = 10
    unanswered: int = 3
    """Health checks without an answer, while nothing is being generated, after which it counts as hung."""
    patience: float = 300
    """How long a request waits for the engine."""
    idle: float = 1800
    grace: float = 5
    frees_memory: bool = False
    """Whether idle engines are stopped before a job takes the accelerator (where both share one GPU's memory)."""

    def delay(self, failures: int) -> float | None:
        """The pause before the next start after so many quick failures; None: give up."""
        return None if failures >= self.quick_failures else self.backoff[min(failures, len(self.backoff)) - 1]


class NotReady(EngineFailed):
    """The engine isn't ready yet, and the caller's patience is over."""

    status = 503
    kind = "engine-not-ready"


class _Died(Exception):
    """The process ended, or had to be ended, without having been asked to."""


class Engine:
    """Runs nothing until `wake` or `lease`. `leave` forgets the process without ending it; another `Engine` may `adopt` it."""

    def __init__(
        self,
        instance: Instance,
        attempts: Attempts,
        client: EngineClient,
        policy: Policy,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        """`tell` is called after every change of its state."""
        self.instance, self.policy = instance, policy
        self._attempts, self._client, self._tell = attempts, client, tell
        self.state, self.detail = ServingState.STOPPED, ""
        self.attempt: Attempt | None = None
        self.restarts = self.in_flight = 0
        self._failures = self._stops = 0
        self._last_used = time.monotonic()
        self._wanted = self._doubted = False
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def alive(self) -> bool:
        """Whether there is a process, or will be one shortly."""
        return self._task is not None and not self._task.done()

    @property
    def outdated(self) -> bool:
        """Whether the process is made of something else than is wanted now."""
        return self.attempt is not None and self.attempt.spec.fingerprint != self.instance.fingerprint

    def become(self, instance: Instance) -> None:
        """From now on this is wanted; a process of another make is started anew when no request is in flight."""
        if instance.fingerprint != self.instance.fingerprint:
            self._failures = 0
            if self.state is ServingState.FAILED:
                self._say(ServingState.STOPPED)
        self.instance = instance
        self._notify()

    def adopt(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.wake()

    def wake(self) -> None:
        """Be started, if it isn't; an engine that was given up gets all its tries again."""
        if self.alive and self._wanted:
            return
        self._failures, self._last_used = 0, time.monotonic()
        self._wanted = True
        self._say(ServingState.STARTING)
        if not self.alive:
            self._task = asyncio.create_task(self._keep(), name=f"engine {self.instance.key}")
            self._task.add_done_callback(self._ended)

    @contextlib.asynccontextmanager
    async def lease(self) -> AsyncIterator[Attempt]:
        """A ready engine of the wanted make, which isn't started anew or unloaded while the lease is held.

        Raises NotReady when it took longer than the policy's patience, EngineFailed when it was given up.
        """
        attempt = await self._ready()
        self.in_flight += 1
        try:
            yield attempt
        finally:
            self.in_flight -= 1
            self._last_used = time.monotonic()
            self._notify()

    def doubt(self) -> None:
        """A request got no answer: let nobody in before the process was looked at again."""
        self._doubted = True
        self._notify()

    async def stop(self) -> None:
        """End the process, and with it the answers that it is giving."""
        self._wanted = False
        self._stops += 1
        self._notify()
        if self._task is not None:
            await asyncio.wait({self._task})
        if self.state is not ServingState.FAILED:
            self._say(ServingState.STOPPED)

    async def leave(self) -> None:
        """Stop watching; the process stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _ready(self) -> Attempt:
        deadline, stops = time.monotonic() + self.policy.patience, self._stops
        while True:
            if self._stops != stops:
                raise NotReady("The engine was stopped", "Somebody stopped it while this request waited.", "Ask again.")
            if self.state is ServingState.FAILED:
                raise EngineFailed("The engine was given up", self.detail, self._remedy())
            if not self.alive or not self._wanted:
                self.wake()
            if self.state is ServingState.READY and not self.outdated and not self._doubted and self.attempt is not None:
                return self.attempt
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotReady("The engine isn't ready yet", self.detail or f"It is {self.state}.", "Try again shortly.")
            await self._pause(left)

    def _remedy(self) -> str:
        where = f"Its log is {self.attempt.log}. " if self.attempt else ""
        return f"{where}Mend the cause, then start it again: POST /api/deployments/NAME:start."

    async def _keep(self) -> None:
        while self._wanted:
            born = time.monotonic()
            try:
                attempt = await self._current()
                if await self._loads(attempt):
                    self._say(ServingState.READY)
                    await self._watch(attempt)
                await self._end(attempt)
            except (_Died, EngineFailed) as died:
                await self._mourn(str(died), quick=time.monotonic() - born < self.policy.quick)
            except TunesmithError as error:
                self._give_up(str(error))
        if self.state is not ServingState.FAILED:
            self._say(ServingState.STOPPED)

    async def _current(self) -> Attempt:
        """The process that is there, if it is of the wanted make; else a new one."""
        if self.attempt is not None and self.outdated:
            await self._end(self.attempt)
        if self.attempt is None or (await self._attempts.observe(self.attempt)).life is not Life.RUNNING:
            self.attempt = await self._attempts.start(self.instance)
        return self.attempt

    async def _loads(self, attempt: Attempt) -> bool:
        """True when it is ready and the canary lives; False when it is no longer wanted as it is."""
        while not await self._client.loaded(attempt.address):
            if not self._wanted or self.outdated:
                return False
            await self._must_live(attempt)
            await self._pause(min(self.policy.poll, 0.05))
        await self._must_live(attempt)
        alias = await self._client.alias(attempt.address)
        if alias != self.instance.key:
            raise _Died(f"another program ({alias!r}) answers on {attempt.address}")
        seen = await mixes(self._client, attempt.address, len(self.instance.adapters))
        if seen is not None:
            self._give_up(f"The engine mixes its models: {seen}. A llama-server of another version may be better.")
        return seen is None

    async def _watch(self, attempt: Attempt) -> None:
        """Returns when the process shall end; raises _Died when it did so by itself."""
        checked, unanswered = time.monotonic(), 0
        while True:
            await self._must_live(attempt)
            now = time.monotonic()
            if not self._wanted or (self.outdated and self.in_flight == 0):
                self._say(ServingState.STARTING if self._wanted else ServingState.STOPPED)
                return
            if self.in_flight == 0 and now - self._last_used > self.policy.idle:
                self._wanted = False
                self._say(ServingState.STOPPED, "unloaded; the next request starts it")
                return
            if self._doubted or (self.in_flight == 0 and now - checked > self.policy.health):
                answered = await self._client.loaded(attempt.address)
                checked, unanswered = now, 0 if answered else unanswered + 1
                if answered:
                    self._doubted = False
                    self._notify()
                elif unanswered >= self.policy.unanswered:
                    raise _Died(f"it left {unanswered} health checks without an answer")
            await self._pause(self.policy.poll)

    async def _must_live(self, attempt: Attempt) -> None:
        seen = await self._attempts.observe(attempt)
        if seen.life is not Life.RUNNING:
            line = await asyncio.to_thread(last_line, attempt.log)
            raise _Died(f"the engine ended with status {seen.exit_code}: {line}" if line else "the engine ended")

    async def _mourn(self, detail: str, *, quick: bool) -> None:
        """Pause before the next try, longer each time, or give up. An end in which the process stayed is made complete."""
        self._say(ServingState.STARTING, detail)
        if self.attempt is not None:
            await self._attempts.end(self.attempt, self.policy.grace)
        self.restarts += 1
        self._failures = self._failures + 1 if quick else 1
        delay = self.policy.delay(self._failures)
        log.warning("engine %s: %s", self.instance.key, detail)
        if delay is None:
            self._give_up(detail)
            return
        until = time.monotonic() + delay
        wanted = self.instance.fingerprint
        while self._wanted and self.instance.fingerprint == wanted and (left := until - time.monotonic()) > 0:
            await self._pause(left)

    async def _end(self, attempt: Attempt) -> None:
        await self._attempts.end(attempt, self.policy.grace)
        if self.state is not ServingState.FAILED:
            self.attempt = None

    def _give_up(self, detail: str) -> None:
        self._wanted = False
        self._say(ServingState.FAILED, detail)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("engine %s: its supervision ended", self.instance.key, exc_info=error)
            self._give_up(f"{type(error).__name__}: {error}")

    def _say(self, state: ServingState, detail: str = "") -> None:
        self.state, self.detail = state, detail
        if state is not ServingState.READY:
            self._doubted = False
        self._notify()
        self._tell()

    def _notify(self) -> None:
        """Wake everyone who waits for a change, once."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
