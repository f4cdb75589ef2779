"""A run: one training, its configuration and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class RunState(StrEnum):
    """How a training made outside of Tunesmith stands, as far as its files and processes tell."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    """It ended before its last step and saved what it had: somebody pressed Abort."""
    FAILED = "failed"
    """It ended without saving: it broke, or was killed."""


class Run(BaseModel):
    """A folder under saves/ in which something was, or is being, trained."""

    name: str
    path: str
    made_outside: bool
    job: str | None = None
    """The job that trains or trained it; it tells how that stands. None for runs made outside."""
    state: RunState | None = None
    """None for runs of ours: their job tells."""
    base: str | None = None
    template: str | None = None
    datasets: list[str] = []
    adapter: str | None = None
    """Id of the finished adapter, when there is one."""
    checkpoints: list[str] = []
    step: int | None = None
    total_steps: int | None = None
    loss: float | None = None
    modified_at: datetime


class MetricPoint(BaseModel):
    """One line of `trainer_log.jsonl`; what the trainer left out is None."""

    step: int
    total_steps: int | None = None
    loss: float | None = None
    eval_loss: float | None = None
    lr: float | None = None
    epoch: float | None = None
    elapsed_seconds: float | None = None
    remaining_seconds: float | None = None
    grad_norm: float | None = None
    """From `trainer_state.json`, which is written with each checkpoint: absent until the first one."""
    tokens_per_second: float | None = None
