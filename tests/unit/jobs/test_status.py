"""A job's state out of its steps', and a step's out of what the place says."""

import pytest

from tunesmith.domain.job import Reason, State, StepStatus
from tunesmith.domain.place import Life, Observation
from tunesmith.jobs.execution import outcome
from tunesmith.jobs.status import overall

PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED = (State(name) for name in State)


@pytest.mark.parametrize(
    ("steps", "whole"),
    [
        ([PENDING, PENDING], PENDING),
        ([RUNNING, PENDING], RUNNING),
        ([SUCCEEDED, PENDING], RUNNING),
        ([SUCCEEDED, SUCCEEDED], SUCCEEDED),
        ([SUCCEEDED, FAILED, PENDING], FAILED),
        ([CANCELLED, CANCELLED], CANCELLED),
        ([SUCCEEDED, CANCELLED], CANCELLED),
        ([RUNNING, CANCELLED], RUNNING),
    ],
)
def test_the_first_step_that_hasnt_succeeded_decides(steps: list[State], whole: State) -> None:
    reason = Reason.COMMAND if whole is FAILED else None
    statuses = [
        StepStatus(name=f"s{n}", state=state, reason=reason if state is FAILED else None) for n, state in enumerate(steps)
    ]
    assert overall(statuses) == (whole, reason)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (Observation(Life.ABSENT), PENDING),
        (Observation(Life.RUNNING), RUNNING),
        (Observation(Life.EXITED, exit_code=0), SUCCEEDED),
        (Observation(Life.EXITED, exit_code=3), FAILED),
        (Observation(Life.LOST), FAILED),
        (Observation(Life.EXITED, exit_code=143, cancelling=True, cancelled=True), CANCELLED),
        # Its canceller was killed, or names processes that it could not end: nobody may say cancelled yet.
        (Observation(Life.EXITED, exit_code=143, cancelling=True), RUNNING),
        (Observation(Life.EXITED, exit_code=143, cancelling=True, processes_left=(7,)), RUNNING),
    ],
)
def test_cancelled_is_said_when_no_process_is_left(seen: Observation, state: State) -> None:
    assert outcome(seen, unreachable=False) is state


def test_a_place_that_cant_be_reached_is_a_failure() -> None:
    assert outcome(Observation(Life.ABSENT), unreachable=True) is FAILED
