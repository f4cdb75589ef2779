from __future__ import annotations

import math
import os
import time
from pathlib import Path

import pytest

from tunesmith.domain.place import Life
from tunesmith.runtimes.folder import Exit, parse_exit, read_attempt
from tunesmith.runtimes.process import Identity, alive, boot_id, start_ticks


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("0\n", Exit(0)),
        ("143" + " " * 60 + "\n", Exit(143)),
        ("1 disk-full   \n", Exit(1, disk_full=True)),
        ("", None),
        (" \n", None),
        ("256", None),
        ("-1", None),
        ("0x1", None),
        ("٣", None),
        ("1 2", None),
        ("1 disk-full disk-full", None),
    ],
)
def test_exit(text: str, parsed: Exit | None) -> None:
    assert parse_exit(text) == parsed


def test_an_empty_folder_and_a_missing_one_say_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        seen = read_attempt(folder)
        assert (seen.claimed, seen.exited, seen.exit, seen.started, seen.beat_age) == (False, False, None, None, math.inf)


def test_the_heartbeat_counts_from_the_boot(tmp_path: Path) -> None:
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    beat = tmp_path / "heartbeat"
    beat.write_text(f"{boot_id()} {up - 3:.2f}" + " " * 9 + "\n")
    os.utime(beat, (0, 0))
    assert 2.9 < read_attempt(tmp_path).beat_age < 9 and read_attempt(tmp_path).fresh
    beat.write_text(f"{boot_id()} {up - 11:.2f}\n")
    assert not read_attempt(tmp_path).fresh
    beat.write_text(f"another-boot {up:.2f}\n")
    assert not read_attempt(tmp_path).fresh


def test_before_the_first_beat_the_claim_counts(tmp_path: Path) -> None:
    (tmp_path / "claim").mkdir()
    (tmp_path / "heartbeat").write_text(" " * 63 + "\n")
    assert read_attempt(tmp_path).fresh


def test_an_observation_of_a_running_attempt_has_no_status(tmp_path: Path) -> None:
    (tmp_path / "exit").write_text("143\n")
    (tmp_path / "processes_left").write_text("12 34\n")
    seen = read_attempt(tmp_path)
    assert seen.observation(Life.RUNNING).exit_code is None
    assert seen.observation(Life.EXITED).exit_code == 143
    assert seen.observation(Life.EXITED).processes_left == (12, 34)


def test_a_process_is_its_pid_boot_and_start() -> None:
    ticks = start_ticks(os.getpid())
    assert ticks is not None
    assert alive(Identity(boot_id(), os.getpid(), ticks))
    assert not alive(Identity(boot_id(), os.getpid(), ticks + 1))
    assert not alive(Identity("another-boot", os.getpid(), ticks))


def test_a_zombie_is_not_alive() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert start_ticks(pid) is None
    os.waitpid(pid, 0)


@pytest.mark.parametrize("text", ["", "boot", "boot 1", "boot x 3", "boot 1 2 3", "boot -1 2"])
def test_an_identity_that_is_none(text: str) -> None:
    assert Identity.parse(text) is None
