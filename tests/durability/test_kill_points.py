"""The orchestrator is killed at every change that can be seen in `.tunesmith`, nothing runs twice or is lost."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from changes import Changes
from counted import Counted, check_models
from orchestra import PATIENCE_SECONDS, Life

AT_ONCE = 8
"""Lives beside each other, each on its own home: most of a life is waiting."""
POINTS_AT_LEAST = 100
FIRST_START_POINTS_AT_LEAST = 15
pytestmark = pytest.mark.xdist_group("kill points")


def killed_at(home: Path, job: Counted | None, point: int) -> str | None:
    """Kill an orchestrator at its change number `point`. The change's path; None when it was through before.

    Through: the job has ended; without one, the start is over.
    """
    ours = home / ".tunesmith"
    ours.mkdir(parents=True, exist_ok=True)
    with Changes(ours) as changes:
        life = Life(home, (job.ask(),) if job else ())
        deadline, seen = time.monotonic() + PATIENCE_SECONDS, 0
        try:
            while True:
                names = changes.next(0.02)
                seen += len(names)
                if seen >= point:
                    return str(Path(names[point - seen - 1]).relative_to(ours))
                life.listen(0)
                if life.has_ended(job.id) if job else life.has_opened:
                    return None
                assert time.monotonic() < deadline, life.records
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


def outlived_first_start(home: Path, point: int) -> str | None:
    """The database is being made; the next life finds it half made and still runs jobs."""
    change = killed_at(home, None, point)
    job = Counted(home, "job-1", makes=("",), seconds=(0.0,))
    life = Life(home).opened()
    try:
        life.submit(job.ask())
        job.check_succeeded(life.finish([job.id])[job.id])
    finally:
        life.kill()
    shutil.rmtree(home)
    return change


def sweeps(folder: Path, outlive: Callable[[Path, int], str | None], enough: Callable[[list[str]], bool]) -> list[str]:
    """Sweep after sweep until there were enough kills: a watcher that is kept from the cores sees several changes as one."""
    points = list[str]()
    for number in itertools.count(1):
        found = sweep(folder / f"sweep-{number}", outlive)
        assert found, "a life is over before it changes anything"
        points += found
        if enough(points):
            return points
    raise AssertionError("counting never ends")


def sweep(folder: Path, outlive: Callable[[Path, int], str | None]) -> list[str]:
    """Every point from the first on, until a life is through before its point comes."""
    numbers, points, failed = itertools.count(1), list[str](), threading.Event()

    def some() -> Iterator[str]:
        while not failed.is_set():
            point = next(numbers)
            home = folder / f"home-{point}"
            try:
                change = outlive(home, point)
            except BaseException as error:
                failed.set()
                error.add_note(f"killed at change {point}")
                raise
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

    def outlive(home: Path, point: int) -> str | None:
        shutil.copytree(template, home)
        return outlived(home, point)

    began = time.monotonic()
    points = sweeps(tmp_path, outlive, lambda points: len(points) >= POINTS_AT_LEAST and in_jobs(points) >= POINTS_AT_LEAST / 2)
    took = time.monotonic() - began
    inside = in_jobs(points)
    print(f"\n{len(points)} kill points in {took:.0f} s: {inside} in job folders, {len(points) - inside} in state")


def in_jobs(points: list[str]) -> int:
    return sum(change.startswith("jobs/") for change in points)


@pytest.mark.timeout(600)
def test_killed_at_every_change_of_the_first_start(tmp_path: Path) -> None:
    began = time.monotonic()
    points = sweeps(tmp_path, outlived_first_start, lambda points: len(points) >= FIRST_START_POINTS_AT_LEAST)
    print(f"\n{len(points)} kill points in the first start of a home in {time.monotonic() - began:.0f} s")
