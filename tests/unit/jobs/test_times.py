"""How long the steps of a job took, for predicting those to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tunesmith.domain.job import JobPlan, JobStatus, State, StepStatus
from tunesmith.domain.step import Estimate, Lane, Step, Toolbox
from tunesmith.domain.timing import Took
from tunesmith.jobs.times import times

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_only_what_succeeded_and_says_its_work_counts() -> None:
    work = Estimate(work=7, work_unit="bytes")
    steps = tuple(
        Step(name=name, toolbox=Toolbox.SYSTEM, argv=("true",), inputs=("saves/a", "models/base/b"), estimate=estimate)
        for name, estimate in (("convert-base", work), ("facts", Estimate()), ("again", work), ("merge", work), ("load", work))
    )
    plan = JobPlan(id="job-1", kind="release", title="t", lane=Lane.LIGHT, created_at=NOON, home="/h", steps=steps)

    def status(name: str, state: State, seconds: float | None) -> StepStatus:
        ended = None if seconds is None else NOON + timedelta(seconds=seconds)
        return StepStatus(name=name, state=state, started_at=NOON, ended_at=ended)

    record = JobStatus(
        id="job-1",
        kind="release",
        title="t",
        lane=Lane.LIGHT,
        state=State.FAILED,
        created_at=NOON,
        steps=[
            status("convert-base", State.SUCCEEDED, 4.5),
            status("facts", State.SUCCEEDED, 3),
            status("again", State.SUCCEEDED, 0),
            status("merge", State.FAILED, 9),
            status("load", State.PENDING, None),
        ],
    )
    assert times(plan, record) == [Took("convert", "bytes", 7, 4.5, "models/base/b")]
