"""Which of thousands of jobs a list shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tunesmith.domain.errors import NotFound
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane
from tunesmith.jobs.selection import Selection, select

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def job(number: int, kind: str = "train", state: State = State.SUCCEEDED, title: str = "") -> JobStatus:
    # Two of a second: then their ids tell which comes first.
    made = MIDNIGHT + timedelta(seconds=number // 2)
    return JobStatus(
        id=f"j-{number:04}", kind=kind, title=title or f"Job {number}", lane=Lane.LIGHT, state=state, created_at=made, steps=[]
    )


JOBS = [
    job(3, "release", State.FAILED, "Release STRASSE"),
    job(1, state=State.RUNNING),
    job(2, "toolbox", title="Install straße"),
    job(0, "release", State.FAILED),
]


def ids(wanted: Selection) -> list[str]:
    return [record.id for record in select(JOBS, wanted)]


def test_all_of_them_newest_first() -> None:
    assert ids(Selection()) == ["j-0003", "j-0002", "j-0001", "j-0000"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Selection(states=[State.FAILED]), ["j-0003", "j-0000"]),
        (Selection(states=[State.FAILED, State.RUNNING]), ["j-0003", "j-0001", "j-0000"]),
        (Selection(kinds=["toolbox", "train"]), ["j-0002", "j-0001"]),
        (Selection(states=[State.FAILED], kinds=["train"]), []),
        (Selection(text=" strasse "), ["j-0003", "j-0002"]),
        (Selection(text="J-0001"), ["j-0001"]),
        (Selection(text="TOOL"), ["j-0002"]),
        (Selection(before="j-0002"), ["j-0001", "j-0000"]),
        (Selection(before="j-0003", states=[State.FAILED], limit=1), ["j-0000"]),
        (Selection(limit=2), ["j-0003", "j-0002"]),
    ],
)
def test_what_is_asked_for(wanted: Selection, found: list[str]) -> None:
    assert ids(wanted) == found


def test_pages_of_five_thousand_meet_without_gap_or_double() -> None:
    many = [job(number) for number in range(5000)]
    seen: list[str] = []
    while page := select(many, Selection(before=seen[-1] if seen else None, limit=999)):
        seen += [record.id for record in page]
    assert seen == [f"j-{number:04}" for number in reversed(range(5000))]


def test_a_job_that_isnt_there_has_no_older_ones() -> None:
    with pytest.raises(NotFound, match="j-9999"):
        ids(Selection(before="j-9999"))
