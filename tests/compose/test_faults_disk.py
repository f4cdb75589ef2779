"""A home on a disk that fills up in the middle of its steps: the job fails for that reason, and goes on when there is room."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors.ports import free_ports
from kit.home import copy_tuned

from .faults import Job, Ledger, Row, Scene
from .needs import leave_out, need_root
from .stack import QUICK, USER, Stack, make_home

pytestmark = pytest.mark.timeout(3600)
NEEDED = ("orchestrator", "caddy", "llamafactory", "llama-cpp")
PLENTY = "5g"
"""A tmpfs takes memory only for what lies in it: about 2 GiB here."""
LEFT_BYTES = 24 << 20
"""Less than a step writes, and more than the queue needs to note that it failed."""


class Disk:
    """A small disk whose size changes under those who use it, as if others filled it or made room."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _mount("-t", "tmpfs", "-o", f"size={PLENTY},mode=755", "tmpfs", str(path))

    def fill(self) -> None:
        room = os.statvfs(self.path)
        used = (room.f_blocks - room.f_bfree) * room.f_frsize
        _mount("-o", f"remount,size={used + LEFT_BYTES}", str(self.path))

    def free(self) -> None:
        _mount("-o", f"remount,size={PLENTY}", str(self.path))

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.path)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def disk(folder: Path) -> Iterator[Disk]:
    need_root("mounting a small disk")
    path = folder / "disk"
    path.mkdir()
    try:
        made = Disk(path)
    except subprocess.CalledProcessError as error:
        leave_out(f"no tmpfs can be mounted here: {error.stderr.strip()}")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def small(stack: Stack, adapter: str, disk: Disk) -> Iterator[Stack]:
    """Another stack, with its home on that disk."""
    home = make_home(disk.path / "home")
    copy_tuned(home, owner=USER)
    made = Stack(f"{stack.project}-disk", home, *free_ports(2), overlays=(QUICK,))
    try:
        made.compose("up", "--detach", "--wait", *NEEDED)
        yield made
    finally:
        made.down()


def test_the_disk_fills_up(small: Stack, adapter: str, disk: Disk, ledger: Ledger) -> None:
    """In merge, and once there is room again and the job went on, in convert."""
    scene = Scene(small, adapter, random.Random(f"{ledger.seed} disk"))
    job = scene.release("filled", again="merge")
    fill_under(scene, job, "merge", disk)
    fill_under(scene, job, "convert", disk)
    ended = scene.door.succeed(job)
    assert [step["attempt"] for step in ended["steps"]] == [2, 2, 1, 1]
    scene.check_log(ended)
    scene.check_nothing_left(ended)
    outcome = "failed (disk-full), waited for room, retry succeeded"
    ledger.rows += [Row("disk filled up", step, outcome) for step in ("merge", "convert")]


def fill_under(scene: Scene, job: Job, step: str, disk: Disk) -> None:
    """The disk is full from a moment in this step until the job, which failed and goes on, waits for room."""
    hold = scene.land(job, step)
    disk.fill()
    try:
        hold.let_go()
        scene.check_broken(job, step, "disk-full")
        scene.held(scene.go_on(job), "less than the reserve")
    finally:
        disk.free()
