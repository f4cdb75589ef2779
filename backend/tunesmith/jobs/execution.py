"""Running one step: attach to its attempt or start it, follow it until it is final, and tell who watches."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tunesmith.domain.errors import NotEnough, TunesmithError
from tunesmith.domain.job import JobPlan, State
from tunesmith.domain.place import Command, Life, Observation, Runtime
from tunesmith.domain.step import Lane, Step
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
SECRETS = frozenset({"HF_TOKEN", "TUNESMITH_INDEX_URL"})
"""All that a step may refer to. Tools can write in jobs' folders: a plan that asks for more was not written by us."""


def resolved(env: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`env` with its secret references looked up; one that isn't set, or isn't a step's to know, is left out."""
    named = {key: value.removeprefix(SECRET) for key, value in env.items() if value.startswith(SECRET)}
    plain = {key: value for key, value in env.items() if key not in named}
    return plain | {key: environment[name] for key, name in named.items() if name in SECRETS and name in environment}


def command_of(step: Step, home: str) -> Command:
    return Command(toolbox=step.toolbox, argv=step.argv, cwd=Path(home), env=resolved(step.env), outputs=step.outputs)


class Execution:
    """Runs steps in a place. `changed` is called with the job's id whenever its record may have changed.

    `obstacle`: why nothing may start now. `holder`: why nothing may start on the accelerator; blocking.
    """

    def __init__(
        self,
        runtime: Runtime,
        changed: Callable[[str], None],
        obstacle: Callable[[], str | None],
        holder: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._runtime, self._changed, self._obstacle, self._holder = runtime, changed, obstacle, holder
        self.holds: dict[str, str] = {}
        """Why a job waits although its lane is free: job id → reason."""

    async def run_step(self, folder: Path, plan: JobPlan, index: int) -> State:
        step = plan.steps[index]
        number = max(1, latest_attempt(step_folder(folder, index, step)))
        attempt = attempt_folder(folder, index, step, number)
        if (await self._runtime.observe(attempt)).life is Life.ABSENT and not (attempt / UNREACHABLE).exists():
            if not await self._prepare(folder, attempt, plan, step):
                return State.FAILED
            await self._wait_for_room(plan, attempt)
            if await self._is_being_cancelled(folder, plan, index):
                await self._runtime.cancel(attempt, command_of(step, plan.home), 0)
            else:
                await self._start(attempt, plan, step)
        state = await self._follow(attempt, plan.id)
        if state is not State.SUCCEEDED:
            await asyncio.to_thread(_drop_parts, attempt, step, Path(plan.home))
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

    async def _wait_for_room(self, plan: JobPlan, attempt: Path) -> None:
        """Hold the queue while the disk is nearly full or the accelerator used. A cancel claims the attempt and ends the wait."""
        while (reason := await self._reason_to_wait(plan.lane)) and (await self._runtime.observe(attempt)).life is Life.ABSENT:
            self._hold(plan.id, reason)
            await asyncio.sleep(TELL_SECONDS)
        self.holds.pop(plan.id, None)

    async def _reason_to_wait(self, lane: Lane) -> str | None:
        if reason := await asyncio.to_thread(self._obstacle):
            return reason
        return await asyncio.to_thread(self._holder) if lane is Lane.ACCELERATOR else None

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
        while True:
            gone = _is_beyond_reach(attempt)
            state = outcome(await self._runtime.observe(attempt), gone)
            self._changed(job_id)
            if state.final:
                return state
            await _until_news(attempt)


async def _until_news(attempt: Path) -> None:
    """Until the attempt may have ended, a second at most. All of its files are read only then: the command needs the cores."""
    now = asyncio.get_running_loop().time
    deadline = now() + TELL_SECONDS
    while now() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
        if await asyncio.to_thread(_may_have_ended, attempt):
            return


def _may_have_ended(attempt: Path) -> bool:
    return (attempt / "exit").exists() or not attempt.exists()


def _drop_parts(attempt: Path, step: Step, home: Path) -> None:
    """What a wrapper that was killed could not take away. Nothing of the attempt lives; a newer one clears its own way."""
    if latest_attempt(attempt.parent) > int(attempt.name):
        return
    for output in step.outputs:
        if (part := Path(output.part)) == Path(output.path):
            continue  # a tool that works in place: its folder is shown as incomplete
        if not _is_a_part(part, Path(output.path), home):
            continue
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part, ignore_errors=True)
        else:
            with suppress(OSError):
                part.unlink()


def _is_a_part(part: Path, path: Path, home: Path) -> bool:
    """A hidden sibling of its artifact, where artifacts lie. Tools can write in jobs' folders: a plan says nothing by itself."""
    roots = [home / name for name in ("saves", "models", "data", ".tunesmith/renderings", ".tunesmith/demo", ".tunesmith/jobs")]
    parent = part.parent.resolve()
    beside = part.parent == path.parent and part.name.startswith(".") and ".." not in part.parts
    return beside and any(parent.is_relative_to(root.resolve()) for root in roots)


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
