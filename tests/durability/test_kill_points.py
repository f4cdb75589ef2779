"""The orchestrator is killed at every change that can be seen in `.tunesmith`, nothing runs twice or is lost."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from changes import Changes
from counted import Counted, check_models
from orchestra import PATIENCE_SECONDS, Life

AT_ONCE = 6
"""Lives beside each other, each on its own home: most of a life is waiting."""
POINTS_AT_LEAST = 100


def killed_at(home: Path, job: Counted, point: int) -> str | None:
    """Kill an orchestrator at its change number `point`. The change's path; None when the job was through before."""
    ours = home / ".tunesmith"
    ours.mkdir(parents=True, exist_ok=True)
    with Changes(ours) as changes:
        life = Life(home, (job.ask(),))
        deadline, seen = time.monotonic() + PATIENCE_SECONDS, 0
        try:
            while True:
                names = changes.next(0.02)
                seen += len(names)
                if seen >= point:
                    return str(Path(names[point - seen - 1]).relative_to(ours))
                life.listen(0)
                if job.id in life.records and life.records[job.id].state.final:
                    return None
                assert time.monotonic() < deadline, job.story(life.records.get(job.id))
        finally:
            life.kill()


def outlived(home: Path, point: int) -> str | None:
    """One kill point and the life after it, which must set everything right."""
    job = Counted(home, f"job-{point}")
    change = killed_at(home, job, point)
    job.check_visible()
    life = Life(home).opened()
    try:
        if job.accepted:
            life.finish([job.id])
            job.check_succeeded(life.records[job.id])
            check_models(home, [job])
        else:
            assert life.all() == []
            job.check_never_was()
    finally:
        life.kill()
    shutil.rmtree(home)
    return change


def sweep(folder: Path, template: Path | None) -> list[str]:
    """Every point from the first on, until a job is through before its point comes."""
    numbers, points = itertools.count(1), []

    def some() -> Iterator[str]:
        while True:
            point = next(numbers)
            home = folder / f"home-{point}"
            if template:
                shutil.copytree(template, home)
            change = outlived(home, point)
            if change is None:
                return
            yield change

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for found in [threads.submit(lambda: list(some())) for _ in range(AT_ONCE)]:
            points += found.result()
    return points


@pytest.mark.timeout(600)
def test_killed_at_every_change(tmp_path: Path) -> None:
    template = tmp_path / "template"
    Life(template).opened().kill()
    began = time.monotonic()
    points = sweep(tmp_path, template)
    in_jobs = sum(change.startswith("jobs/") for change in points)
    took = time.monotonic() - began
    print(f"\n{len(points)} kill points in {took:.0f} s: {in_jobs} in job folders, {len(points) - in_jobs} in state")
    assert len(points) >= POINTS_AT_LEAST
    assert in_jobs >= POINTS_AT_LEAST / 2
