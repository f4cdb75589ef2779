"""How busy this machine is: measured on a beat, remembered for ten minutes, and told to who listens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from tunesmith.domain.machine import Accelerator, AcceleratorHistory, Machine, MachineHistory
from tunesmith.system.hardware import disk, memory_limit, memory_used, nvidia_gpus, usable_cores
from tunesmith.system.watermark import fullest_folder

EVERY_SECONDS = 5.0
POINTS = 120
FIRST_SECONDS = 1.0
"""The CPU's share is that of a stretch of time: the first one is short, so that a page knows it soon."""
log = logging.getLogger("tunesmith.system")


class CpuTimes(NamedTuple):
    """Seconds since the boot, of all cores together."""

    busy: float
    idle: float


class MachineLoad(BaseModel):
    now: Machine | None
    """None: it wasn't measured yet."""
    history: MachineHistory


def share(before: CpuTimes, after: CpuTimes) -> float | None:
    """Percent of the time between two looks; None when there was none, or a counter went back."""
    busy, all_ = after.busy - before.busy, sum(after) - sum(before)
    return round(min(100.0, 100 * busy / all_), 1) if all_ > 0 and busy >= 0 else None


def cpu_times() -> CpuTimes:
    import psutil  # only here: a start doesn't need it

    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # What a guest uses is in its host's user time already.
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return CpuTimes(sum(times) - idle - guests, idle)


class MachineWatch:
    """`tell` gets the record after each beat. `clock` goes forward only, in seconds."""

    def __init__(
        self, home: Path, tell: Callable[[Machine], None] = lambda _: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._home, self._tell, self._clock = home, tell, clock
        self._ring: deque[tuple[int, Machine]] = deque(maxlen=POINTS)
        self._times: CpuTimes | None = None

    def load(self) -> MachineLoad:
        return MachineLoad(now=self._ring[-1][1] if self._ring else None, history=self.history())

    async def follow(self) -> None:
        """Until cancelled."""
        self._times = await asyncio.to_thread(cpu_times)
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                self.add(await asyncio.to_thread(self.measure))
            except Exception:  # one odd answer of the system must not end the measuring for good
                log.exception("Measuring this machine failed")
            # By the clock, so that each span of the history has its one measurement.
            await asyncio.sleep(EVERY_SECONDS - self._clock() % EVERY_SECONDS)

    def add(self, machine: Machine) -> None:
        self._ring.append((self._span(), machine))
        self._tell(machine)

    def measure(self) -> Machine:
        """Blocks for as long as `nvidia-smi` takes."""
        import psutil

        before, self._times = self._times, cpu_times()
        memory, limit = psutil.virtual_memory(), memory_limit()
        within = limit is not None and limit < memory.total
        there = self._disk()
        return Machine(
            measured_at=datetime.now(UTC),
            cores=usable_cores(),
            cpu_percent=share(before, self._times) if before else None,
            memory_used_bytes=memory_used() if within else memory.total - memory.available,
            memory_bytes=limit if within else memory.total,
            disk_free_bytes=there[0] if there else None,
            disk_bytes=there[1] if there else None,
            accelerators=[
                Accelerator(
                    index=gpu.index,
                    name=gpu.name,
                    utilisation_percent=gpu.utilisation_percent,
                    memory_used_bytes=gpu.used_bytes,
                    memory_bytes=gpu.memory_bytes,
                )
                for gpu in nvidia_gpus()[0]
            ],
        )

    def history(self) -> MachineHistory:
        """As long as anything was measured in it."""
        last = self._span()
        spans = {number: machine for number, machine in self._ring if number > last - POINTS}
        row = [spans.get(number) for number in range(min(spans, default=last + 1), last + 1)]
        return MachineHistory(
            every_seconds=EVERY_SECONDS,
            cpu_percent=[each.cpu_percent if each else None for each in row],
            memory_used_bytes=[each.memory_used_bytes if each else None for each in row],
            disk_free_bytes=[each.disk_free_bytes if each else None for each in row],
            accelerators=_accelerators(row),
        )

    def _span(self) -> int:
        return int(self._clock() // EVERY_SECONDS)

    def _disk(self) -> tuple[int, int] | None:
        """(free, all) bytes; None for a home that is gone."""
        try:
            found = disk("home", self._home, fullest_folder(self._home))
        except OSError:
            return None
        return found.free_bytes, found.total_bytes


def _accelerators(row: list[Machine | None]) -> list[AcceleratorHistory]:
    """Of every GPU that was there at some time in it."""
    each_time = [{gpu.index: gpu for gpu in machine.accelerators} if machine else {} for machine in row]
    return [
        AcceleratorHistory(
            index=index,
            utilisation_percent=[gpus[index].utilisation_percent if index in gpus else None for gpus in each_time],
            memory_used_bytes=[gpus[index].memory_used_bytes if index in gpus else None for gpus in each_time],
        )
        for index in sorted({index for gpus in each_time for index in gpus})
    ]
