"""How busy the machine is: by its own counters, with ten minutes of it."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunesmith.domain.machine import Accelerator, Machine
from tunesmith.jobs.events import Events
from tunesmith.system.hardware import memory_used
from tunesmith.system.load import CpuTimes, MachineWatch, cpu_times, share

from .test_hardware import fake_smi


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def machine(cpu: float | None = None, gpus: tuple[int, ...] = ()) -> Machine:
    accelerators = [Accelerator(index=index, name="A", utilisation_percent=index * 10) for index in gpus]
    return Machine(measured_at=datetime(2026, 1, 1, tzinfo=UTC), cores=2, cpu_percent=cpu, accelerators=accelerators)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (CpuTimes(10, 10), CpuTimes(11, 13), 25.0),
        (CpuTimes(10, 10), CpuTimes(10, 12), 0.0),
        (CpuTimes(10, 10), CpuTimes(12, 9.9), 100.0),
        (CpuTimes(10, 10), CpuTimes(10, 10), None),
        (CpuTimes(10, 10), CpuTimes(9, 20), None),
    ],
)
def test_a_share_is_that_of_all_cores_between_two_looks(before: CpuTimes, after: CpuTimes, percent: float | None) -> None:
    assert share(before, after) == percent


def test_the_counters_of_this_machine_add_up_to_its_time() -> None:
    first, deadline = cpu_times(), time.monotonic() + 60
    assert first.busy > 0
    # They move by ticks, and may stand still for a while.
    while not ((second := cpu_times()).busy > first.busy and sum(second) > sum(first)):
        assert time.monotonic() < deadline, (first, second)
        sum(range(100_000))


def test_this_machine_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_smi(tmp_path, 'echo "0, A, 1024, 256, 37, 1.2"', monkeypatch)
    found = MachineWatch(tmp_path).measure()
    assert found.cpu_percent is None, "one look tells nothing"
    assert found.memory_bytes and found.memory_used_bytes and 0 < found.memory_used_bytes < found.memory_bytes
    assert found.disk_bytes and found.disk_free_bytes is not None and found.disk_free_bytes <= found.disk_bytes
    assert found.accelerators == [
        Accelerator(index=0, name="A", utilisation_percent=37, memory_used_bytes=2**28, memory_bytes=2**30)
    ]
    assert MachineWatch(tmp_path / "gone" / "and-its-disk").measure().disk_bytes, "the disk on which it would be"


def test_ten_minutes_are_kept_with_gaps_where_nothing_was_measured() -> None:
    clock = Clock()
    watch = MachineWatch(Path("/"), clock=clock)
    assert (watch.load().now, watch.load().history.cpu_percent) == (None, [])
    watch.add(machine(10.0))
    clock.now += 10
    watch.add(machine(30.0, gpus=(1,)))
    history = watch.load().history
    assert (history.every_seconds, history.cpu_percent) == (5.0, [10.0, None, 30.0])
    assert [gpu.utilisation_percent for gpu in history.accelerators] == [[None, None, 10]]
    for number in range(500):
        clock.now += 5
        watch.add(machine(float(number)))
    assert watch.load().history.cpu_percent == [float(number) for number in range(380, 500)]
    clock.now += 590
    assert len(watch.load().history.cpu_percent) == 120 and watch.load().history.cpu_percent[-1] is None


async def test_each_beat_is_told_and_the_last_is_in_the_snapshot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tunesmith.system.load.FIRST_SECONDS", 0.05)
    # The kernel's counters may stand still for as short a time.
    looks = iter((CpuTimes(10, 10), CpuTimes(11, 13)))
    monkeypatch.setattr("tunesmith.system.load.cpu_times", lambda: next(looks))
    events = Events()
    stream = events.subscribe()
    assert json.loads((await anext(stream)).decode().partition("data: ")[2])["machine"] is None
    # By a clock that stands, the second beat is a whole span away: by the machine's it may come at once.
    following = asyncio.create_task(
        MachineWatch(tmp_path, lambda record: events.publish("machine", record), lambda: 0.0).follow()
    )
    told = json.loads((await asyncio.wait_for(anext(stream), 60)).decode().partition("data: ")[2])
    following.cancel()
    assert told["kind"] == "machine" and told["record"]["cpu_percent"] == 25.0
    snapshot = json.loads((await anext(events.subscribe())).decode().partition("data: ")[2])
    assert snapshot["machine"] == told["record"]


def test_within_a_limit_only_what_counts_against_it_is_used(tmp_path: Path) -> None:
    group, folder = tmp_path / "cgroup", tmp_path / "fs/pod"
    group.write_text("0::/pod\n")
    folder.mkdir(parents=True)
    assert memory_used(group, tmp_path / "fs") is None
    (folder / "memory.max").write_text("1000\n")
    assert memory_used(group, tmp_path / "fs") is None
    (folder / "memory.current").write_text("900\n")
    (folder / "memory.stat").write_text("anon 300\ninactive_file 500\n")
    assert memory_used(group, tmp_path / "fs") == 400
