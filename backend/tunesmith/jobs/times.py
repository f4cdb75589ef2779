"""How long a job's steps took. Pure."""

from __future__ import annotations

from tunesmith.domain.job import JobPlan, JobStatus, State
from tunesmith.domain.timing import Took, about, kind_of


def times(plan: JobPlan, record: JobStatus) -> list[Took]:
    """Of the steps that succeeded and say how much there was to do."""
    found = []
    for step, status in zip(plan.steps, record.steps, strict=True):
        estimate, began, ended = step.estimate, status.started_at, status.ended_at
        if status.state is State.SUCCEEDED and estimate.work is not None and began and ended:
            seconds = (ended - began).total_seconds()
            # A step that was done already (a crash came between its end and our note of it) took nothing.
            if seconds > 0:
                found.append(Took(kind_of(step.name), estimate.work_unit or "", estimate.work, seconds, about(step)))
    return found
