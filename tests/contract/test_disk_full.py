# ruff: noqa: ASYNC240
"""A full disk fails a step with that reason; with room again, the next attempt succeeds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from trial import GRACE_SECONDS, Trial

from tunesmith.domain.errors import NotEnough
from tunesmith.domain.job import Reason
from tunesmith.domain.place import Life, Observation
from tunesmith.domain.step import Output
from tunesmith.runtimes.reason import failure_reason

WRITE = "import sys; open(sys.argv[1], 'wb').write(bytes(1 << 20)); print('written')"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 kB."""
    path = tmp_path / "disk"
    path.mkdir()
    if os.geteuid():
        pytest.skip("mounting a small tmpfs needs root: run this as root (sudo make test)")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(path)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def reason(attempt: Path, seen: Observation) -> Reason:
    return failure_reason(seen.exit_code or 0, (attempt / "log").read_bytes(), seen.disk_full)


def output(disk: Path) -> Output:
    return Output(part=str(disk / ".model.part"), path=str(disk / "model"), sidecar={"a": "b"})


async def test_output_on_a_full_disk(trial: Trial, disk: Path) -> None:
    attempt, seen = await trial.run(trial.python(WRITE, str(disk / ".model.part"), outputs=(output(disk),)))
    assert (seen.life, seen.exit_code, reason(attempt, seen)) == (Life.EXITED, 1, Reason.DISK_FULL)
    assert not [path for path in disk.iterdir() if "model" in path.name]


async def test_everything_on_the_full_disk_and_then_room_again(trial: Trial, disk: Path) -> None:
    small = WRITE.replace("1 << 20", "1000")
    hog = "import sys; f = open(sys.argv[1], 'wb', 0)\nwhile f.write(bytes(4096)): pass"
    attempt, seen = await trial.run(trial.python(hog, str(disk / "hog")), trial.attempt(disk))
    # Python's status is 120 when not even its own message can be written.
    assert seen.exit_code in (1, 120) and seen.disk_full
    assert reason(attempt, seen) is Reason.DISK_FULL
    assert b"No space left on device. Make room" in (attempt / "log").read_bytes()
    (disk / "hog").unlink()
    again = await trial.run(trial.python(small, str(disk / ".model.part"), outputs=(output(disk),)), trial.attempt(disk))
    assert again[1].exit_code == 0
    assert (disk / "model").stat().st_size == 1000


async def test_running_on_a_full_disk_is_seen_and_can_be_cancelled(trial: Trial, disk: Path) -> None:
    attempt, command = trial.attempt(disk), trial.shell("echo ready; sleep 1000")
    await trial.runtime.start(attempt, command)
    await trial.file(attempt / "log")
    _fill(disk)
    assert (await trial.runtime.observe(attempt)).life is Life.RUNNING
    seen = await trial.runtime.cancel(attempt, command, GRACE_SECONDS)
    assert (seen.life, seen.exit_code, seen.cancelled) == (Life.EXITED, 143, True)


async def test_a_start_on_a_full_disk_claims_nothing(trial: Trial, disk: Path) -> None:
    attempt = trial.attempt(disk)
    _fill(disk)
    with pytest.raises(NotEnough, match="disk is full"):
        await trial.runtime.start(attempt, trial.shell("exit 0"))
    assert (await trial.runtime.observe(attempt)).life is Life.ABSENT
    (disk / "hog").unlink()
    assert (await trial.run(trial.shell("exit 0"), attempt))[1].exit_code == 0


def _fill(disk: Path) -> None:
    with (disk / "hog").open("wb", buffering=0) as hog:
        try:
            while hog.write(bytes(4096)):
                pass
        except OSError as error:
            assert "No space" in str(error)
