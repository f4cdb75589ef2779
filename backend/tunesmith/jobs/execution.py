"""Running one step: attach to its attempt or start it, follow it until it is final, and tell who watches."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tunesmith.domain.errors import NotEnough, TunesmithError
from tunesmith.domain.job import JobPlan, State
from tunesmith.domain.place import Command, Life, Observation, Runtime
from tunesmith.domain.step import Step
from tunesmith.jobs.folder import (
    UNREACHABLE,
    attempt_folder,
    lack_of_room,
    latest_attempt,
    prepare_attempt,
    step_folder,
    write_whole,
)

LOOK_SECONDS = 0.05
TELL_SECONDS = 1.0
SECRET = "env:"


def resolved(env: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`env` with its secret references looked up; one that isn't set is left out."""
    named = {key: value.removeprefix(SECRET) for key, value in env.items() if value.startswith(SECRET)}
    plain = {key: value for key, value in env.items() if key not in named}
    return plain | {key: environment[name] for key, name in named.items() if name in environment}


def command_of(step: Step, home: str) -> Command:
    return Command(toolbox=step.toolbox, argv=step.argv, cwd=Path(home), env=resolved(step.env), outputs=step.outputs)


class Execution:
    """Runs steps in a place. `changed` is called with the job's id whenever its record may have changed."""

    def __init__(self, runtime: Runtime, changed: Callable[[str], None], obstacle: Callable[[], str | None]) -> None:
        self._runtime, self._changed, self._obstacle = runtime, changed, obstacle
        self.holds: dict[str, str] = {}
        """Why a job waits although its lane is free: job id → reason."""

    async def run_step(self, folder: Path, plan: JobPlan, index: int) -> State:
        step = plan.steps[index]
        number = max(1, latest_attempt(step_folder(folder, index, step)))
        attempt = attempt_folder(folder, index, step, number)
        if (await self._runtime.observe(attempt)).life is Life.ABSENT and not (attempt / UNREACHABLE).exists():
            if not await self._prepare(folder, attempt, plan, step):
                return State.FAILED
            await self._wait_for_room(plan.id, attempt)
            if await self._is_being_cancelled(folder, plan, index):
                await self._runtime.cancel(attempt, command_of(step, plan.home), 0)
            else:
                await self._start(attempt, plan, step)
        state = await self._follow(attempt, plan.id)
        await self.wait_to_note(plan.id, folder)
        return state

    async def wait_to_note(self, job_id: str, folder: Path) -> None:
        """Hold a job while the disk has no room for what the queue writes of it."""
        while reason := lack_of_room(folder):
            self._hold(job_id, reason)
            await asyncio.sleep(TELL_SECONDS)
        if self.holds.pop(job_id, None):
            self._changed(job_id)

    async def _prepare(self, folder: Path, attempt: Path, plan: JobPlan, step: Step) -> bool:
        """Make the attempt's folder, and wait while it can't be written. False when the job itself was deleted."""
        while (folder / "job.json").exists():
            try:
                prepare_attempt(attempt, step, plan.home)
                return True
            except TunesmithError as error:
                self._hold(plan.id, str(error))
            await asyncio.sleep(TELL_SECONDS)
        self._changed(plan.id)
        return False

    async def _is_being_cancelled(self, folder: Path, plan: JobPlan, index: int) -> bool:
        """A cancel claims the last step first; when it was interrupted, that claim still says that nothing more may start."""
        for later in range(index + 1, len(plan.steps)):
            parent = step_folder(folder, later, plan.steps[later])
            if (number := latest_attempt(parent)) and (await self._runtime.observe(parent / str(number))).cancelled:
                return True
        return False

    async def _wait_for_room(self, job_id: str, attempt: Path) -> None:
        """Hold the queue while the disk is nearly full. A cancel claims the attempt and ends the wait."""
        while (reason := self._obstacle()) and (await self._runtime.observe(attempt)).life is Life.ABSENT:
            self._hold(job_id, reason)
            await asyncio.sleep(TELL_SECONDS)
        self.holds.pop(job_id, None)

    def _hold(self, job_id: str, reason: str) -> None:
        if self.holds.get(job_id) != reason:
            self.holds[job_id] = reason
            self._changed(job_id)

    async def _start(self, attempt: Path, plan: JobPlan, step: Step) -> None:
        command = command_of(step, plan.home)
        if _published(step, plan.id):
            # A crash between the rename and `exit`: the artifact is there and is ours, so nothing is run again.
            command = Command(step.toolbox, ("true",), command.cwd)
        while True:
            try:
                await self._runtime.start(attempt, command)
            except NotEnough as error:
                # The disk filled up between our look and the start: wait for room, unless a cancel claims the attempt.
                self._hold(plan.id, error.title)
                await asyncio.sleep(TELL_SECONDS)
                continue
            except TunesmithError as error:
                await asyncio.to_thread(_note_unreachable, attempt, error)
            break
        self.holds.pop(plan.id, None)
        self._changed(plan.id)

    async def _follow(self, attempt: Path, job_id: str) -> State:
        told = 0.0
        while True:
            gone = _is_beyond_reach(attempt)
            state = outcome(await self._runtime.observe(attempt), gone)
            if state.final:
                self._changed(job_id)
                return state
            told += LOOK_SECONDS
            if told >= TELL_SECONDS:
                told = 0.0
                self._changed(job_id)
            await asyncio.sleep(LOOK_SECONDS)


def _note_unreachable(attempt: Path, error: TunesmithError) -> None:
    """Keep why an attempt could not be started; without its folder (somebody deleted it) there is nothing to keep."""
    if attempt.is_dir():
        write_whole(attempt / UNREACHABLE, f"{error}\n")


def _is_beyond_reach(attempt: Path) -> bool:
    return (attempt / UNREACHABLE).exists() or not attempt.exists()


def outcome(seen: Observation, unreachable: bool) -> State:
    """The state of an attempt as far as going on depends on it."""
    if seen.life is Life.ABSENT:
        return State.FAILED if unreachable else State.PENDING
    if seen.going_on:
        return State.RUNNING
    if seen.cancelled:
        return State.CANCELLED
    return State.SUCCEEDED if seen.life is Life.EXITED and seen.exit_code == 0 else State.FAILED


def _published(step: Step, job_id: str) -> bool:
    """Whether all outputs of this very step are there already."""
    return bool(step.outputs) and all(_is_ours(Path(output.path), job_id, step.name) for output in step.outputs)


def _is_ours(path: Path, job_id: str, step: str) -> bool:
    sidecar = path / "tunesmith.json" if path.is_dir() else path.with_name(f"{path.name}.tunesmith.json")
    try:
        record = json.loads(sidecar.read_bytes())
    except (OSError, ValueError):
        return False
    return path.exists() and record.get("job") == job_id and record.get("step") == step
