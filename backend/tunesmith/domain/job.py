"""A job: a list of steps written once (`job.json`), and the state that is read from its folder."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from tunesmith.domain.step import Frozen, Lane, Step


class State(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Reason(StrEnum):
    """Why a step or job failed."""

    LOST = "lost"
    """Its processes are gone and it left no exit status (power cut, container restart)."""
    DISK_FULL = "disk-full"
    PLACE_MISSING = "place-missing"
    REFUSED = "refused"
    """A check said no (the parity gate); the log's last line says what."""
    COMMAND = "command"
    """The command returned a status other than 0."""


class JobPlan(Frozen):
    """`job.json`: everything that will run, written once before the start."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{3,60}$")
    kind: str
    """What the user asked for: train, release, import, toolbox, …"""
    title: str
    lane: Lane
    created_at: datetime
    home: str
    steps: tuple[Step, ...] = Field(min_length=1)
    request: dict[str, object] = {}
    """The user's request as it was, so that it can be run again."""


class Progress(BaseModel):
    """How far a tool says it is. `done` and `total` in `unit`; `eta_seconds` from the tool or from its own rate."""

    done: float
    total: float | None = None
    unit: str = ""
    note: str = ""
    eta_seconds: float | None = None


class StepStatus(BaseModel):
    name: str
    state: State
    reason: Reason | None = None
    attempt: int = 0
    """Number of the latest attempt; 0 when none was made."""
    exit_code: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    progress: Progress | None = None
    message: str = ""
    """Of a failed step: why its place was beyond reach, or what became of it; else the last line of its log."""


class JobStatus(BaseModel):
    """A job as the API and the event stream show it: always the whole record."""

    id: str
    kind: str
    title: str
    lane: Lane
    state: State
    reason: Reason | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    processes_left: tuple[int, ...] = ()
    """Pids that a cancel could not end; empty when all are gone."""
    steps: list[StepStatus]
    holds: str | None = None
    """Why a pending job waits (the lane is taken, the disk is nearly full)."""
