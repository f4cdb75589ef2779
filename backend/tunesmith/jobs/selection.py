"""Which jobs of thousands a list shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from tunesmith.domain.errors import NotFound
from tunesmith.domain.job import JobStatus, State


@dataclass(frozen=True)
class Selection:
    """What is asked for; nothing in it means all. `text` is looked for in id, title and kind, without regard to case."""

    states: Collection[State] = ()
    kinds: Collection[str] = ()
    text: str = ""
    before: str | None = None
    """Only jobs that were made before this one: for the next page of a list."""
    limit: int = 200


def select(records: Iterable[JobStatus], wanted: Selection) -> list[JobStatus]:
    """Newest first. `NotFound` when there is no job `before`."""
    newest_first = sorted(records, key=_age, reverse=True)
    if wanted.before is not None:
        newest_first = newest_first[_place(newest_first, wanted.before) + 1 :]
    text = wanted.text.strip().casefold()
    found = (
        record
        for record in newest_first
        if (not wanted.states or record.state in wanted.states)
        and (not wanted.kinds or record.kind in wanted.kinds)
        and (not text or any(text in part.casefold() for part in (record.id, record.title, record.kind)))
    )
    return [record for record, _ in zip(found, range(wanted.limit), strict=False)]


def _age(record: JobStatus) -> tuple[datetime, str]:
    return record.created_at, record.id


def _place(records: list[JobStatus], job_id: str) -> int:
    for place, record in enumerate(records):
        if record.id == job_id:
            return place
    raise NotFound(f"There is no job {job_id[:80]!r}", "", "Ask for the list without `before`.")
