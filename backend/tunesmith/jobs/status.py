"""A job's state, read from its folder. Nothing else is asked, so it is right after any crash and without a database."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tunesmith.domain.job import JobPlan, JobStatus, Reason, State, StepStatus
from tunesmith.domain.place import Life, Observation, Runtime
from tunesmith.domain.step import Step
from tunesmith.jobs.folder import UNREACHABLE, attempt_folder, last_line, latest_attempt, modified_at, step_folder, tail
from tunesmith.runtimes.reason import failure_reason
from tunesmith.steps.progress import read_progress


async def job_status(folder: Path, plan: JobPlan, runtime: Runtime) -> JobStatus:
    """The whole record of a job as it is now."""
    steps = []
    left: tuple[int, ...] = ()
    cancel_requested = None
    for index, step in enumerate(plan.steps):
        number = latest_attempt(step_folder(folder, index, step))
        attempt = attempt_folder(folder, index, step, number)
        seen = await runtime.observe(attempt) if number else Observation(Life.ABSENT)
        steps.append(await asyncio.to_thread(_step_status, step, number, attempt, seen))
        left += seen.processes_left
        cancel_requested = cancel_requested or modified_at(attempt / "cancelling")
    if not (folder / "job.json").exists():
        _mark_deleted(steps)
    state, reason = overall(steps)
    return JobStatus(
        id=plan.id,
        kind=plan.kind,
        title=plan.title,
        lane=plan.lane,
        state=state,
        reason=reason,
        created_at=plan.created_at,
        started_at=next((step.started_at for step in steps if step.started_at), None),
        ended_at=max((step.ended_at for step in steps if step.ended_at), default=None) if state.final else None,
        cancel_requested_at=cancel_requested,
        processes_left=left,
        steps=steps,
    )


def _mark_deleted(steps: list[StepStatus]) -> None:
    """Somebody deleted the job's folder: what wasn't done can't be followed any more."""
    for step in steps:
        if not step.state.final:
            step.state, step.reason, step.message = State.FAILED, Reason.LOST, "the job's folder was deleted"


def overall(steps: list[StepStatus]) -> tuple[State, Reason | None]:
    """A job's state out of its steps': the first step that hasn't succeeded decides."""
    for index, step in enumerate(steps):
        if step.state is State.PENDING and index > 0:
            return State.RUNNING, None
        if step.state is not State.SUCCEEDED:
            return step.state, step.reason
    return State.SUCCEEDED, None


def _step_status(step: Step, number: int, attempt: Path, seen: Observation) -> StepStatus:
    state, reason = _state(step, attempt, seen)
    log = attempt / "log"
    ended = modified_at(attempt / "exit") or modified_at(attempt / "cancelled") if state.final else None
    return StepStatus(
        name=step.name,
        state=state,
        reason=reason,
        attempt=number,
        exit_code=seen.exit_code,
        started_at=modified_at(attempt / "started") or modified_at(attempt / "claim"),
        ended_at=ended or (modified_at(log) if state is State.FAILED else None),
        progress=read_progress(step, log) if state in (State.RUNNING, State.SUCCEEDED) else None,
        message=_message(attempt, state, seen),
    )


def _message(attempt: Path, state: State, seen: Observation) -> str:
    if state is not State.FAILED:
        return ""
    unreachable = tail(attempt / UNREACHABLE)
    return last_line(unreachable or seen.why_lost.encode() or tail(attempt / "log"))


def _state(step: Step, attempt: Path, seen: Observation) -> tuple[State, Reason | None]:
    if seen.life is Life.ABSENT:
        unreachable = (attempt / UNREACHABLE).exists()
        return (State.FAILED, Reason.PLACE_MISSING) if unreachable else (State.PENDING, None)
    if seen.going_on:
        return State.RUNNING, None
    if seen.cancelled:
        return State.CANCELLED, None
    if seen.life is Life.LOST:
        return State.FAILED, Reason.LOST
    if seen.exit_code == 0:
        return State.SUCCEEDED, None
    if step.refusal is not None and seen.exit_code == step.refusal:
        return State.FAILED, Reason.REFUSED
    return State.FAILED, failure_reason(seen.exit_code or 0, tail(attempt / "log"), seen.disk_full)
