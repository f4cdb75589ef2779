"""Commands by exec in the stack's containers, under the wrapper. The orchestrator sends them there and then reads files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tunesmith.domain.place import Command, Life, Observation, Programs
from tunesmith.domain.step import Toolbox
from tunesmith.runtimes import refusals
from tunesmith.runtimes.docker import errors, starting
from tunesmith.runtimes.docker.containers import Place
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.evidence import Evidence, life_of, run_locally
from tunesmith.runtimes.docker.record import claim_as_cancelled, read_record
from tunesmith.runtimes.folder import Attempt, read_attempt
from tunesmith.runtimes.wrapper import NO_FOLDER, cancel_argv

WRAPPER = "/opt/tunesmith/toolbox/job.sh"
"""Where every container of the stack has the wrapper, mounted read-only."""
LATE_SECONDS = 5.0
"""A wrapper beats every 2 s. Later than this its container is asked."""
ROUNDS = 3
"""A container may be stopped or restarted under a cancel: then what is left is looked at anew."""
CANCEL_SECONDS = 90.0
"""What a cancel may take beside its grace: 5 s of killing and a minute for a wrapper that publishes."""
_POLL_SECONDS, _ASK_SECONDS = 0.02, 0.25


class DockerRuntime:
    """Implements `domain.place.Runtime`.

    `programs` knows what the images bring, `place_of` which service is a toolbox; `scripts` is our own copy of the toolbox
    scripts, for what must be written down about a container that is gone.
    """

    def __init__(
        self, programs: Programs, scripts: Path, engine: Engine, place_of: Callable[[Toolbox], Place], wrapper: str = WRAPPER
    ) -> None:
        self._programs, self._engine, self._place_of, self._wrapper = programs, engine, place_of, wrapper
        self._local_wrapper = scripts / "job.sh"
        self._starts = starting.Starts()
        self._evidence = Evidence(engine, wrapper, self._local_wrapper)

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return self._programs.program(toolbox, name)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return self._programs.script(toolbox, relative)

    async def start(self, attempt: Path, command: Command) -> None:
        """Returns when the attempt is claimed. Raises `PlaceMissing`, `NotFound` (no such folder) and `NotEnough` (disk full)."""
        await self._engine.ask(self._start, attempt, command)

    def _start(self, attempt: Path, command: Command) -> None:
        with self._starts.of(attempt):
            starting.start(self._engine, self._wrapper, self._place_of(command.toolbox), attempt, command)

    async def observe(self, attempt: Path) -> Observation:
        """From the files alone, unless they show no life."""
        seen = await asyncio.to_thread(read_attempt, attempt)
        life = _life(seen)
        if life is None:
            lost = await self._engine.ask(self._evidence.lost, attempt)
            # It may have ended between two of our looks.
            seen = await asyncio.to_thread(read_attempt, attempt)
            life = _life(seen) or (Life.LOST if lost else Life.RUNNING)
        return seen.observation(life)

    async def cancel(self, attempt: Path, command: Command, grace_seconds: float) -> Observation:
        """May be asked again, also after a cancel that was itself interrupted."""
        if not await asyncio.to_thread(self._never_to_start, attempt, grace_seconds):
            for _ in range(ROUNDS):
                if await asyncio.to_thread(_is_settled, attempt) or await self._cancelled(attempt, command, grace_seconds):
                    break
        return await self.observe(attempt)

    def _never_to_start(self, attempt: Path, grace_seconds: float) -> bool:
        if not attempt.is_dir():
            raise refusals.no_folder(attempt)
        try:
            return claim_as_cancelled(attempt, grace_seconds)
        except OSError as error:
            raise refusals.start_error(attempt, error) from error

    async def _cancelled(self, attempt: Path, command: Command, grace_seconds: float) -> bool:
        """One round; False: the container went away under it."""
        place = await self._engine.ask(self._where, attempt, command)
        argv = cancel_argv(self._wrapper, attempt, grace_seconds)
        if place is None:
            # With its container's life every process has ended: only the folder has to say so.
            return await self._engine.ask(run_locally, self._local_wrapper, argv[1:]) in (0, 1)
        try:
            exec_id = await self._engine.ask(self._engine.exec_create, place, argv)
            await self._engine.ask(self._engine.exec_start, place, exec_id)
        except (errors.ContainerMissing, errors.ContainerStopped):
            return False
        return await self._follow(attempt, exec_id, grace_seconds)

    def _where(self, attempt: Path, command: Command) -> Place | None:
        """In which container its processes are; None when that one's life is over."""
        record, seen = read_record(attempt), read_attempt(attempt)
        if record is None:
            if seen.reaper and seen.fresh:
                raise errors.on_host(str(attempt))
            return self._place_of(command.toolbox)
        container = life_of(self._engine, record)
        if container is not None and not container.can_run:
            raise errors.stopped(container.name, record.service, container.state)
        return record.place if container else None

    async def _follow(self, attempt: Path, exec_id: str, grace_seconds: float) -> bool:
        """Until the files or the engine say that the canceller has ended; the files also tell when the engine is gone."""
        now = asyncio.get_running_loop().time
        ask, deadline = now() + _ASK_SECONDS, now() + grace_seconds + CANCEL_SECONDS
        while not await asyncio.to_thread(_is_settled, attempt):
            if now() > ask:
                ask = now() + _ASK_SECONDS
                try:
                    state = await self._engine.ask(self._engine.exec_state, exec_id)
                except errors.EngineMissing:
                    if now() > deadline:
                        raise
                    continue
                if state is None or not state.running:
                    if state and state.exit_code == NO_FOLDER:
                        raise refusals.no_folder(attempt)
                    return state is not None and state.exit_code in (0, 1, 143)
            await asyncio.sleep(_POLL_SECONDS)
        return True


def _life(seen: Attempt) -> Life | None:
    """None: the files can't tell."""
    if seen.exited:
        return Life.EXITED if seen.exit else Life.LOST
    if not seen.claimed:
        return Life.ABSENT
    if seen.lost:
        return Life.LOST
    alive = seen.beat_age < LATE_SECONDS if seen.started else seen.fresh
    return Life.RUNNING if alive else None


def _is_settled(attempt: Path) -> bool:
    """Nothing is left to cancel: it was cancelled, or it had ended by itself before."""
    if (attempt / "cancelled").exists():
        return True
    verdict = attempt / "claim" / "verdict"
    return verdict.is_symlink() and verdict.readlink() == Path("ended") and (attempt / "exit").exists()
