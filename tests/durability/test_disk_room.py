"""A disk that is nearly full holds the queue; one that is full fails or holds a job, which goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from counted import Counted, check_models
from orchestra import OBSTACLE, Ask, Life

from tunesmith.domain.job import JobStatus, Reason, State
from tunesmith.domain.step import Lane, Output, Step, Toolbox

Begin = Callable[..., Life]
WHY = "The disk has 0.1 GiB free."
MIB = 1 << 20


def is_held(life: Life) -> None:
    life.until(lambda: [record.holds for record in life.records.values()] == [WHY, WHY])
    assert {record.state for record in life.records.values()} == {State.PENDING}


def test_watermark_holds_the_queue_through_a_kill(home: Path, live: Begin) -> None:
    job, other = Counted(home, "job-1"), Counted(home, "job-2")
    (home / OBSTACLE).write_text(WHY)
    life = live(job.ask(), other.ask()).opened()
    for _ in range(2):
        is_held(life)
        life.kill()
        life = live().opened()
    is_held(life)
    record = life.ask("cancel", other.id)
    assert isinstance(record, JobStatus) and record.state is State.CANCELLED
    assert not job.runs(0)
    (home / OBSTACLE).unlink()
    record = life.finish([job.id])[job.id]
    assert record.holds is None
    job.check_succeeded(record)
    other.check_never_was()
    check_models(home, [job])


def test_watermark_holds_between_steps(home: Path, live: Begin) -> None:
    job = Counted(home, "job-1", held=frozenset({0}))
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    (home / OBSTACLE).write_text(WHY)
    job.let_go(0)
    life.until(lambda: life.holds(job.id) == WHY)
    assert life.records[job.id].state is State.RUNNING
    assert not job.runs(1)
    (home / OBSTACLE).unlink()
    job.check_succeeded(life.finish([job.id])[job.id])


@pytest.fixture
def home_on_small_disk(home: Path) -> Iterator[Path]:
    """A home on a disk of its own, of 48 MiB."""
    if os.geteuid():
        pytest.skip("mounting a small tmpfs needs root: run this as root (sudo make test)")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(home)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield home
    subprocess.run(["umount", "-l", str(home)], check=True)


def fill(home: Path, leave: int = 0) -> Path:
    """Takes all room but `leave` bytes; deleting the file gives it back."""
    ballast = home / "ballast"
    with ballast.open("wb", buffering=0) as file:
        free = os.statvfs(home).f_bavail * os.statvfs(home).f_bsize
        file.write(bytes(max(0, free - leave)))
    return ballast


def writes(home: Path, size: int) -> Ask:
    """A job that makes one file of `size` bytes."""
    path, part = str(home / "models" / "gguf" / "big"), str(home / "models" / "gguf" / ".big.part")
    output = Output(part=part, path=path, sidecar={"job": "job-big"})
    argv = ("sh", "-c", 'echo ran >>"$1"; head -c "$2" /dev/zero >"$3"', "sh", str(home / "ran"), str(size), part)
    return Ask("job-big", Lane.LIGHT, (Step(name="write", toolbox=Toolbox.SYSTEM, argv=argv, outputs=(output,)),))


def test_a_command_that_fills_the_disk_fails_so_and_succeeds_when_retried(home_on_small_disk: Path, live: Begin) -> None:
    home = home_on_small_disk
    life = live().opened()
    ballast = fill(home, leave=20 * MIB)
    life.submit(writes(home, 24 * MIB))
    record = life.finish(["job-big"])["job-big"]
    assert (record.state, record.reason) == (State.FAILED, Reason.DISK_FULL)
    assert list((home / "models" / "gguf").iterdir()) == []
    life.kill()
    life = live().opened()
    life.until(lambda: "job-big" in life.records)
    assert life.records["job-big"].reason is Reason.DISK_FULL
    ballast.unlink()
    life.ask("retry", "job-big")
    record = life.finish(["job-big"])["job-big"]
    assert (record.state, record.steps[0].attempt) == (State.SUCCEEDED, 2)
    assert (home / "models" / "gguf" / "big").stat().st_size == 24 * MIB
    assert (home / "ran").read_text() == "ran\nran\n"


def test_a_job_can_be_cancelled_on_a_full_disk(home_on_small_disk: Path, live: Begin) -> None:
    job = Counted(home_on_small_disk, "job-1", makes=("", "", ""), held=frozenset({0}))
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    ballast = fill(home_on_small_disk)
    said = life.ask("cancel", job.id)
    ballast.unlink()
    # With no room at all the later steps may stay unclaimed; then the answer says so, but what ran has ended.
    assert "The disk is full" in said if isinstance(said, str) else isinstance(said, JobStatus)
    life.until(lambda: life.records[job.id].state is State.CANCELLED)
    assert len(job.runs(0)) == 1 and not job.runs(1)


@pytest.mark.parametrize("killed", [False, True], ids=["same life", "next life"])
def test_no_byte_left_between_two_steps(home_on_small_disk: Path, live: Begin, killed: bool) -> None:
    """Neither the next attempt nor the database can be written: the job waits and goes on by itself."""
    home = home_on_small_disk
    job = Counted(home, "job-1", makes=("", "", ""), held=frozenset({0}))
    life = live(job.ask()).opened()
    life.until(lambda: job.started(0))
    ballast = fill(home)
    job.let_go(0)
    life.until(lambda: "free" in (life.holds(job.id) or ""))
    assert not job.runs(1)
    if killed:
        life.kill()
    ballast.unlink()
    if killed:
        life = live().opened()
    record = life.finish([job.id])[job.id]
    assert record.holds is None
    job.check_succeeded(record)


def test_submit_on_a_full_disk_is_refused_and_leaves_nothing(home_on_small_disk: Path, live: Begin) -> None:
    home = home_on_small_disk
    life = live().opened()
    job = Counted(home, "job-1", makes=("", ""), seconds=(0.0, 0.0))
    job.ask()
    ballast = fill(home)
    assert "The disk is full" in str(life.ask("submit", job.ask()))
    ballast.unlink()
    assert life.all() == []
    assert not job.folder.exists()
    again = Counted(home, "job-2", makes=("", ""), seconds=(0.0, 0.0))
    life.submit(again.ask())
    again.check_succeeded(life.finish([again.id])[again.id])
    job.check_never_was()
