"""A home on a disk that fills up in the middle of a step: the job fails for that reason, and goes on when there is room."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .faults import Ledger, Row, Scene
from .stack import Stack, free_ports, make_home

pytestmark = pytest.mark.timeout(1800)
NEEDED = ("orchestrator", "caddy", "llamafactory", "llama-cpp")
PLENTY = "5g"
"""A tmpfs takes memory only for what lies in it: about 1 GiB here."""
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
    if os.geteuid():
        pytest.skip("mounting a small disk needs root: run this as root (sudo make test)")
    path = folder / "disk"
    path.mkdir()
    try:
        made = Disk(path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no tmpfs can be mounted here: {error.stderr.strip()}")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def small(stack: Stack, adapter: str, disk: Disk) -> Iterator[Stack]:
    """Another stack, with its home on that disk, and the same base and adapter."""
    home = make_home(disk.path / "home")
    for name in ("models/base", adapter, "data"):
        (home / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", str(stack.home / name), str((home / name).parent)], check=True)
    made = Stack(f"{stack.project}-disk", home, *free_ports(2))
    try:
        made.compose("up", "--detach", "--wait", *NEEDED)
        yield made
    finally:
        made.down()


@pytest.mark.parametrize("step", ["merge", "convert"])
def test_the_disk_fills_up(small: Stack, adapter: str, disk: Disk, ledger: Ledger, step: str) -> None:
    scene = Scene(small, adapter, random.Random(f"{ledger.seed} {step}"))
    job = scene.release("filled", again=step)
    scene.land(job, step)
    disk.fill()
    try:
        ended = scene.door.finish(job)
        scene.check_failed(ended, step, "disk-full")
        scene.check_log(ended)
        scene.check_nothing_left(ended)
        again = scene.door.post(f"/api/jobs/{job['id']}:retry")
        scene.held(again, "less than the reserve")
    finally:
        disk.free()
    ended = scene.door.succeed(again)
    scene.check_log(ended)
    scene.check_nothing_left(ended)
    ledger.rows.append(Row("disk filled up", step, "failed (disk-full), waited for room, retry succeeded"))
