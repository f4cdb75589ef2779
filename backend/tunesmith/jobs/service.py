"""Jobs: accepted as a folder, queued durably, followed, cancelled and retried. Implements `domain.ports.Jobs`."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tunesmith.domain.errors import Conflict, NotEnough, NotFound, TunesmithError
from tunesmith.domain.job import JobPlan, JobStatus, State
from tunesmith.domain.place import Life, Runtime
from tunesmith.domain.ports import Draft
from tunesmith.domain.step import Lane, Step
from tunesmith.domain.timing import Took
from tunesmith.jobs.durable import LOOK_SECONDS, Durable
from tunesmith.jobs.execution import Execution, command_of
from tunesmith.jobs.folder import (
    attempt_folder,
    lack_of_room,
    latest_attempt,
    prepare_attempt,
    read_job,
    step_folder,
    write_job,
)
from tunesmith.jobs.selection import Selection, select
from tunesmith.jobs.status import job_status
from tunesmith.jobs.times import times
from tunesmith.jobs.uses import uses

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
GRACE_SECONDS = 10.0
FINDING_SECONDS = 1.0
REMEMBERED = 500
"""Jobs by whose steps new ones are timed."""
log = logging.getLogger("tunesmith.jobs")


def _has_process(record: JobStatus) -> bool:
    return any(step.state is State.RUNNING for step in record.steps)


class JobBook:
    """All jobs of a home. `tell` gets the whole record of a job after every change."""

    def __init__(
        self,
        folder: Path,
        home: Path,
        runtime: Runtime,
        database: Path,
        light_jobs: int,
        tell: Callable[[JobStatus], None],
        obstacle: Callable[[], str | None] = lambda: None,
        grace_seconds: float = GRACE_SECONDS,
        holder: Callable[[], str | None] = lambda: None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`grace_seconds`: between TERM and KILL of a cancel. `holder`: who else uses the accelerator; asked in a thread.
        `look_seconds`: between two looks of the queue for a job that waits.
        """
        self._grace = grace_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._folder, self._home, self._runtime, self._tell = folder, home, runtime, tell
        self._records: dict[str, JobStatus] = {}
        self._plans: dict[str, JobPlan] = {}
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._execution = Execution(runtime, self._changed, obstacle, holder)
        self._durable = Durable(database, light_jobs, self._step_count, self._run_step, look_seconds)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._known, self._queued = asyncio.Event(), asyncio.Event()

    async def open(self) -> None:
        """Launch the queues, then find every job of the folder; unfinished ones go on where they are."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._durable.launch)
        self._finding = asyncio.create_task(self._find_all())
        # Who asks for a job right after a restart should find it; thousands of old ones may be found later.
        await asyncio.wait([asyncio.create_task(self._known.wait())], timeout=FINDING_SECONDS)

    async def _find_all(self) -> None:
        unfinished = [record async for record in self._all_readable() if not record.state.final]
        self._known.set()
        # Without the database the queue's order is lost: what runs already keeps its lane, the rest goes by age.
        for record in sorted(unfinished, key=lambda record: (not _has_process(record), record.created_at)):
            await self._enqueue(record.id)
            if record.cancel_requested_at or any(step.state is State.CANCELLED for step in record.steps):
                self._background(self._carry_through(record.id))
        self._queued.set()

    async def _all_readable(self) -> AsyncIterator[JobStatus]:
        """Every job of the folder, newest first. One that can't be read is logged and keeps none of the others."""
        found = await asyncio.to_thread(
            lambda: sorted((path.parent.name for path in self._folder.glob("*/job.json")), reverse=True)
        )
        for job_id in found:
            try:
                yield await self._refresh(job_id)
            except (TunesmithError, OSError) as error:
                log.warning("The job %s is left out: %s", job_id, error)

    async def _carry_through(self, job_id: str) -> None:
        """Go on with a cancel that an earlier life of ours began."""
        with suppress(Conflict):
            await self.cancel(job_id)

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ── asked for by users ──

    def draft(self, kind: str) -> Draft:
        stamp = datetime.now(UTC).strftime("%y%m%d-%H%M%S")
        job_id = f"{stamp}-{kind}-{''.join(secrets.choice(ALPHABET) for _ in range(5))}"
        return Draft(job_id, self._folder / job_id)

    async def submit(
        self,
        draft: Draft,
        *,
        kind: str,
        title: str,
        lane: Lane,
        steps: Sequence[Step],
        request: Mapping[str, object],
        files: Mapping[str, str] | None = None,
    ) -> JobStatus:
        plan = JobPlan(
            id=draft.id,
            kind=kind,
            title=title,
            lane=lane,
            created_at=datetime.now(UTC),
            home=str(self._home),
            steps=tuple(steps),
            request=dict(request),
        )
        await asyncio.to_thread(write_job, draft.folder, plan, files or {})
        self._plans[plan.id] = plan
        record = await self._refresh(plan.id)
        # Not before the jobs of an earlier life: one of them may hold the lane.
        await self._queued.wait()
        await self._enqueue(plan.id)
        return record

    def plan(self, job_id: str) -> JobPlan:
        if job_id not in self._plans:
            if Path(job_id).name != job_id:
                raise NotFound(f"There is no job {job_id[:80]!r}")
            self._plans[job_id] = read_job(self._folder / job_id)
        return self._plans[job_id]

    def status(self, job_id: str) -> JobStatus:
        if job_id in self._records:
            return self._records[job_id]
        raise NotFound(f"There is no job {job_id[:80]!r}", "", "`tunesmith jobs list` shows the jobs.")

    async def all(self, wanted: Selection | None = None) -> list[JobStatus]:
        """Newest first; without `wanted` every one."""
        await self._known.wait()
        return select(self._records.values(), wanted or Selection(limit=len(self._records)))

    def active(self) -> list[JobStatus]:
        return [record for record in list(self._records.values()) if not record.state.final]

    def using(self, path: Path) -> list[JobStatus]:
        """Jobs that aren't over and work with a file or folder, or will."""
        return [record for record in self.active() if uses(self.plan(record.id), path)]

    def took(self) -> list[Took]:
        """How long the steps of the latest jobs took that succeeded, newest first."""
        latest = select(list(self._records.values()), Selection(limit=REMEMBERED))
        return [took for record in latest for took in times(self.plan(record.id), record)]

    def is_final(self, job_id: str) -> bool:
        return self.status(job_id).state.final

    async def cancel(self, job_id: str) -> JobStatus:
        """End a job: the steps to come are claimed first, last to first, so that nothing can start meanwhile."""
        await self._known.wait()
        plan = self.plan(job_id)
        if self.status(job_id).state.final:
            raise Conflict(f"The job {job_id} has ended already", f"It is {self.status(job_id).state}.")
        unclaimed = []
        for index in reversed(range(len(plan.steps))):
            try:
                await self._cancel_step(plan, index)
            except NotEnough:
                # On a full disk: what runs is ended all the same, and may leave room for the rest.
                unclaimed.append(index)
        for index in unclaimed:
            await self._cancel_step(plan, index)
        return await self._refresh(job_id)

    async def _cancel_step(self, plan: JobPlan, index: int) -> None:
        step = plan.steps[index]
        job = self._folder / plan.id
        number = max(1, latest_attempt(step_folder(job, index, step)))
        attempt = attempt_folder(job, index, step, number)
        prepare_attempt(attempt, step, plan.home)
        seen = await self._runtime.observe(attempt)
        if seen.life is Life.ABSENT or seen.going_on:
            canceling = asyncio.create_task(self._runtime.cancel(attempt, command_of(step, plan.home), self._grace))
            while not (await asyncio.wait([canceling], timeout=0.5))[0]:
                self._changed(plan.id)
            await canceling

    async def retry(self, job_id: str) -> JobStatus:
        """Go on from the first step that failed: new attempts, everything before it stays as it is."""
        plan, record = self.plan(job_id), await self._refresh(job_id)
        if record.state not in (State.FAILED, State.CANCELLED):
            raise Conflict(f"The job {job_id} can't be retried", f"It is {record.state}.", "Only a job that failed can.")
        job = self._folder / job_id
        if reason := lack_of_room(job):
            raise NotEnough("The disk is full", reason, "Make room, then try again.")
        # Last to first: until the failed step itself has its new attempt, the job is still failed.
        for index in reversed(range(len(plan.steps))):
            done = record.steps[index]
            if done.state in (State.FAILED, State.CANCELLED):
                prepare_attempt(attempt_folder(job, index, plan.steps[index], done.attempt + 1), plan.steps[index], plan.home)
        record = await self._refresh(job_id)
        await self._enqueue(job_id)
        return record

    # ── what the queues and the steps tell ──

    async def _enqueue(self, job_id: str) -> None:
        plan = self.plan(job_id)
        job = self._folder / job_id
        await self._execution.wait_to_note(job_id, job)
        attempts = [max(1, latest_attempt(step_folder(job, index, step))) for index, step in enumerate(plan.steps)]
        await asyncio.to_thread(self._durable.enqueue, job_id, "-".join(map(str, attempts)), plan.lane)

    def _step_count(self, job_id: str) -> int:
        try:
            return len(self.plan(job_id).steps)
        except NotFound:
            # Its folder was deleted while we were dead; the queue still knows it, and there is nothing to do.
            return 0

    def _run_step(self, job_id: str, index: int) -> State:
        """Called on a thread of DBOS; the step itself lives on the event loop."""
        assert self._loop is not None, "jobs run only after open()"
        step = self._execution.run_step(self._folder / job_id, self.plan(job_id), index)
        with suppress(CancelledError):
            return asyncio.run_coroutine_threadsafe(step, self._loop).result()
        # The event loop is closing; the command goes on without us. Were the end of its step noted now, the job would
        # count as ended and its lane as free. So this thread never returns: it ends with the process (`os._exit`).
        threading.Event().wait()
        raise AssertionError("an event that nobody sets")

    def _changed(self, job_id: str) -> None:
        """Refresh a record soon; changes that come while one is being read are read once more after it."""
        if job_id in self._refreshing:
            self._again.add(job_id)
            return
        self._refreshing[job_id] = asyncio.create_task(self._refresh_until_quiet(job_id))

    async def _refresh_until_quiet(self, job_id: str) -> None:
        try:
            await self._refresh(job_id)
            while job_id in self._again:
                self._again.discard(job_id)
                await self._refresh(job_id)
        finally:
            del self._refreshing[job_id]

    async def _refresh(self, job_id: str) -> JobStatus:
        record = await job_status(self._folder / job_id, self.plan(job_id), self._runtime)
        record.holds = self._execution.holds.get(job_id)
        if record != self._records.get(job_id):
            self._records[job_id] = record
            self._tell(record)
        return record
