"""Job folders deleted by hand, and marks of time that lie: the record says what is true, and nothing starts by mistake."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from counted import Counted
from orchestra import Life

from tunesmith.domain.job import JobStatus, Reason, State
from tunesmith.domain.step import Lane

Begin = Callable[..., Life]


def ends_as_deleted(life: Life, job: Counted) -> None:
    record = life.finish([job.id])[job.id]
    assert (record.state, record.reason) == (State.FAILED, Reason.LOST)
    assert "deleted" in next(step.message for step in record.steps if step.state is State.FAILED)


def delete(folder: Path) -> None:
    """As `rm -rf` does it, again when something was written meanwhile."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("killed", [False, True], ids=["same life", "next life"])
def test_deleted_under_a_running_step(home: Path, live: Begin, killed: bool) -> None:
    job = Counted(home, "job-1", held=frozenset({0}), lane=Lane.ACCELERATOR)
    after = Counted(home, "job-2", lane=Lane.ACCELERATOR)
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    life.submit(after.ask())
    if killed:
        life.kill()
    delete(job.folder)
    if killed:
        life = live().opened()
        assert job.id not in {record.id for record in life.all()}
    else:
        ends_as_deleted(life, job)
    after.check_succeeded(life.finish([after.id])[after.id])
    job.let_go(0)
    life.until(lambda: len(job.runs(0)) == 2, "its command ends")
    assert not job.runs(1) and not job.folder.exists()
    assert not any(path.exists() for path in job.artifacts())


def test_deleted_while_it_waits_for_its_lane(home: Path, live: Begin) -> None:
    first = Counted(home, "job-1", held=frozenset({0}), lane=Lane.ACCELERATOR)
    waits = Counted(home, "job-2", lane=Lane.ACCELERATOR)
    last = Counted(home, "job-3", lane=Lane.ACCELERATOR)
    life = live().opened()
    for job in (first, waits, last):
        life.submit(job.ask())
    delete(waits.folder)
    first.let_go(0)
    records = life.finish([first.id, last.id])
    first.check_succeeded(records[first.id])
    last.check_succeeded(records[last.id])
    waits.check_never_was()
    assert not waits.folder.exists()
    ends_as_deleted(life, waits)


def test_a_running_attempt_deleted_fails_the_job_and_starts_nothing(home: Path, live: Begin) -> None:
    job = Counted(home, "job-1", held=frozenset({0}), lane=Lane.ACCELERATOR)
    after = Counted(home, "job-2", lane=Lane.ACCELERATOR)
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    delete(job.folder / "01-step-0")
    # Its command is still alive, and nothing tells so any more: to run it again beside itself would be worse.
    # Once the lane is free for another job, this one will do nothing more.
    after.check_succeeded(life.submit_and_finish(after.ask()))
    job.let_go(0)
    life.until(lambda: len(job.runs(0)) == 2, "its command ends")
    assert [line.split()[0] for line in job.runs(0)] == ["start", "stop"]
    assert not job.runs(1)


@pytest.mark.parametrize("jump", [-(10.0**9), 10.0**8], ids=["years back", "years on"])
def test_a_clock_that_jumped_makes_no_live_job_lost(home: Path, live: Begin, jump: float) -> None:
    """As a jump leaves it: files of the future or the distant past, one life after the other."""
    job = Counted(home, "job-1", held=frozenset({0}))
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    then = forge(job.folder, jump)
    life.until(lambda: life.records[job.id].started_at == then, "it has looked at the forged files")
    assert life.records[job.id].state is State.RUNNING
    life.kill()
    forge(job.folder, jump)
    life = live().opened()
    found = life.all()[0]
    assert isinstance(found, JobStatus) and found.state is State.RUNNING
    job.let_go(0)
    job.check_succeeded(life.finish([job.id])[job.id])


def forge(folder: Path, jump: float) -> datetime:
    """Every file of the folder is from another time, which is returned."""
    then = int(max(0.0, time.time() + jump))
    for path in folder.rglob("*"):
        os.utime(path, (then, then), follow_symlinks=False)
    return datetime.fromtimestamp(then, UTC)


@pytest.mark.parametrize("beat", ["garbled", "{boot} 1.0", "{boot} 99999999.9"])
def test_a_heartbeat_that_lies_makes_no_live_job_lost(home: Path, live: Begin, beat: str) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    job = Counted(home, "job-1", held=frozenset({0}))
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    heartbeat = job.folder / "01-step-0" / "1" / "heartbeat"
    life.kill()
    heartbeat.write_text(beat.format(boot=boot))
    life = live().opened()
    assert life.all()[0].state is State.RUNNING
    job.let_go(0)
    job.check_succeeded(life.finish([job.id])[job.id])
